import { tick } from 'svelte';

import type { Call } from '../call/model';
import { messageWords, recordingWords, wordsOf } from '../lib/callWords';
import { whenWritten } from './fresh';
import { t } from '../words/language.svelte';

/**
 * How long whoever has come in has been there before they are told what goes on already, milliseconds: what
 * stands in a region from the start, or comes with it, is read out by few screen readers.
 */
const ENTERED = 1_000;

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
    const stopWatching = this.#watchRecording(call);
    return () => {
      stop();
      stopReading();
      stopWatching();
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
      if (failed.some((id) => !before.includes(id))) this.#say(t('event-not-sent'));
    });
    return () => {
      stop();
      stopFailed();
    };
  }

  /** That it is recorded, also to who comes in meanwhile, and that it is no more. */
  #watchRecording(call: Call): () => void {
    let entering = true;
    let told = false;
    const look = (): void => {
      if (entering || call.recording === told) return;
      told = call.recording;
      this.#say(recordingWords(told, false));
    };
    const timer = setTimeout(() => {
      entering = false;
      told = call.recording;
      if (told) this.#say(recordingWords(true, true));
    }, ENTERED);
    const stop = call.subscribe(look);
    return () => {
      clearTimeout(timer);
      stop();
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
