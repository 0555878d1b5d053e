/** Characters of a name that are shown. */
const LONGEST_NAME = 60;

/** What turns the direction of the text around it, or cannot be seen (Unicode, UAX 9). */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const UNSEEN = /[\u00ad\u200b\u2060-\u2064\ufeff]/gu;

/** What others write: in its own order, with its lines. */
export function plainText(text: string): string {
  return text.replace(TURNING, '');
}

/** What others are called: one line in its own order, cut. `otherwise` if nothing is to be seen. */
export function plainName(name: string, otherwise: string): string {
  const line = (text: string): string =>
    plainText(text)
      .replace(UNSEEN, '')
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim();
  const plain =
    [line(name), line(otherwise)].find((each) => /[^\p{C}\p{M}\p{Z}]/u.test(each)) ?? '?';
  const letters = Array.from(plain);
  return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME).join('')}…` : plain;
}
