import { expect, it } from 'vitest';

import { newRoom, recentRooms } from '../../src/lib/rooms';
import { entry } from '../support/standIns';

it('a new room has a name that a link and a server take, another one each time', () => {
  const names = Array.from({ length: 100 }, newRoom);
  for (const name of names) expect(name).toMatch(/^[a-z]{3}-[a-z]{4}-[a-z]{3}$/);
  expect(new Set(names).size).toBe(100);
});

it('recent rooms are the newest of each, and none that only a backend leads to', () => {
  const entries = [
    entry({ id: 4, room: 'tea' }),
    entry({ id: 3, room: 'garden', sessionId: 's1' }),
    entry({ id: 2, room: 'tea' }),
    entry({ id: 1, room: 'cake' }),
  ];
  expect(recentRooms(entries, 4).map(({ id }) => id)).toEqual([4, 1]);
  expect(recentRooms(entries, 1).map(({ id }) => id)).toEqual([4]);
});
