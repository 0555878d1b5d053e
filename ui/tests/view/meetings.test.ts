// @vitest-environment jsdom
import { screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import MeetingList from '../../src/components/MeetingList.svelte';
import Rings from '../../src/components/Rings.svelte';
import type { MeetingSession, SessionsState } from '../../src/platform/platform';
import { broken, choose, fillIn, show, tabOrder } from './show';
import { meetingSession, sessionsState } from '../support/standIns';

beforeEach(fillIn);
afterEach(() => vi.useRealTimers());

const button = (name: string | RegExp): HTMLButtonElement =>
  screen.getByRole<HTMLButtonElement>('button', { name });
const amina = meetingSession('a');
const bruno = meetingSession('b', { role: 'requester', otherParty: 'Bruno' });

describe('the list of meetings', () => {
  function list(state: SessionsState | undefined, busy = false) {
    const join = vi.fn<(id: string) => Promise<void>>().mockResolvedValue();
    const cancel = vi.fn<(id: string) => Promise<void>>().mockResolvedValue();
    const props = { state, busy, join, cancel };
    return { join, cancel, props, ...show(MeetingList, props) };
  }

  it('says who did what, and since when', async () => {
    vi.useFakeTimers({ now: 1_000_000, toFake: ['Date', 'setInterval', 'clearInterval'] });
    list(
      sessionsState([
        { ...amina, createdAt: 1_000_000 },
        { ...bruno, createdAt: 400_000 },
      ]),
    );
    const [first, second] = screen.getAllByRole('listitem');
    expect(first?.textContent).toContain('Piano a');
    expect(first?.textContent).toContain('Amina accepted your offer · just now');
    expect(second?.textContent).toContain('You accepted the offer of Bruno · 10 minutes ago');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(first?.textContent).toContain('2 minutes ago');
  });

  it('says what was answered on another device, which can be joined all the same', async () => {
    const { join } = list(sessionsState([amina, bruno], { answeredElsewhere: [amina.id] }));
    const [first, second] = screen.getAllByRole('listitem');
    expect(first?.textContent).toContain('You answered on another device.');
    expect(second?.textContent).not.toContain('another device');
    await userEvent.click(button('Join Piano a with Amina'));
    expect(join).toHaveBeenCalledWith(amina.id);
  });

  it('names what the backend leaves out', () => {
    list(sessionsState([meetingSession('x', { title: ' ', otherParty: '' })]));
    expect(button('Join Meeting with the requester')).toBeTruthy();
    expect(screen.getByText(/^Your offer was accepted · /)).toBeTruthy();
  });

  it.each([
    ['not heard of', undefined, 'Looking for your meetings…'],
    ['empty', sessionsState([]), 'No meetings now. When one begins, it rings here.'],
    [
      'away',
      sessionsState([amina], { fault: { code: 'backend-timeout', detail: '' } }),
      'The sign-in server took too long to answer. This list may be old.',
    ],
  ])('that is %s says so', async (_, state, words) => {
    list(state);
    expect(screen.getByText(words)).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(await broken()).toEqual([]);
  });

  it('shows only what goes on', async () => {
    const over = meetingSession('c', { status: 'completed' });
    const { again, props } = list(sessionsState([amina, over]));
    expect(screen.getAllByRole('listitem')).toHaveLength(1);
    await again({ ...props, state: sessionsState([bruno]) });
    expect(screen.getAllByRole('heading', { level: 2 }).map((each) => each.textContent)).toEqual([
      'Piano b',
    ]);
  });

  it('is walked through in the order of its lines, and joins', async () => {
    const { join } = list(sessionsState([amina, bruno]));
    expect(await broken()).toEqual([]);
    expect(await tabOrder()).toEqual([
      'Join Piano a with Amina',
      'More about Piano a',
      'Join Piano b with Bruno',
      'More about Piano b',
    ]);
    button('Join Piano b with Bruno').focus();
    await userEvent.keyboard('{Enter}');
    expect(join).toHaveBeenCalledExactlyOnceWith('b');
  });

  it('joins nothing while something is on its way', () => {
    list(sessionsState([amina]), true);
    expect(button(/^Join/).disabled).toBe(true);
  });

  it.each([
    ['Keep it', []],
    ['Cancel the meeting', [['a']]],
  ])('asks before it cancels one: %s', async (answer, calls) => {
    const { cancel } = list(sessionsState([amina]));
    const user = userEvent.setup();
    await choose(button('More about Piano a'), 'Cancel the meeting');
    const dialog = await screen.findByRole('alertdialog', { name: 'Cancel this meeting?' });
    expect(within(dialog).getByText('“Piano a” is called off for Amina, too.')).toBeTruthy();
    expect(await broken()).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: answer }));
    expect(cancel.mock.calls).toEqual(calls);
    await expect.poll(() => screen.queryByRole('alertdialog')).toBeNull();
  });
});

