import { beforeEach, expect, it, vi } from 'vitest';

import { Missed } from '../../src/app/missed.svelte';
import { meetingSession, sessionsState } from '../support/standIns';

let missed: Missed;
const ids = (): string[] => missed.rings.map(({ id }) => id);
const one = meetingSession('one', { title: 'Piano', otherParty: 'Amina' });
const rings = (...ringing: string[]) =>
  missed.hear(sessionsState([one, meetingSession('two')], { ringing }));

beforeEach(() => {
  vi.setSystemTime(5_000);
  missed = new Missed();
});

it('what rang until it was over is missed', () => {
  rings('one');
  expect(ids()).toEqual([]);
  missed.hear(sessionsState([]));
  expect(missed.rings).toEqual([{ id: 'one', party: 'Amina', title: 'Piano', at: 5_000 }]);
  missed.dismiss('one');
  expect(ids()).toEqual([]);
});

it('of another account nothing is left', () => {
  rings('one', 'two');
  rings('two');
  expect(ids()).toEqual(['one']);
  missed.clear();
  missed.hear(sessionsState([]));
  expect(ids()).toEqual([]);
});

it('what was answered or dismissed, here or elsewhere, is not', () => {
  rings('one', 'two');
  missed.answered('one');
  missed.hear(
    sessionsState([one, meetingSession('two')], { ringing: [], answeredElsewhere: ['two'] }),
  );
  expect(ids()).toEqual([]);
});

it('what was missed and is joined after all is missed no more', () => {
  rings('one');
  rings();
  expect(ids()).toEqual(['one']);
  missed.answered('one');
  expect(ids()).toEqual([]);
});

it('what rings again can be missed again', () => {
  rings('one');
  missed.answered('one');
  rings();
  rings('one');
  rings();
  expect(ids()).toEqual(['one']);
});

it('a list that was not heard says nothing', () => {
  rings('one');
  missed.hear(sessionsState(null));
  expect(ids()).toEqual([]);
});

it('only the last few are kept', () => {
  for (let count = 0; count < 9; count += 1) {
    missed.hear(sessionsState([meetingSession(`${count}`)], { ringing: [`${count}`] }));
    missed.hear(sessionsState([]));
  }
  expect(ids()).toEqual(['8', '7', '6', '5', '4']);
});
