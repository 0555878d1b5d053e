import { beforeEach, expect, it, vi } from 'vitest';

import { Preferences } from '../../src/app/preferences.svelte';
import { Failures } from '../../src/errors/failures.svelte';
import { setting } from '../support/standIns';
import { program } from '../view/program';

vi.mock('../../src/platform', async () => {
  const { program: inMemory } = await import('../view/program');
  return { platform: inMemory };
});

let failures: Failures;
let preferences: Preferences;

beforeEach(() => {
  program.reset();
  failures = new Failures(() => undefined);
  preferences = new Preferences(failures);
});

const reportOf = (...settings: ReturnType<typeof setting>[]) => ({
  settings,
  problems: [],
  userFile: '',
});
const use = (...settings: ReturnType<typeof setting>[]): void => {
  void preferences.use(reportOf(...settings));
};

it('keep no history before it is known whether that is wanted, nor for the guest', () => {
  expect(preferences.keepsHistory).toBe(false);
  use();
  expect(preferences.keepsHistory).toBe(true);
  use(setting('history', false));
  expect(preferences.keepsHistory).toBe(false);
  use(setting('history', true));
  preferences.unattended = true;
  expect(preferences.keepsHistory).toBe(false);
});

it('say which inputs begin switched off, unless nobody could switch them on', () => {
  use(setting('start_muted', true));
  expect(preferences.startOff).toEqual({ microphone: true, camera: false });
  preferences.unattended = true;
  expect(preferences.startOff).toEqual({});
});

it('say what is done to the sound of the microphone, and keep what is changed in a call', async () => {
  const on = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  use();
  expect(preferences.microphone).toMatchObject({ sound: on, closesWhenMuted: false });
  use(setting('noise_suppression', false), setting('close_when_muted', true));
  const wishes = preferences.microphone;
  const sound = { ...on, noiseSuppression: false };
  expect(wishes).toMatchObject({ sound, closesWhenMuted: true });
  wishes.keepSound('noiseSuppression', true);
  await vi.waitFor(() => expect(program.setSetting).toHaveBeenCalledTimes(1));
  expect(program.setSetting).toHaveBeenCalledWith('noise_suppression', true);
  use(setting('auto_gain_control', true, { editable: false, locked: true }));
  preferences.microphone.keepSound('autoGainControl', false);
  await preferences.read().catch(() => undefined);
  expect(program.setSetting).toHaveBeenCalledTimes(1);
});

it('leave the sound of the guest, which is made up, as it is', () => {
  preferences.unattended = true;
  use(setting('echo_cancellation', true), setting('close_when_muted', true));
  const off = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  expect(preferences.microphone).toMatchObject({ sound: off, closesWhenMuted: false });
});

it('call the user as the settings say, else as the account does, else as they type', () => {
  preferences.lendName('Dana Ortiz');
  expect(preferences.name).toBe('Dana Ortiz');
  use(setting('name', 'Dee'));
  expect(preferences.name).toBe('Dee');
  preferences.typeName('Di');
  expect(preferences.name).toBe('Di');
});

it('keep the name that was typed, and take out one that was emptied', async () => {
  use(setting('name', 'Dee'));
  await preferences.keepName();
  expect(program.setSetting).not.toHaveBeenCalled();
  preferences.typeName(' Di ');
  await preferences.keepName();
  expect(program.setSetting).toHaveBeenCalledExactlyOnceWith('name', 'Di');
  use(setting('name', 'Di'));
  preferences.typeName('');
  await preferences.keepName();
  expect(program.unsetSetting).toHaveBeenCalledExactlyOnceWith('name');
});

it('keep no name that the administrator has locked', async () => {
  use(setting('name', 'Dee', { locked: true, editable: false }));
  expect(preferences.nameLocked).toBe(true);
  preferences.typeName('Di');
  await preferences.keepName();
  expect(program.setSetting).not.toHaveBeenCalled();
});

it('tell that the name could not be kept', async () => {
  use(setting('name', null));
  preferences.typeName('Di');
  program.setSetting.mockRejectedValueOnce({ code: 'settings-not-saved', detail: '' });
  await preferences.keepName();
  expect(failures.of('general')?.code).toBe('settings-not-saved');
});

/** Answers of the program that come when a test says so. */
function held<T>(): { promise: Promise<T>; answer: (value: T) => void } {
  let answer!: (value: T) => void;
  const promise = new Promise<T>((resolve) => (answer = resolve));
  return { promise, answer };
}

it('stay as they were changed, though what was read before that is heard of late', async () => {
  const early = held<ReturnType<typeof reportOf>>();
  program.settings.mockReturnValueOnce(early.promise);
  program.setSetting.mockResolvedValueOnce(reportOf(setting('history', false)));
  const both = Promise.all([preferences.read(), preferences.change('history', false)]);
  await Promise.resolve();
  early.answer(reportOf(setting('history', true)));
  await both;
  expect(preferences.keepsHistory).toBe(false);
});

it('are changed in the order in which the user changed them, also after one that failed', async () => {
  const first = held<ReturnType<typeof reportOf>>();
  program.setSetting.mockReturnValueOnce(first.promise);
  const changes = [preferences.change('history', false), preferences.change('history', true)];
  await vi.waitFor(() => expect(program.setSetting).toHaveBeenCalled());
  // The second is not on its way while the first could still come after it.
  expect(program.setSetting).toHaveBeenCalledExactlyOnceWith('history', false);
  program.setSetting.mockRejectedValueOnce({ code: 'internal' });
  first.answer(reportOf(setting('history', false)));
  await changes[0];
  await expect(changes[1]).rejects.toEqual({ code: 'internal' });
  program.setSetting.mockResolvedValueOnce(reportOf(setting('history', true)));
  await preferences.change('history', true);
  expect(preferences.keepsHistory).toBe(true);
});
