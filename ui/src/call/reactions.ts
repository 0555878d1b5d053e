/** UTF-16 units of the longest emoji: a family of four with its joints has eleven. */
const LONGEST = 16;

const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}/u;
const WORDS = /[\p{L}\p{Z}\p{Cc}]/u;

/** Reactions of one participant that are told at once, and how soon one more, milliseconds. */
export const REACTIONS = { burst: 10, period: 500 } as const;

/** What others sent as a reaction, if it is one. */
export function emojiOf(text: string): string | undefined {
  const emoji = text.trim();
  return emoji.length <= LONGEST && PICTURE.test(emoji) && !WORDS.test(emoji) ? emoji : undefined;
}
