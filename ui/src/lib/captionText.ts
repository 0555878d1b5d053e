import type { Caption } from '../call/model';
import { timeStamp } from './chatText';
import { t, unmarked } from '../words/language.svelte';

/** How long what was said last is shown under the stage, milliseconds. */
const LINGERS = 8_000;
/** How many of those at once: more are read by nobody. */
const MOST = 3;
/** Characters of each: of what is longer its end is shown. */
const SHOWN = 240;

/** What stands under the stage now (milliseconds since 1970), the newest last. */
export function shownCaptions(captions: readonly Caption[], now: number): readonly Caption[] {
  return captions.slice(-MOST).filter(({ changed }) => now - changed < LINGERS);
}

/** The end of a text that is too long to be shown at once, from the beginning of a word. */
export function endOf(text: string): string {
  if (text.length <= SHOWN) return text;
  const end = text.slice(-SHOWN);
  return `…${end.slice(end.indexOf(' ') + 1)}`;
}

/** Captions as a text that can be kept: one after the other, with when and from whom. */
export function captionsText(title: string, captions: readonly Caption[]): string {
  const lines = captions.map(({ at, from, text }) => `${timeStamp(at)} ${from}\n${text}\n`);
  return `${title}\n\n${lines.join('\n')}`;
}

/** What a file with it is called. */
export function captionsFileName(title: string, at: number): string {
  const time = timeStamp(at).replaceAll(':', '.');
  return `${unmarked(t('transcript-file', { title, time }))}.txt`;
}
