import { describe, expect, it } from 'vitest';

import { days, lasted, listed, qualityWords } from '../src/history/words';
import { speak } from '../src/words/language.svelte';
import { entry, quality } from './support/standIns';

const at = (day: number, hour: number): number => new Date(2026, 10, day, hour).getTime();

describe('the days of the past', () => {
  it('are those of the user, newest first, in their language', async () => {
    await speak('fr');
    const entries = [
      entry({ id: 5, startedAt: at(21, 0) }),
      entry({ id: 4, startedAt: at(20, 23) }),
      entry({ id: 3, startedAt: at(20, 1) }),
      entry({ id: 2, startedAt: at(3, 12) }),
    ];
    const shown = days(entries, at(21, 9));
    expect(shown.map(({ name }) => name)).toEqual(['Aujourd’hui', 'Hier', 'mardi 3 novembre 2026']);
    expect(shown.map((day) => day.entries.map(({ id }) => id))).toEqual([[5], [4, 3], [2]]);
    await speak('en');
  });

  it('know that yesterday was in another month', () => {
    const entries = [entry({ startedAt: new Date(2026, 9, 31, 12).getTime() })];
    expect(days(entries, at(1, 9)).map(({ name }) => name)).toEqual(['Yesterday']);
    expect(days([], at(1, 9))).toEqual([]);
  });
});

describe('who was there', () => {
  it('is listed as in the language, each name apart where text goes from right to left', async () => {
    expect(listed(['Amina', 'Bruno'])).toBe('Amina and Bruno');
    await speak('ar');
    expect(listed(['Amina', 'Bruno'])).toBe('\u2068Amina\u2069 و\u2068Bruno\u2069');
    await speak('en');
  });
});

describe('how long it lasted', () => {
  it.each([
    [59_999, 'less than a minute'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [5_100_000, '1 h 25 min'],
  ])('%i ms: %s', (milliseconds, words) => {
    expect(lasted(milliseconds)).toBe(words);
  });
});

describe('how well it went', () => {
  it('is not said if nothing was measured', () => {
    const unknown = quality({ lossPercent: null, roundTripMs: null, frozenMs: null });
    expect(qualityWords(unknown)).toEqual([]);
    expect(qualityWords({ ...unknown, reconnections: 1 })).toEqual([
      'Fair connection',
      'broke once',
      'picture up to 720p',
    ]);
  });

  it('is good, fair or poor, by the worst', () => {
    expect(qualityWords(quality())).toEqual(['Good connection', 'picture up to 720p']);
    expect(qualityWords(quality({ lossPercent: 1, receivedHeight: null }))).toEqual([
      'Fair connection',
      '1 % did not arrive',
    ]);
    expect(
      qualityWords(
        quality({ lossPercent: 7.4, roundTripMs: 250.4, frozenMs: 3200, reconnections: 2 }),
      ),
    ).toEqual([
      'Poor connection',
      'broke 2 times',
      '7 % did not arrive',
      'delay 250 ms',
      'picture frozen for 3 seconds',
      'picture up to 720p',
    ]);
  });
});

it('names are listed as in a sentence', () => {
  expect(listed(['Amina'])).toBe('Amina');
  expect(listed(['Amina', 'Bruno'])).toBe('Amina and Bruno');
});
