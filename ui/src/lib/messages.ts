import type { ChatMessage } from '../call/model';

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
