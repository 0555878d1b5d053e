import type { ChatMessage } from '../call/model';

/** Characters and lines of a message that are shown unless it is unfolded: nobody's fills the panel. */
const [MOST_CHARACTERS, MOST_LINES] = [1_000, 20];

/** The beginning of what is too long to be shown at once; undefined: all of it is shown. */
export function folded(text: string): string | undefined {
  let end = -1;
  for (let line = 0; line < MOST_LINES; line += 1) {
    end = text.indexOf('\n', end + 1);
    if (end < 0 || end > MOST_CHARACTERS) break;
  }
  const cut = end < 0 ? MOST_CHARACTERS : Math.min(end, MOST_CHARACTERS);
  return text.length > cut ? `${text.slice(0, cut)}…` : undefined;
}

/** Milliseconds within which messages of one sender stand together. */
const TOGETHER = 5 * 60_000;

/** Messages by what they are called. Whoever takes another's key comes after them. */
export function byKey(messages: readonly ChatMessage[]): ReadonlyMap<string, ChatMessage> {
  const known = new Map<string, ChatMessage>();
  for (const each of messages)
    if (each.key !== undefined && !known.has(each.key)) known.set(each.key, each);
  return known;
}

/** Whether a message is shown under the same name as the one before. */
export function follows(message: ChatMessage, before: ChatMessage | undefined): boolean {
  return (
    before?.omitted === 0 &&
    before.from === message.from &&
    before.local === message.local &&
    before.privateWith === message.privateWith &&
    message.at - before.at < TOGETHER
  );
}
