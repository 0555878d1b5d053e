import { expect, it } from 'vitest';

import { sources } from '../support/literals';

/** Where something called so is in the language of the page: of our own words, or of the catalogues. */
const OURS = [
  'Ask: h2 title',
  'Doctor: dt name',
  'Graph: span title',
  'History: h2 day.name',
  'ScreenPicker: legend title',
  'SettingRow: label label',
  'SettingRow: option name',
  'Settings: h2 title',
  'SidePanel: h2 title',
];

/** An expression that gives a name, a title or a label, and stands in an element by itself. */
const NAMED = /<([a-z]\w*)((?:\s[^<>]*)?)>\s*\{([^{}#@/]*\b(?:name|from|title|label|host))\}\s*</g;

it('what others call themselves and their things stands apart from the text around it', () => {
  const named = sources
    .filter(({ file }) => file.endsWith('.svelte'))
    .flatMap(({ file, text }) => {
      const component = file.replace(/^.*\/(\w+)\.svelte$/, '$1');
      return [...text.matchAll(NAMED)].map(([, tag = '', attributes = '', what = '']) => ({
        words: `${component}: ${tag} ${what.trim()}`,
        apart: tag === 'bdi' || /\sdir="/.test(attributes),
      }));
    });
  expect(named.filter(({ apart }) => apart).length).toBeGreaterThan(10);
  const others = named.filter(({ apart }) => !apart).map(({ words }) => words);
  expect(others.toSorted()).toEqual(OURS);
});
