import { tick } from 'svelte';

import type { Call } from '../call/model';
import { wordsOf } from '../lib/callWords';

/** What happens in a call is said, not only shown. */
export class Announcer {
  /** For who is read to. */
  words = $state('');
  /** All that happened at once is said together, as only the last is read out. */
  #happened: string[] = [];

  /** Says what happens in a call, until ended. */
  follow(call: Call): () => void {
    return call.listen((event) => {
      const words = wordsOf(event);
      if (words !== undefined) this.#say(words);
    });
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
