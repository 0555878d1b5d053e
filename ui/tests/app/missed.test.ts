import { beforeEach, expect, it, vi } from 'vitest';

import { Missed } from '../../src/app/missed.svelte';
import { meetingSession, sessionsState } from '../support/standIns';

let missed: Missed;
const ids = (): string[] => missed.rings.map(({ id }) => id);
const both = [
  meetingSession('one', { title: 'Piano', otherParty: 'Amina' }),
  meetingSession('two'),
];
const rings = (...ringing: string[]) => missed.hear(sessionsState(both, { ringing }));
/** The program says that these rang in vain, and that nothing rings. */
const inVain = (...which: string[]) => missed.hear(sessionsState([], { missed: which }));

beforeEach(() => {
  vi.setSystemTime(5_000);
  missed = new Missed();
});

it('what rang until it was over is missed', () => {
  rings('one');
  expect(ids()).toEqual([]);
  inVain('one');
  expect(missed.rings).toEqual([{ id: 'one', party: 'Amina', title: 'Piano', at: 5_000 }]);
  missed.dismiss('one');
  inVain('one');
  expect(ids()).toEqual([]);
});

it('of another account nothing is left', () => {
  rings('one', 'two');
  missed.hear(sessionsState(both, { ringing: ['two'], missed: ['one'] }));
  expect(ids()).toEqual(['one']);
  missed.clear();
  inVain('two');
  expect(ids()).toEqual([]);
});

it('what was answered or dismissed, be it from a notification, the tray or elsewhere, is not', () => {
  rings('one', 'two');
  missed.hear(sessionsState(both, { answeredElsewhere: ['two'] }));
  missed.hear(sessionsState([]));
  expect(ids()).toEqual([]);
});

it('what was missed and is joined after all is missed no more', () => {
  rings('one', 'two');
  inVain('one', 'two');
  expect(ids()).toEqual(['two', 'one']);
  inVain('two');
  expect(ids()).toEqual(['two']);
});

it('a list that was not heard says nothing', () => {
  rings('one');
  missed.hear(sessionsState(null));
  expect(ids()).toEqual([]);
  inVain('one');
  missed.hear(sessionsState(null));
  expect(ids()).toEqual(['one']);
});

it('only the last few are kept', () => {
  for (let count = 0; count < 8; count += 1) {
    const before = Array.from({ length: count }, (_, each) => `${each}`);
    const session = meetingSession(`${count}`);
    missed.hear(sessionsState([session], { ringing: [session.id], missed: before }));
    inVain(...before, session.id);
  }
  expect(ids()).toEqual(['7', '6', '5', '4', '3']);
});
