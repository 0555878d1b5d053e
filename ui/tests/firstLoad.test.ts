import { randomBytes } from 'node:crypto';

import { expect, it } from 'vitest';

import { firstLoad, tooLarge } from '../firstLoad';

/** Letters that no compression makes fewer of than half. */
const letters = (count: number): string => randomBytes(count / 2).toString('hex');
const chunk = (fileName: string, imports: string[], more: object = {}) => ({
  type: 'chunk' as const,
  fileName,
  code: letters(1_000),
  isEntry: false,
  facadeModuleId: null,
  imports,
  ...more,
});
const entry = (page: string) => ({ isEntry: true, facadeModuleId: `/somewhere/${page}` });

const bundle = () => ({
  'index.js': chunk('index.js', ['shared.js', 'deep.js'], {
    ...entry('index.html'),
    dynamicImports: ['late.js'],
    viteMetadata: { importedCss: new Set(['index.css']) },
  }),
  'shared.js': chunk('shared.js', ['deep.js', 'index.js']),
  'deep.js': chunk('deep.js', []),
  'late.js': chunk('late.js', ['shared.js']),
  'guest.js': chunk('guest.js', ['deep.js'], entry('guest.html')),
  'index.css': { type: 'asset' as const, fileName: 'index.css', source: letters(1_000) },
  'late.css': { type: 'asset' as const, fileName: 'late.css', source: letters(1_000) },
});

it('what a page loads at once is counted, each file once, and not what comes when it is wanted', () => {
  const sizes = firstLoad(bundle(), 'index.html');
  expect([...sizes.keys()].toSorted()).toEqual(['deep.js', 'index.css', 'index.js', 'shared.js']);
  for (const size of sizes.values()) {
    expect(size).toBeGreaterThan(499);
    expect(size).toBeLessThan(1_000);
  }
});

it('a page that is too large is objected to, with what is in it', () => {
  const sum = [...firstLoad(bundle(), 'index.html').values()].reduce((all, one) => all + one, 0);
  expect(sum).toBeGreaterThan(2_000);
  expect(tooLarge(bundle(), 'index.html', 4_000)).toBeUndefined();
  const objection = tooLarge(bundle(), 'index.html', 2_000);
  expect(objection).toMatch(
    /^The first load of index\.html is \d+ bytes compressed, and may be 2000: /,
  );
  expect(objection).toContain('shared.js');
  expect(objection).not.toContain('late.js');
});

it('a page that is not there is no small one', () => {
  expect(() => firstLoad(bundle(), 'other.html')).toThrow('other.html is not built');
});