describe('what rings', () => {
  function ring(ringing: readonly MeetingSession[]) {
    const join = vi.fn<(id: string) => Promise<void>>().mockResolvedValue();
    const dismiss = vi.fn<(id: string) => Promise<void>>().mockResolvedValue();
    const props = { ringing, join, dismiss };
    return { join, dismiss, props, ...show(Rings, props) };
  }
  const cards = () => screen.queryAllByRole('alert');

  it('tells the offerer that the offer was accepted, and by whom', () => {
    ring([amina]);
    const card = within(screen.getByRole('alert'));
    expect(card.getByText('Your offer was accepted!')).toBeTruthy();
    expect(card.getByText('Piano a')).toBeTruthy();
    expect(card.getByText('Amina is ready to meet you.')).toBeTruthy();
    expect(card.getByRole('button', { name: 'Join the meeting' })).toBeTruthy();
  });

  it('tells the requester that the meeting can begin', () => {
    ring([bruno]);
    const card = within(screen.getByRole('alert'));
    expect(card.getByText('You accepted the offer')).toBeTruthy();
    expect(card.getByText('Piano b')).toBeTruthy();
    expect(card.getByText('The meeting with Bruno can begin.')).toBeTruthy();
  });

  it('breaks no rule of accessibility, in a stack', async () => {
    ring([amina, bruno]);
    expect(cards()).toHaveLength(2);
    expect(await broken()).toEqual([]);
  });

  it('does not take the keyboard, and gives it with F8', async () => {
    const field = document.body.appendChild(document.createElement('input'));
    field.focus();
    const { join, props, again } = ring([amina]);
    expect(document.activeElement).toBe(field);
    const user = userEvent.setup();
    await user.keyboard('{F8}');
    expect(document.activeElement).toBe(button('Dismiss'));
    await user.tab();
    await user.keyboard('{Enter}');
    expect(join).toHaveBeenCalledExactlyOnceWith('a');
    await again({ ...props, ringing: [] });
    await tick();
    expect(document.activeElement).toBe(field);
    field.remove();
  });

  it('leads to the next one when that with the keyboard goes away', async () => {
    const { dismiss, props, again } = ring([amina, bruno]);
    const [first] = screen.getAllByRole('button', { name: 'Dismiss' });
    const user = userEvent.setup();
    first?.focus();
    await user.keyboard('{Enter}');
    expect(dismiss).toHaveBeenCalledExactlyOnceWith('a');
    await again({ ...props, ringing: [bruno] });
    await tick();
    expect(document.activeElement).toBe(button('Dismiss'));
    expect(cards().map(({ dataset }) => dataset.session)).toEqual(['b']);
  });

  it('leaves F8 to others while nothing rings', async () => {
    ring([]);
    expect(screen.queryByRole('region')).toBeNull();
    const heard = vi.fn((event: KeyboardEvent) => event.defaultPrevented);
    addEventListener('keydown', heard);
    await userEvent.keyboard('{F8}');
    expect(heard).toHaveReturnedWith(false);
    removeEventListener('keydown', heard);
  });
});
