// @vitest-environment jsdom
import { cleanup, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import FailureNote from '../../src/components/FailureNote.svelte';
import Home from '../../src/screens/Home.svelte';
import { accountState, backend, entry, homeView, sessionsState } from '../support/standIns';
import { broken, fillIn, show, tabOrder } from './show';

beforeEach(fillIn);
afterEach(cleanup);

const button = (name: string | RegExp): HTMLButtonElement =>
  screen.getByRole<HTMLButtonElement>('button', { name });

describe('the home screen', () => {
  it('breaks no rule of accessibility', async () => {
    show(Home, homeView());
    expect(await broken()).toEqual([]);
  });

  it('opens what is typed, with the keyboard alone', async () => {
    const model = homeView();
    show(Home, model);
    const user = userEvent.setup();
    const input = screen.getByRole('textbox', { name: 'Link or room name' });
    expect(document.activeElement).toBe(input);
    expect(button('Continue').disabled).toBe(true);
    await user.keyboard('  tea {Enter}');
    expect(model.openInput).toHaveBeenCalledExactlyOnceWith('tea');
    expect(await tabOrder()).toEqual(['Link or room name', 'Continue', 'History', 'Settings']);
  });

  it('waits while something is on its way', async () => {
    show(Home, { ...homeView(), busy: true });
    await userEvent.setup().keyboard('tea');
    expect(button('Continue').disabled).toBe(true);
  });

  it('tells the version', () => {
    show(Home, homeView());
    expect(screen.getByText('Salon 1.2.3')).toBeTruthy();
  });
});

it('leads back into the rooms that one was in last', async () => {
  const view = { ...homeView(), recent: [entry({ title: 'Tea time', room: 'tea' })] };
  show(Home, view);
  expect(screen.getByText(/ago, with Amina$/)).toBeTruthy();
  expect(await broken()).toEqual([]);
  await userEvent.click(button('Join Tea time again'));
  expect(view.openInput).toHaveBeenCalledExactlyOnceWith('tea');
});

it('begins a new meeting where the user may', async () => {
  const begin = vi.fn<() => Promise<void>>().mockResolvedValue();
  const { again } = show(Home, homeView());
  expect(screen.queryByRole('button', { name: 'New meeting' })).toBeNull();
  await again({ ...homeView(), begin });
  await userEvent.click(button('New meeting'));
  expect(begin).toHaveBeenCalledOnce();
});

it('marks what rang and was not answered, until it was seen', async () => {
  const view = {
    ...homeView(),
    sessions: sessionsState([]),
    missed: [{ id: 'one', party: 'Amina', title: 'Piano', at: 0 }],
  };
  view.account.state = accountState({ backend, user: { id: 'u1', name: 'Dana' } });
  show(Home, view);
  expect(screen.getByTestId('missed').textContent).toContain('You missed Amina');
  expect(await broken()).toEqual([]);
  await userEvent.click(button('Dismiss: Piano'));
  expect(view.dismissMissed).toHaveBeenCalledExactlyOnceWith('one');
});

it.each([
  ['Dana', 'Amina', 'Dana'],
  ['', 'Amina', 'Amina'],
  ['', '', 'demo.Amina'],
])('calls the user by the account’s name %j, else by their own %j', (name, ownName, shown) => {
  const view = { ...homeView(), ownName };
  view.account.state = accountState({ backend, user: { id: 'demo.Amina', name } });
  show(Home, view);
  expect(screen.getByTestId('account').textContent).toContain(shown);
});

it('has no way to the doctor of its own; what is wrong with a token has', async () => {
  show(Home, homeView());
  expect(screen.queryByText('Check a meeting token')).toBeNull();
  const examine = vi.fn<() => void>();
  show(FailureNote, { failure: { code: 'token-expired' }, examine });
  await userEvent.click(button('Check a meeting token'));
  expect(examine).toHaveBeenCalledOnce();
  cleanup();
  show(FailureNote, { failure: { code: 'camera-busy' }, examine });
  expect(screen.queryByRole('button')).toBeNull();
});
