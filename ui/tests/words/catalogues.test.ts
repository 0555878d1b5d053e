import { describe, expect, it } from 'vitest';

import { LANGUAGES } from '../../src/words/languages';
import { literalsOf, sources } from '../support/literals';
import {
  CATEGORIES,
  isPlural,
  messagesOf,
  needsOf,
  patternsOf,
  types,
  TYPES,
  walk,
  type Message,
} from './messages';

const catalogues = new Map(
  LANGUAGES.map((language) => {
    const messages = messagesOf(language);
    return [language, new Map(messages.map((message) => [message.id, message]))] as const;
  }),
);
const english = catalogues.get('en') ?? new Map<string, Message>();
const others = LANGUAGES.filter((language) => language !== 'en');

/** The categories that whole numbers up to a thousand fall into. */
function neededBy(language: string): readonly string[] {
  const rules = new Intl.PluralRules(language);
  const found = new Set(Array.from({ length: 1001 }, (_, count) => rules.select(count)));
  return CATEGORIES.filter((category) => found.has(category));
}

describe('the catalogues', () => {
  it('name each message once', () => {
    for (const language of LANGUAGES)
      expect(catalogues.get(language)?.size).toBe(messagesOf(language).length);
    expect(english.size).toBeGreaterThan(600);
  });

  it('have what the types say of them: `npm run words`', async () => {
    await expect(types()).toMatchFileSnapshot(TYPES);
  });

  it.each(others)('have in %s just what there is in English', (language) => {
    const theirs = catalogues.get(language) ?? new Map<string, Message>();
    expect([...theirs.keys()].toSorted()).toEqual([...english.keys()].toSorted());
    for (const [id, message] of english) {
      const translated = theirs.get(id);
      if (translated === undefined) continue;
      expect([id, ...Object.keys(translated.attributes)]).toEqual([
        id,
        ...Object.keys(message.attributes),
      ]);
      expect([id, ...Object.values(translated.attributes)]).not.toContain('');
      // In another language a number may choose the words, too.
      expect([id, ...[...needsOf(translated).keys()].toSorted()]).toEqual([
        id,
        ...[...needsOf(message).keys()].toSorted(),
      ]);
      for (const [name, type] of needsOf(translated))
        if (type !== 'number')
          expect([id, name, type]).toEqual([id, name, needsOf(message).get(name)]);
    }
  });

  it.each(others)('are translated into %s', (language) => {
    const theirs = catalogues.get(language) ?? new Map<string, Message>();
    const same = [...english].filter(
      ([id, { value }]) =>
        typeof value === 'string' && value.includes(' ') && theirs.get(id)?.value === value,
    );
    expect(same.map(([id]) => id)).toEqual([]);
  });

  it('keep in French what must not stand alone on a line with what it belongs to', () => {
    const files = import.meta.glob<string>('../../src/words/fr/*.ftl', {
      query: '?raw',
      import: 'default',
      eager: true,
    });
    const broken = Object.values(files).flatMap(
      (text) => text.match(/.* [:;?!»%].*|.*« .*/g) ?? [],
    );
    expect(Object.keys(files)).toHaveLength(5);
    expect(broken).toEqual([]);
  });

  it.each(LANGUAGES)('have in %s all the plurals that it needs', (language) => {
    const needed = neededBy(language);
    let plurals = 0;
    for (const message of catalogues.get(language)?.values() ?? []) {
      const { id } = message;
      for (const pattern of patternsOf(message))
        walk(pattern, (part) => {
          if (part.type !== 'select' || !isPlural(part)) return;
          plurals += 1;
          const names = part.variants.map(({ key }) => String(key.value));
          expect([id, ...CATEGORIES.filter((name) => names.includes(name))]).toEqual([
            id,
            ...needed,
          ]);
        });
    }
    expect(plurals).toBeGreaterThan(10);
  });

  it('have nothing that nobody says', () => {
    const said = sources.flatMap(({ file, text }) =>
      file.includes('/words/') ? [] : literalsOf(file, text),
    );
    // A name that is put together can be any that fits.
    const patterns = said
      .filter(
        ({ parts }) =>
          parts.length > 1 &&
          parts.every((part) => /^[a-z-]*$/.test(part)) &&
          parts.some((part) => part.includes('-')),
      )
      .map(({ parts }) => new RegExp(`^${parts.join('.+')}$`));
    const names = new Set(said.map(({ parts }) => parts.join('')));
    const unsaid = [...english.keys()].filter(
      (id) => !names.has(id) && !patterns.some((pattern) => pattern.test(id)),
    );
    expect(unsaid).toEqual([]);
  });
});
