import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

type Colours = ReadonlyMap<string, string>;

const css = readFileSync('src/app.css', 'utf8');

/** The colours that a part of the style sheet defines. */
function colours(text: string): Colours {
  const found = text.matchAll(/--([\w-]+): (#[\da-f]{6});/g);
  return new Map([...found].map(([, name = '', colour = '']) => [name, colour]));
}

const [first = '', second = ''] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => body);
const dark = colours(first);
const light: Colours = new Map([...dark, ...colours(second)]);

/** With what whoever asked for more contrast gets. */
const more = [...readFileSync('src/contrast.css', 'utf8').matchAll(/:root \{([^}]*)\}/g)];
const [darkMore = '', lightMore = ''] = more.map(([, body]) => body);
const darkest: Colours = new Map([...dark, ...colours(darkMore)]);
const lightest: Colours = new Map([...light, ...colours(darkMore), ...colours(lightMore)]);

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(theme: Colours, one: string, other: string): number {
  const [low = 0, high = 0] = [one, other]
    .map((name) => luminance(theme.get(name) ?? 'no such colour'))
    .toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** What lies on the stage, which is dark in either theme. */
const STAGE = { grounds: ['stage', 'stage-tile'], words: ['stage-text', 'stage-muted'] };
const GROUNDS = ['bg', 'surface', 'raised'];
const WORDS = ['text', 'muted', 'accent', 'danger-text', 'live'];

describe.each([
  ['dark', dark],
  ['light', light],
  ['dark high-contrast', darkest],
  ['light high-contrast', lightest],
])('in the %s theme', (_, theme) => {
  it.each([
    ...WORDS.flatMap((words) => GROUNDS.map((ground) => [words, ground])),
    ...STAGE.words.flatMap((words) => STAGE.grounds.map((ground) => [words, ground])),
    // Lines of a menu that the keyboard is on.
    ['text', 'hover'],
    ['muted', 'hover'],
    ['danger-text', 'hover'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-strong'],
    ['on-warning', 'warning'],
  ])('words in %s can be read on %s', (words, ground) => {
    expect(contrast(theme, words, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ...['edge', 'accent', 'danger'].flatMap((sign) => GROUNDS.map((ground) => [sign, ground])),
    ...['stage-live', 'stage-warning'].flatMap((sign) =>
      STAGE.grounds.map((ground) => [sign, ground]),
    ),
    // What is under the pointer.
    ['edge', 'hover'],
    ['danger', 'danger-soft'],
    ['on-danger', 'danger'],
    ['on-live', 'live'],
  ])('what is used can be seen: %s on %s', (sign, ground) => {
    expect(contrast(theme, sign, ground)).toBeGreaterThanOrEqual(3);
  });
});

it.each([
  ['dark', darkest],
  ['light', lightest],
])('with more contrast words can be read by more people: %s', (_, theme) => {
  for (const words of WORDS)
    for (const ground of [...GROUNDS, 'hover'])
      expect(contrast(theme, words, ground), `${words} on ${ground}`).toBeGreaterThanOrEqual(7);
  for (const ground of GROUNDS) {
    expect(contrast(theme, 'line', ground)).toBeGreaterThanOrEqual(3);
    expect(contrast(theme, 'edge', ground)).toBeGreaterThanOrEqual(4.5);
  }
});

it('nothing is written in a colour that is not for words', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(css|svelte)$/.test(file))
    .map((file) => readFileSync(join('src', file), 'utf8'));
  const used = files.flatMap((text) => [
    ...text.matchAll(/([^{}]*)\{[^{}]*?(?:^|\s)color: var\(--([\w-]+)\)/gm),
  ]);
  const words = [...WORDS, ...STAGE.words];
  const others = used
    .filter(([, , colour = '']) => !words.includes(colour) && !colour.startsWith('on-'))
    .map(([, selector = '']) => selector.trim().split('\n').at(-1));
  // Signs.
  expect(others.sort()).toEqual(['.control.off', '.hand', '.icon:hover'].sort());
});
