import { describe, expect, it } from 'vitest';

import { DIRECTIONS, LOOKS, MOST, pictures, SIZES, type Picture } from './pictures';
import { scenes } from './scenes';

const names = scenes.map(({ name }) => name);
const all = pictures(names);

/** What can be seen of two properties together. */
const pairs = (one: keyof Picture, other: keyof Picture): Set<string> =>
  new Set(all.map((picture) => `${picture[one]} ${picture[other]}`));

describe('the pictures of the gallery', () => {
  it('show each way to look at each scene, and each two ways together', () => {
    const values = { scene: names, look: LOOKS, size: SIZES, direction: DIRECTIONS };
    const keys = Object.keys(values) as (keyof typeof values)[];
    for (const [index, one] of keys.entries())
      for (const other of keys.slice(index + 1))
        for (const first of values[one])
          for (const second of values[other])
            expect(pairs(one, other), `${one} and ${other}`).toContain(`${first} ${second}`);
  });

  it('are few enough to be looked at, and each has a name that a file can have', () => {
    expect(all.length).toBeLessThanOrEqual(MOST);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const { name } of all) expect(name).toMatch(/^[a-z0-9.-]+$/);
  });
});
