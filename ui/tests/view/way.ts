import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { beforeAll, beforeEach, expect, vi } from 'vitest';

import AppView from '../../src/App.svelte';
import type { MeetingSession } from '../../src/platform/platform';
import { memory, MemoryServer } from '../support/memory';
import { fillInDevices, type FakeDevice } from '../support/devices';
import { program } from './program';
import { fillIn, loadAll } from './show';
import { meetingSession, sessionsState, signedIn } from '../support/standIns';

/** What a test begins with: a server of calls, and devices that were opened. */
export const here: { server: MemoryServer; opened: FakeDevice[] } = {
  server: memory.server,
  opened: [],
};

/** Whoever uses these has to mock providers and platform: mocks are of a test's own file. */
export function eachBegins(): void {
  beforeAll(loadAll);
  beforeEach(() => {
    fillIn();
    here.opened = fillInDevices();
    localStorage.clear();
    here.server = memory.server = new MemoryServer();
    program.reset();
  });
}

export const amina = meetingSession('a');
export const bruno = meetingSession('b', { role: 'requester', otherParty: 'Bruno' });

export const button = (name: string | RegExp): HTMLButtonElement =>
  screen.getByRole<HTMLButtonElement>('button', { name });
export const rings = (): (string | undefined)[] =>
  screen.queryAllByTestId('ring').map(({ dataset }) => dataset.session);
export const codes = (): (string | undefined)[] =>
  screen.queryAllByTestId('error').map(({ dataset }) => dataset.code);

/** What the program tells when sessions ring. */
export async function ring(sessions: MeetingSession[], ringing = sessions.map(({ id }) => id)) {
  program.tell('sessions', sessionsState(sessions, { ringing }));
  await tick();
}

/** Signed in, at home. */
export async function home(): Promise<{ unmount: () => void }> {
  program.accountState.mockResolvedValue(signedIn);
  const rendered = render(AppView);
  await screen.findByRole('heading', { name: 'Your meetings' });
  return rendered;
}

/** From home to the lobby of a meeting session, and into its call. */
export async function toLobby(session: MeetingSession): Promise<void> {
  await home();
  await ring([session]);
  await userEvent.click(button('Join the meeting'));
  await screen.findByRole('heading', { name: `Meeting ${session.id}` });
  await vi.waitFor(() => {
    expect(here.opened).toHaveLength(2);
  });
}

export async function toCall(session: MeetingSession): Promise<void> {
  await toLobby(session);
  await userEvent.click(button('Join'));
  await screen.findByTestId('room');
}

/** In a call that is no meeting session. */
export async function toRoom(): Promise<void> {
  await home();
  await userEvent.type(screen.getByRole('textbox', { name: 'Link or room name' }), 'tea{Enter}');
  await screen.findByRole('heading', { name: 'tea' });
  await userEvent.click(button('Join'));
  await screen.findByTestId('room');
}

export const atHome = () => screen.findByRole('heading', { name: 'Your meetings' });
