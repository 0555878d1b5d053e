// @vitest-environment jsdom
import { screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';

import type { MeetingSession } from '../../src/platform/platform';
import { program } from './program';
import { broken, choose } from './show';
import { accountState, backend, meeting, sessionsState } from '../support/standIns';
import { amina, atHome, button, codes, eachBegins, here, toCall, toLobby, toRoom } from './way';

vi.mock('../../src/call/providers', async () => {
  const { memory } = await import('../support/memory');
  return { loadProvider: memory.loadProvider };
});
vi.mock('../../src/platform', async () => {
  const { program: inMemory } = await import('./program');
  return { platform: inMemory };
});

eachBegins();

describe('a meeting that is over', () => {
  it.each([
    ['cancelled', 'meeting-cancelled'],
    ['completed', 'meeting-completed'],
  ] as const)('leads out of its lobby when it is %s', async (status, code) => {
    const session = amina;
    await toLobby(session);
    program.tell('meeting-over', { session: 'another', status });
    await tick();
    expect(screen.getByRole('heading', { name: `Meeting ${session.id}` })).toBeTruthy();
    program.tell('meeting-over', { session: session.id, status });
    await atHome();
    expect(codes()).toEqual([code]);
  });

  it('leads out of its call, which the user did not leave', async () => {
    const session = amina;
    await toCall(session);
    program.tell('meeting-over', { session: session.id, status: 'completed' });
    await atHome();
    expect(codes()).toEqual(['meeting-completed']);
    expect(program.callLeft).toHaveBeenCalledExactlyOnceWith(session.id, false);
  });
});

/** Leaves with the other still to be seen; what it gives answers whether nobody is there any more. */
async function leaveWithoutAnswer(): Promise<(deserted: boolean) => void> {
  let find: (deserted: boolean) => void = () => undefined;
  here.server.arrive('amina', 'Amina');
  here.server.deserted = new Promise((resolve) => (find = resolve));
  await toCall(amina);
  await choose(button('Leave or end the meeting'), 'Leave');
  await atHome();
  return find;
}

describe('the call of a meeting session', () => {
  it('says whom one meets, and the program when it is entered', async () => {
    await toCall(amina);
    expect(screen.getByText('with Amina')).toBeTruthy();
    expect(program.callEntered).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ session: 'a' }),
    );
    expect(await broken()).toEqual([]);
  });

  it.each([
    ['before the other came', false, false, false],
    ['with the other still in it', true, false, false],
    ['as the last one', true, true, true],
  ])('is left %s', async (_, came, went, alone) => {
    if (came) here.server.arrive('amina', 'Amina');
    await toCall(amina);
    if (went) {
      here.server.depart('amina');
      await vi.waitFor(() => {
        expect(screen.getAllByTestId('tile')).toHaveLength(1);
      });
    }
    await choose(button('Leave or end the meeting'), 'Leave');
    await atHome();
    expect(program.callLeft).toHaveBeenCalledExactlyOnceWith('a', alone);
    expect(program.sessionEnd).not.toHaveBeenCalled();
    expect(codes()).toEqual([]);
  });

  it.each([
    ['and is completed, if nobody is found there afterwards', true, 1],
    ['and goes on, if the others stay', false, 0],
  ])('is left with the other still to be seen, %s', async (_, deserted, ends) => {
    here.server.arrive('amina', 'Amina');
    here.server.deserted = Promise.resolve(deserted);
    await toCall(amina);
    await choose(button('Leave or end the meeting'), 'Leave');
    await atHome();
    await tick();
    expect(program.sessionEnd.mock.calls).toEqual(Array.from({ length: ends }, () => ['a']));
    expect(codes()).toEqual([]);
  });

  it('is not completed by who has come again meanwhile', async () => {
    const find = await leaveWithoutAnswer();
    program.tell('open-meeting', { ...meeting, session: 'a' });
    await screen.findByRole('button', { name: 'Join' });
    find(true);
    await tick();
    expect(program.sessionEnd).not.toHaveBeenCalled();
  });

  it.each([
    ['the user signs out', () => program.tell('account', accountState({ backend }))],
    ['it is known to be over', () => program.tell('sessions', sessionsState([]))],
    ['the user comes again', () => program.tell('open-meeting', { ...meeting, session: 'a' })],
  ])('is asked about no more once %s', async (_, happens) => {
    const find = await leaveWithoutAnswer();
    await tick();
    expect(here.server.asking?.aborted).toBe(false);
    happens();
    await vi.waitFor(() => {
      expect(here.server.asking?.aborted).toBe(true);
    });
    find(true);
    await tick();
    expect(program.sessionEnd).not.toHaveBeenCalled();
  });

  it('is ended for everyone', async () => {
    here.server.arrive('amina', 'Amina');
    await toCall(amina);
    // The server is faster than the answer.
    program.sessionEnd.mockImplementationOnce(() => {
      program.tell('sessions', sessionsState([]));
      here.server.end('ended');
      return Promise.resolve();
    });
    await choose(button('Leave or end the meeting'), 'End for everyone');
    await atHome();
    expect(program.sessionEnd).toHaveBeenCalledExactlyOnceWith('a');
    expect(program.callLeft).toHaveBeenCalledExactlyOnceWith('a', false);
    expect(codes()).toEqual([]);
  });

  it('goes on if it could not be ended for everyone', async () => {
    await toCall(amina);
    program.sessionEnd.mockRejectedValueOnce({ code: 'backend-timeout', detail: '' });
    await choose(button('Leave or end the meeting'), 'End for everyone');
    expect((await screen.findByTestId('error')).dataset.code).toBe('backend-timeout');
    expect(screen.getByTestId('call-state').dataset.state).toBe('connected');
    expect(button('Leave or end the meeting').disabled).toBe(false);
    // Later it is the other party who ends it.
    program.tell('sessions', sessionsState([]));
    here.server.end('ended');
    await atHome();
    expect(codes()).toEqual(['meeting-completed']);
  });

  it.each<[string, MeetingSession[], string]>([
    ['vanishes', [], 'meeting-completed'],
    ['is completed', [{ ...amina, status: 'completed' }], 'meeting-completed'],
    ['is cancelled', [{ ...amina, status: 'cancelled' }], 'meeting-cancelled'],
    ['is still listed', [amina], 'ended'],
  ])('says how it ended when the room is gone and it %s', async (_, sessions, code) => {
    await toCall(amina);
    program.tell('sessions', sessionsState(sessions));
    expect(screen.getByTestId('room')).toBeTruthy();
    here.server.end('ended');
    await atHome();
    expect(codes()).toEqual([code]);
    expect(screen.getByTestId('error').classList).toContain('info');
    // Nobody hung up.
    expect(program.callLeft).toHaveBeenCalledExactlyOnceWith('a', false);
  });

  it('has no such menu without a meeting session', async () => {
    await toRoom();
    expect(button('Leave')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Leave or end the meeting' })).toBeNull();
  });

  it('does not depend on whether the program hears of it', async () => {
    program.callEntered.mockRejectedValueOnce({ code: 'internal', detail: '' });
    await toCall(amina);
    expect(codes()).toEqual([]);
    expect(program.log).toHaveBeenCalledWith('warn', 'internal');
  });
});
