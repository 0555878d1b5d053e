import { describe, expect, it } from 'vitest';

import { literalsOf, sources } from '../support/literals';

/** What is the same in any language, or not for who uses the app. */
const EXCEPTIONS: readonly string[] = [
  // Names.
  'Stream',
  'LiveKit',
  'eyJ…',
  // Units, as they stand in the statistics.
  ' ms',
  ' %',
  ' kbit/s',
  ' Mbit/s',
  // The report for whoever helps, which is in English as logs are.
  'Round trip ',
  'Received in all: ',
  'Participant ',
];

/** Attributes, and properties of our own components, that are read or read out. */
const READ =
  /^(aria-label|aria-description|aria-valuetext|aria-roledescription|title|placeholder|alt|label|words|yes|no|note)$/;

/** A sentence, or the beginning of one. */
const SENTENCE = /^\p{Lu}[\p{Ll}’']+[ :,]/u;

const speaking = /src\/(App|app|brand|components|devices|errors|history|lib|room|screens)\b/;

describe('what the page says', () => {
  it.each(sources.filter(({ file }) => speaking.test(file)))(
    'is in the catalogues, and not in $file',
    ({ file, text }) => {
      const hard = literalsOf(file, text).flatMap(({ parts, where, inner }) =>
        parts.filter((part) => {
          if (EXCEPTIONS.includes(part) || EXCEPTIONS.includes(part.trim())) return false;
          if (SENTENCE.test(part)) return true;
          return !inner && (where === 'text' || READ.test(where)) && /\p{L}/u.test(part);
        }),
      );
      expect(hard).toEqual([]);
    },
  );

  it('would be found', () => {
    const { where, parts } = literalsOf('a.svelte', '<b title="Hello">{x}</b>')[0] ?? {};
    expect([where, parts]).toEqual(['title', ['Hello']]);
    expect(literalsOf('a.svelte', '<b>Hello</b>')).toContainEqual({
      parts: ['Hello'],
      where: 'text',
      inner: false,
    });
    const code = "const words = on ? 'Switch off' : t('on');";
    expect(literalsOf('a.ts', code).map(({ inner }) => inner)).toEqual([false, true]);
  });
});
