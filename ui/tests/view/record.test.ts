// @vitest-environment jsdom
import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import AppView from '../../src/App.svelte';
import type { Explained, Meeting } from '../../src/platform/platform';
import { memory, MemoryServer } from '../support/memory';
import { fillInDevices } from '../support/devices';
import { program } from './program';
import { choose, fillIn, loadAll } from './show';
import { meeting, meetingSession, sessionsState, signedIn } from '../support/standIns';

vi.mock('../../src/call/providers', async () => {
  const { memory } = await import('../support/memory');
  return { loadProvider: memory.loadProvider };
});
vi.mock('../../src/platform', async () => {
  const { program: inMemory } = await import('./program');
  return { platform: inMemory };
});

let server: MemoryServer;

beforeAll(loadAll);
beforeEach(() => {
  fillIn();
  fillInDevices();
  localStorage.clear();
  server = memory.server = new MemoryServer();
  program.reset();
  program.historyBegin.mockResolvedValue(7);
  program.accountState.mockResolvedValue(signedIn);
});

/** Into the room of a meeting. */
async function join(more: Partial<Meeting> = {}): Promise<void> {
  program.resolveMeeting.mockResolvedValue({ ...meeting, ...more });
  render(AppView);
  await screen.findByRole('heading', { name: 'Your meetings' });
  program.tell('open-input', 'tea');
  await userEvent.click(await screen.findByTestId('lobby-join'));
  await screen.findByTestId('room');
}

const leave = async (): Promise<void> =>
  await userEvent.click(screen.getByRole('button', { name: 'Leave' }));
const atHome = () => screen.findByRole('heading', { name: 'Your meetings' });
const finished = (): Promise<unknown> =>
  vi.waitFor(() => {
    expect(program.historyFinish).toHaveBeenCalledOnce();
    return program.historyFinish.mock.calls[0];
  });

function setting(key: Explained['key'], value: Explained['value']): Explained {
  return {
    key,
    value,
    layer: 'user',
    source: '',
    locked: false,
    editable: true,
    applies: 'now',
    afterRestart: false,
    ignored: [],
  };
}

describe('a call', () => {
  it('is recorded: which, with whom, why it ended, how it went', async () => {
    server.arrive('amina', 'Amina');
    const before = Date.now();
    await join();
    expect(program.historyBegin).toHaveBeenCalledOnce();
    const { startedAt, ...entry } = program.historyBegin.mock.calls[0]?.[0] ?? { startedAt: 0 };
    expect(entry).toEqual({
      title: 'Tea time',
      room: 'tea',
      provider: 'livekit',
      profile: null,
      sessionId: null,
    });
    expect(startedAt).toBeGreaterThanOrEqual(before);
    expect(startedAt).toBeLessThanOrEqual(Date.now());
    server.arrive('bruno', 'Bruno');
    await vi.waitFor(() => {
      expect(program.historyUpdate).toHaveBeenLastCalledWith(7, ['Amina', 'Bruno'], null);
    });
    server.publish('bruno', 'camera');
    server.count('bruno', 'camera', {
      packetsReceived: 95,
      packetsLost: 5,
      frameHeight: 720,
      freezeCount: 1,
      totalFreezesDuration: 0.5,
    });
    server.interrupt();
    server.mend();
    await leave();
    await atHome();
    expect(await finished()).toEqual([
      7,
      'left',
      {
        reconnections: 1,
        roundTripMs: null,
        lossPercent: 5,
        receivedHeight: 720,
        freezes: 1,
        frozenMs: 500,
      },
    ]);
  });

  it('of a backend is recorded with its profile and meeting session', async () => {
    await join({ source: 'backend', session: 'a' });
    expect(program.historyBegin).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ profile: 'convex', sessionId: 'a' }),
    );
  });

  it.each([
    ['who was removed', 'removed', 'removed'],
    ['whose meeting is over', 'ended', 'meeting-completed'],
  ] as const)('of somebody %s ends with that reason', async (_, reason, code) => {
    program.sessionsState.mockResolvedValue(sessionsState([meetingSession('a')]));
    await join({ session: 'a' });
    if (code === 'meeting-completed') program.tell('sessions', sessionsState([]));
    server.end(reason);
    await atHome();
    expect(await finished()).toEqual([7, code, null]);
  });

  it.each<[string, () => void]>([
    ['nothing', () => undefined],
    ['the room', () => server.end('ended')],
    [
      'the meeting session and the room',
      () => {
        program.tell('sessions', sessionsState([]));
        server.end('ended');
      },
    ],
  ])('that the user ended for everyone is over, with %s gone first', async (_, go) => {
    program.sessionsState.mockResolvedValue(sessionsState([meetingSession('a')]));
    await join({ session: 'a' });
    program.sessionEnd.mockImplementationOnce(() => {
      go();
      return Promise.resolve();
    });
    await choose(
      screen.getByRole('button', { name: 'Leave or end the meeting' }),
      'End for everyone',
    );
    await atHome();
    expect(await finished()).toEqual([7, 'ended', null]);
  });

  it.each(['begin', 'update', 'finish'] as const)(
    'does not depend on the history: %s',
    async (step) => {
      const fault = { code: 'history-unavailable', detail: 'disk' };
      if (step === 'begin') program.historyBegin.mockRejectedValue(fault);
      else if (step === 'update') program.historyUpdate.mockRejectedValue(fault);
      else program.historyFinish.mockRejectedValue(fault);
      server.arrive('amina', 'Amina');
      await join();
      expect(screen.getByTestId('call-state').dataset.state).toBe('connected');
      await leave();
      await atHome();
      await vi.waitFor(() => {
        expect(program.log).toHaveBeenCalledWith('warn', 'recording the call: history-unavailable');
      });
      expect(screen.queryByTestId('error')).toBeNull();
    },
  );
});

describe('nothing is recorded', () => {
  const nothing = (): void => {
    for (const each of [program.historyBegin, program.historyUpdate, program.historyFinish]) {
      expect(each).not.toHaveBeenCalled();
    }
  };

  it('when that is switched off', async () => {
    const settings = [setting('history', false)];
    program.settings.mockResolvedValue({ settings, problems: [], userFile: '' });
    server.arrive('amina', 'Amina');
    await join();
    await leave();
    await atHome();
    nothing();
  });

  it('when it is not known whether it may be', async () => {
    program.settings.mockRejectedValue({ code: 'internal', detail: '' });
    await join();
    await leave();
    await atHome();
    nothing();
  });

  it('for the guest', async () => {
    program.appInfo.mockResolvedValue({
      version: '1.2.3',
      devMode: false,
      startAt: { room: 'tea', screen: 'room' },
      lost: null,
      paintPath: 'system',
    });
    render(AppView);
    await screen.findByTestId('room');
    server.end('removed');
    await atHome();
    nothing();
  });
});
