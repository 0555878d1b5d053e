import type { Call } from '../call/model';

/** What was said is read out together, no more often than it can be listened to, milliseconds. */
const EVERY = 4_000;
/** Characters of that: of what is longer its end. */
const MOST = 400;

/** Reads out what others say, once it is final, for who wants that. */
export class CaptionReader {
  /** For who is read to. */
  words = $state('');

  /** From now on, until ended. */
  follow(call: Call): () => void {
    /** What was there before is not read out; what was interim then is, once it is final. */
    let told = call.captions.filter(({ interim }) => !interim).map(({ id }) => id);
    let waiting: string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = (): void => {
      timer = undefined;
      if (waiting.length === 0) return;
      const words = waiting.join(' ');
      waiting = [];
      this.words = words.length > MOST ? `…${words.slice(-MOST)}` : words;
      timer = setTimeout(read, EVERY);
    };
    const stop = call.subscribe(() => {
      const final = call.captions.filter(({ interim }) => !interim);
      for (const { id, from, local, text } of final)
        if (!told.includes(id) && !local) waiting.push(`${from}: ${text}`);
      told = final.map(({ id }) => id);
      // What nobody can listen to any more is not kept either.
      waiting = waiting.slice(-10);
      if (timer === undefined) read();
    });
    return () => {
      stop();
      clearTimeout(timer);
      this.words = '';
    };
  }
}
