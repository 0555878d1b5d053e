import { afterEach, expect, it, vi } from 'vitest';

import { Preferences } from '../../src/app/preferences.svelte';
import { Failures } from '../../src/errors/failures.svelte';
import { soon, speak, t } from '../../src/words/language.svelte';
import { setting } from '../support/standIns';
import { program } from '../view/program';

vi.mock('../../src/platform', async () => {
  const { program: inMemory } = await import('../view/program');
  return { platform: inMemory };
});
/** Spanish never arrives; of Arabic there is nothing to be had. */
vi.mock('../../src/words/es', () => new Promise(() => undefined));
vi.mock('../../src/words/ar', () => {
  throw new Error('gone');
});

afterEach(async () => {
  vi.useRealTimers();
  await speak('en');
});

const reportOf = (language: string, more: ReturnType<typeof setting>[] = []) => ({
  settings: [setting('language', language), ...more],
  problems: [],
  userFile: '',
});

it('a language that cannot be had is told as what it is, and what was spoken stays', async () => {
  const failures = new Failures(() => undefined);
  await speak('fr');
  await new Preferences(failures).use(reportOf('ar'));
  expect(failures.of('general')?.code).toBe('language-not-loaded');
  expect(t('join')).toBe('Rejoindre');
});

it('a language that nobody waits for any more is not told of', async () => {
  const first = speak('ar');
  await speak('fr');
  await expect(first).resolves.toBeUndefined();
  expect(t('join')).toBe('Rejoindre');
});

it('a language that does not arrive keeps no setting waiting', async () => {
  const preferences = new Preferences(new Failures(() => undefined));
  program.setSetting.mockResolvedValueOnce(reportOf('es'));
  program.setSetting.mockResolvedValueOnce(reportOf('en', [setting('history', false)]));
  void preferences.change('language', 'es');
  await preferences.change('history', false);
  expect(preferences.keepsHistory).toBe(false);
});

it('a language that does not arrive keeps nobody waiting for long', async () => {
  vi.useFakeTimers();
  let begun = false;
  void soon(speak('es')).then(() => (begun = true));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(begun).toBe(false);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(begun).toBe(true);
});
