import { describe, expect, it } from 'vitest';

import { bring, follow, swap, type Seats } from '../../src/room/seats';

/** The same sequence each time (xorshift). */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

describe('seats', () => {
  it('are kept by who stays: one moves for each who goes, and none for who comes', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const roll = dice(seed);
      let seats: Seats = [];
      let present: string[] = [];
      for (let step = 0; step < 100; step += 1) {
        const gone = present.filter(() => roll(8) === 0);
        const came = Array.from({ length: roll(3) }, (_, each) => `${step}.${each}`);
        present = [...present.filter((id) => !gone.includes(id)), ...came];
        const before = seats;
        seats = follow(before, present);
        expect(seats.toSorted()).toEqual(present.toSorted());
        const moved = before.filter((id, seat) => present.includes(id) && seats[seat] !== id);
        expect(moved.length).toBeLessThanOrEqual(gone.length);
        // Nobody is moved back, away from where the first ones are.
        for (const id of moved) expect(seats.indexOf(id)).toBeLessThan(before.indexOf(id));
      }
    }
  });

  it('are the same list while nobody comes or goes', () => {
    const seats = follow([], ['a', 'b', 'c']);
    expect(follow(seats, ['c', 'b', 'a'])).toBe(seats);
    expect(follow(seats, ['a', 'c'])).toEqual(['a', 'c']);
    expect(follow(seats, ['b', 'c', 'd'])).toEqual(['c', 'b', 'd']);
  });

  it('are changed by two, and by nobody who has none', () => {
    expect(swap(['a', 'b', 'c'], 'a', 'c')).toEqual(['c', 'b', 'a']);
    const seats = ['a', 'b'];
    expect(swap(seats, 'a', 'x')).toBe(seats);
    expect(swap(seats, 'b', 'b')).toBe(seats);
  });
});

describe('whoever speaks', () => {
  const seats = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const first = { from: 0, size: 3 };
  const never = (): undefined => undefined;

  it('and is on the page stays where they are', () => {
    expect(bring(seats, first, ['b'], never)).toBe(seats);
  });

  it('comes onto the page for who has been silent longest; nobody else moves', () => {
    const heard = (id: string): number => ({ a: 30, b: 10, c: 20 })[id] ?? 0;
    expect(bring(seats, first, ['f'], heard)).toEqual(['a', 'f', 'c', 'd', 'e', 'b', 'g']);
  });

  it('is seen on any page, however many speak, as far as there is room', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const roll = dice(seed);
      const speaking = seats.filter(() => roll(3) === 0);
      const page = { from: 3 * roll(2), size: 3 };
      const next = bring(seats, page, speaking, (id) => id.charCodeAt(0));
      expect(next.toSorted()).toEqual(seats);
      const shown = next.slice(page.from, page.from + page.size);
      const seen = shown.filter((id) => speaking.includes(id)).length;
      expect(seen).toBe(Math.min(speaking.length, page.size));
    }
  });

  it('and is not there any more moves nobody', () => {
    expect(bring(seats, first, ['x'], never)).toBe(seats);
  });
});
