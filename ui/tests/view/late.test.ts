// @vitest-environment jsdom
import { screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import { late } from '../../src/screens/late';
import { program } from './program';
import { amina, atHome, button, codes, eachBegins, here, home, ring, toLobby } from './way';

vi.mock('../../src/platform', async () => {
  const { program: inMemory } = await import('./program');
  return { platform: inMemory };
});
vi.mock('../../src/call/providers', async () => {
  const { memory } = await import('../support/memory');
  return { loadProvider: memory.loadProvider };
});

eachBegins();

const missing = Object.assign(new Error('gone'), { code: 'part-not-loaded', detail: 'gone' });

it('a screen that cannot be loaded is told, what is shown stays, and it can be tried again', async () => {
  vi.spyOn(late.settings, 'load').mockRejectedValueOnce(missing);
  await home();
  await userEvent.click(button('Settings'));
  expect(await screen.findByText('A part of the app could not be loaded.')).toBeTruthy();
  await atHome();
  await userEvent.click(button('Try again'));
  await screen.findByRole('heading', { name: 'Settings' });
  expect(codes()).toEqual([]);
});

it('a screen that is loaded when the user is elsewhere is not shown any more', async () => {
  let come = (): void => undefined;
  vi.spyOn(late.history, 'load').mockReturnValueOnce(new Promise((resolve) => (come = resolve)));
  await home();
  await userEvent.click(button('History'));
  await atHome();
  await ring([amina]);
  await userEvent.click(button('Join the meeting'));
  await screen.findByRole('heading', { name: 'Meeting a' });
  come();
  // What follows from that has followed.
  await new Promise((resolve) => setTimeout(resolve));
  expect(screen.getByRole('heading', { name: 'Meeting a' })).toBeTruthy();
  expect(screen.queryByRole('heading', { name: 'History' })).toBeNull();
});

it('nobody joins before there is a room to be in, and may try again', async () => {
  await toLobby(amina);
  vi.spyOn(late.room, 'load').mockRejectedValueOnce(missing);
  await userEvent.click(button('Join'));
  expect(await screen.findByText('A part of the app could not be loaded.')).toBeTruthy();
  expect(program.fetchToken).not.toHaveBeenCalled();
  expect(here.server.joins).toEqual([]);
  await userEvent.click(button('Join'));
  await screen.findByTestId('room');
  expect(here.server.joins).toHaveLength(1);
});
