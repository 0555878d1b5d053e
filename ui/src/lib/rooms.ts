import type { HistoryEntry } from '../platform';

/** Letters that are not mistaken for others when they are read out. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz';

/** A name that nobody has thought of before, such as `bkd-xnmf-wqa`: 10 letters, 45 bits. */
export function newRoom(): string {
  const letters = Array.from(crypto.getRandomValues(new Uint32Array(10)), (number) =>
    LETTERS.charAt(number % LETTERS.length),
  ).join('');
  return `${letters.slice(0, 3)}-${letters.slice(3, 7)}-${letters.slice(7)}`;
}

/** The newest meeting in each of the rooms that one can go back to, at most `most`. */
export function recentRooms(entries: readonly HistoryEntry[], most: number): HistoryEntry[] {
  const seen = new Set<string>();
  return entries
    .filter(({ room, sessionId }) => sessionId === null && !seen.has(room) && seen.add(room))
    .slice(0, most);
}
