import { afterEach, describe, expect, it } from 'vitest';

import { speak, t } from '../../src/words/language.svelte';
import { LANGUAGES } from '../../src/words/languages';

import { sources } from '../support/literals';

/** What is read out of a control, and what is seen on it: both messages, and nothing else. */
const NAMED = /aria-label=\{t\(\s*'([\w-]+)'[^<>]*?(?:=>[^<>]*?)*>\s*\{t\('([\w-]+)'\)\}\s*</g;

const pairs = sources.flatMap(({ text }) =>
  [...text.matchAll(NAMED)].map(([, name = '', seen = '']) => ({ name, seen })),
);

const words = (text: string) =>
  text
    .replace(/[\u2066-\u2069]/g, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .join(' ');

afterEach(async () => {
  await speak('en');
});

describe('who says what is written on a control', () => {
  it('finds such controls', () => {
    expect(pairs.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['meetings-join', 'recent-join']),
    );
  });

  // WCAG 2.2, 2.5.3: by voice it is found by what is seen.
  it.each(LANGUAGES)('has it found by that: %s', async (language) => {
    await speak(language);
    const say = t as (id: string, values?: object) => string;
    for (const { name, seen } of pairs) {
      const read = say(name, { title: 'A', party: 'B', name: 'C', count: 2 });
      expect(` ${words(read)} `, name).toContain(` ${words(say(seen))} `);
    }
  });
});
