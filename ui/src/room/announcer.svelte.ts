import { tick } from 'svelte';

import type { Call } from '../call/model';
import { messageWords, wordsOf } from '../lib/callWords';
import { whenWritten } from './fresh';

/** What happens in a call is said, not only shown. */
export class Announcer {
  /** For who is read to. */
  words = $state('');
  /** All that happened at once is said together, as only the last is read out. */
  #happened: string[] = [];

  /** Says what happens in a call, until ended. */
  follow(call: Call): () => void {
    const stop = call.listen((event) => {
      const words = wordsOf(event);
      if (words !== undefined) this.#say(words);
    });
    const stopReading = this.#read(call);
    return () => {
      stop();
      stopReading();
    };
  }

  /** What others write from now on, and what of one's own was not sent. */
  #read(call: Call): () => void {
    const stop = whenWritten(call, (fresh) => {
      const words = messageWords(fresh);
      if (words !== undefined) this.#say(words);
    });
    let failed: readonly number[] = [];
    const stopFailed = call.subscribe(() => {
      const before = failed;
      failed = call.messages.filter(({ delivery }) => delivery === 'failed').map(({ id }) => id);
      if (failed.some((id) => !before.includes(id))) this.#say('Your message was not sent.');
    });
    return () => {
      stop();
      stopFailed();
    };
  }

  #say(words: string): void {
    this.#happened.push(words);
    if (this.#happened.length > 1) return;
    void tick().then(() => {
      this.words = this.#happened.join(' ');
      this.#happened = [];
    });
  }
}
