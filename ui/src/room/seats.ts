/** Who sits where: ids in the order of their seats. None is free, and who stays keeps theirs. */
export type Seats = readonly string[];

/**
 * Whoever came takes the next seat. The seat of who went is taken by whoever has the last one, and
 * nobody else moves.
 */
export function follow(seats: Seats, present: readonly string[]): Seats {
  const here = new Set(present);
  const next = [...seats];
  for (let seat = next.length - 1; seat >= 0; seat -= 1) {
    if (here.has(next[seat] ?? '')) continue;
    const last = next.pop();
    if (seat < next.length && last !== undefined) next[seat] = last;
  }
  const seated = new Set(next);
  next.push(...present.filter((id) => !seated.has(id)));
  const same = next.length === seats.length && next.every((id, seat) => id === seats[seat]);
  return same ? seats : next;
}

/** Two change seats; as before if either has none. */
export function swap(seats: Seats, one: string, other: string): Seats {
  const [first, second] = [seats.indexOf(one), seats.indexOf(other)];
  if (first < 0 || second < 0 || first === second) return seats;
  return seats.with(first, other).with(second, one);
}

/** The seats of one page. */
export interface Page {
  /** Of the first seat. */
  readonly from: number;
  readonly size: number;
}

/**
 * Whoever speaks has a seat on a page: on another one they change with whoever there has been silent
 * longest, and not with one who speaks as well.
 *
 * @param heard When somebody was heard last; of whom nothing was ever heard: undefined.
 */
export function bring(
  seats: Seats,
  { from, size }: Page,
  speaking: readonly string[],
  heard: (id: string) => number | undefined,
): Seats {
  let next = seats;
  for (const speaker of speaking) {
    const seat = next.indexOf(speaker);
    if (seat < 0 || (seat >= from && seat < from + size)) continue;
    const [quietest] = next
      .slice(from, from + size)
      .filter((id) => !speaking.includes(id))
      // Of those who are alike the last one: who has been here longest stays.
      .toReversed()
      .toSorted((one, other) => (heard(one) ?? 0) - (heard(other) ?? 0));
    if (quietest !== undefined) next = swap(next, speaker, quietest);
  }
  return next;
}
