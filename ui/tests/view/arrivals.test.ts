// @vitest-environment jsdom
import { render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { DisconnectReason } from 'livekit-client';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { App } from '../../src/app.svelte';
import AppView from '../../src/App.svelte';
import type { MeetingSession } from '../../src/platform/platform';
import { newWorld, type World } from '../call/world';
import { fillInDevices, type FakeDevice } from './devices';
import { program } from './program';
import { broken, choose, fillIn } from './show';
import {
  accountState,
  backend,
  meeting,
  meetingSession,
  sessionsState,
  signedIn,
} from './standIns';

vi.mock('livekit-client', async (original) => {
  const { inMemory } = await import('../call/world');
  return inMemory(await original());
});
vi.mock('../../src/platform', async () => {
  const { program: inMemory } = await import('./program');
  return { platform: inMemory };
});

let world: World;
let opened: FakeDevice[];
const amina = meetingSession('a');
const bruno = meetingSession('b', { role: 'requester', otherParty: 'Bruno' });

beforeEach(() => {
  fillIn();
  opened = fillInDevices();
  localStorage.clear();
  world = newWorld();
  program.reset();
});

const button = (name: string | RegExp): HTMLButtonElement =>
  screen.getByRole<HTMLButtonElement>('button', { name });
const rings = (): (string | undefined)[] =>
  screen.queryAllByTestId('ring').map(({ dataset }) => dataset.session);
const codes = (): (string | undefined)[] =>
  screen.queryAllByTestId('error').map(({ dataset }) => dataset.code);

/** What the program tells when sessions ring. */
async function ring(sessions: MeetingSession[], ringing = sessions.map(({ id }) => id)) {
  program.tell('sessions', sessionsState(sessions, { ringing }));
  await tick();
}

/** Signed in, at home. */
async function home(): Promise<{ unmount: () => void }> {
  program.accountState.mockResolvedValue(signedIn);
  const rendered = render(AppView);
  await screen.findByRole('heading', { name: 'Your meetings' });
  return rendered;
}

/** From home to the lobby of a meeting session, and into its call. */
async function toLobby(session: MeetingSession): Promise<void> {
  await home();
  await ring([session]);
  await userEvent.click(button('Join the meeting'));
  await screen.findByRole('heading', { name: `Meeting ${session.id}` });
  await vi.waitFor(() => {
    expect(opened).toHaveLength(2);
  });
}

async function toCall(session: MeetingSession): Promise<void> {
  await toLobby(session);
  await userEvent.click(button('Join'));
  await screen.findByTestId('room');
}

/** In a call that is no meeting session. */
async function toRoom(): Promise<void> {
  await home();
  await userEvent.type(screen.getByRole('textbox', { name: 'Link or room name' }), 'tea{Enter}');
  await screen.findByRole('heading', { name: 'tea' });
  await userEvent.click(button('Join'));
  await screen.findByTestId('room');
}

const atHome = () => screen.findByRole('heading', { name: 'Your meetings' });

describe('what the program tells', () => {
  it('changes who is signed in, at once', async () => {
    program.accountState.mockResolvedValue(accountState({ backend }));
    render(AppView);
    await screen.findByRole('heading', { name: 'Sign in to Fixers' });
    program.tell('account', accountState({ backend, waiting: true }));
    expect((await screen.findByRole('status')).textContent).toContain('in your browser');
    program.tell('account', signedIn);
    await atHome();
    program.tell('account', accountState({ backend }));
    await screen.findByRole('heading', { name: 'Sign in to Fixers' });
  });

  it('is not overtaken by an older answer', async () => {
    let answer: (state: typeof signedIn) => void = () => undefined;
    program.accountState.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    render(AppView);
    await screen.findByRole('heading', { name: 'Join a meeting' });
    program.tell('account', signedIn);
    await atHome();
    answer(accountState({ backend }));
    await tick();
    expect(screen.getByRole('heading', { name: 'Your meetings' })).toBeTruthy();
  });

  it('is heard until the page goes', async () => {
    const { unmount } = await home();
    expect(program.listenerCount).toBe(6);
    unmount();
    expect(program.listenerCount).toBe(0);
  });

  it('is told to the user when it is a problem', async () => {
    await home();
    program.tell('problem', { code: 'sign-in-not-asked', detail: '' });
    await tick();
    expect(codes()).toEqual(['sign-in-not-asked']);
  });

  it('shows home also if nothing of accounts and meetings can be had', async () => {
    program.accountState.mockRejectedValue({ code: 'internal', detail: 'away' });
    render(AppView);
    await screen.findByRole('heading', { name: 'Join a meeting' });
    expect(codes()).toEqual(['internal']);
  });
});

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

describe('signing in and out', () => {
  const SECRET = 'ey-pasted-secret-0123456789';

  it('keeps nothing of what was pasted, whether it works or not', async () => {
    program.accountState.mockResolvedValue(accountState({ backend }));
    const stored = vi.spyOn(Storage.prototype, 'setItem');
    render(AppView);
    const user = userEvent.setup();
    await user.click(await screen.findByRole('button', { name: 'Paste a token or session' }));
    program.signInPaste.mockRejectedValueOnce({ code: 'credential-invalid', detail: '' });
    await user.paste(SECRET);
    await user.keyboard('{Enter}');
    expect(program.signInPaste).toHaveBeenCalledExactlyOnceWith(SECRET);
    const dialog = within(screen.getByRole('dialog'));
    expect((await dialog.findByRole('alert')).dataset.code).toBe('credential-invalid');
    expect(document.documentElement.outerHTML).not.toContain(SECRET);
    expect(screen.getByLabelText<HTMLInputElement>('Token or session').value).toBe('');
    await user.paste(SECRET);
    await user.keyboard('{Enter}');
    program.tell('account', signedIn);
    await atHome();
    expect(document.documentElement.outerHTML).not.toContain(SECRET);
    expect(JSON.stringify([program.log.mock.calls, stored.mock.calls])).not.toContain(SECRET);
  });

  it('leaves nothing of it in the state of the app', async () => {
    /** What is kept in fields and behind getters, all the way down. */
    const kept = (thing: unknown, seen = new Set()): unknown => {
      if (typeof thing !== 'object' || thing === null || seen.has(thing)) return thing;
      seen.add(thing);
      const own = Object.getOwnPropertyNames(thing);
      const getters = Object.getOwnPropertyNames(Object.getPrototypeOf(thing) ?? {});
      return [...own, ...getters].map((name) => [name, kept(Reflect.get(thing, name), seen)]);
    };
    const app = new App();
    app.displayName = 'a name that is kept';
    expect(await app.account.signInPaste(SECRET)).toBe(true);
    program.signInPaste.mockRejectedValueOnce({ code: 'credential-invalid', detail: '' });
    expect(await app.account.signInPaste(SECRET)).toBe(false);
    const state = JSON.stringify(kept(app));
    expect(state).toContain('a name that is kept');
    expect(state).toContain('credential-invalid');
    expect(state).not.toContain(SECRET);
  });

  it('says nothing to those who cancel it themselves', async () => {
    program.accountState.mockResolvedValue(accountState({ backend }));
    let fail: (fault: object) => void = () => undefined;
    program.signInBrowser.mockReturnValueOnce(new Promise((_, reject) => (fail = reject)));
    render(AppView);
    await userEvent.click(await screen.findByRole('button', { name: 'Sign in with the browser' }));
    program.tell('account', accountState({ backend, waiting: true }));
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }));
    expect(program.signInCancel).toHaveBeenCalledOnce();
    fail({ code: 'sign-in-cancelled', detail: '' });
    program.tell('account', accountState({ backend }));
    expect(
      (await screen.findByRole('button', { name: 'Sign in with the browser' })).textContent,
    ).toBeTruthy();
    expect(codes()).toEqual([]);
  });

  it('says why the browser did not lead back', async () => {
    program.accountState.mockResolvedValue(accountState({ backend }));
    program.signInBrowser.mockRejectedValueOnce({ code: 'sign-in-failed', detail: 'no answer' });
    render(AppView);
    await userEvent.click(await screen.findByRole('button', { name: 'Sign in with the browser' }));
    expect((await screen.findByRole('alert')).dataset.code).toBe('sign-in-failed');
  });

  it('leads out by the menu', async () => {
    await home();
    await choose(button(/^Account: Dana Ortiz/), 'Sign out');
    expect(program.signOut).toHaveBeenCalledOnce();
    program.tell('account', accountState({ backend }));
    await screen.findByRole('heading', { name: 'Sign in to Fixers' });
    expect(screen.queryByText('Dana Ortiz')).toBeNull();
  });

  it('that runs out in a call is said, and the call goes on', async () => {
    await toRoom();
    program.tell('account', {
      ...accountState({ backend }),
      fault: { code: 'sign-in-expired', detail: '' },
    });
    expect((await screen.findByRole('status')).textContent.trim()).toBe(
      'Your sign-in has expired. Sign in again to come back after a break.',
    );
    expect(screen.getByTestId('call-state').dataset.state).toBe('connected');
    expect(codes()).toEqual([]);
    expect(await broken()).toEqual([]);
    program.tell('account', signedIn);
    await vi.waitFor(() => {
      expect(screen.queryByRole('status')).toBeNull();
    });
  });
});

describe('a meeting session that rings', () => {
  it('is there and gone at once, on each screen', async () => {
    await home();
    const check = async (): Promise<void> => {
      await ring([amina, bruno]);
      expect(rings()).toEqual(['a', 'b']);
      await ring([amina, bruno], ['b']);
      expect(rings()).toEqual(['b']);
      // Cancelled: it is in neither list any more.
      await ring([amina], []);
      expect(rings()).toEqual([]);
    };
    await check();
    await userEvent.click(button('Check a meeting token'));
    await check();
    await userEvent.click(button('Back'));
    await userEvent.type(screen.getByRole('textbox', { name: 'Link or room name' }), 'tea{Enter}');
    await screen.findByRole('heading', { name: 'tea' });
    await check();
    await userEvent.click(button('Join'));
    await screen.findByTestId('room');
    await check();
  });

  it('that is cancelled rings no longer, even if it is still said to', async () => {
    await home();
    await ring([amina]);
    await ring([{ ...amina, status: 'cancelled' }], ['a']);
    expect(rings()).toEqual([]);
  });

  it('leads to its lobby, with its title and whom one meets', async () => {
    await toLobby(amina);
    expect(program.sessionJoin).toHaveBeenCalledExactlyOnceWith('a');
    expect(screen.getByText('with Amina')).toBeTruthy();
    expect(rings()).toEqual([]);
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Your name' }).value).toBe(
      'Dana Ortiz',
    );
    expect(await broken()).toEqual([]);
  });

  it('goes on ringing if it cannot be joined', async () => {
    await home();
    program.sessionJoin.mockRejectedValueOnce({ code: 'meeting-not-found', detail: '' });
    await ring([amina]);
    await userEvent.click(button('Join the meeting'));
    expect((await screen.findByTestId('error')).dataset.code).toBe('meeting-not-found');
    expect(rings()).toEqual(['a']);
  });

  it('is heard if the program says so, until it is answered', async () => {
    const play = vi.fn(() => Promise.resolve());
    const pause = vi.fn();
    class FakeAudio {
      readonly play = play;
      readonly pause = pause;
    }
    vi.stubGlobal('Audio', FakeAudio);
    Object.defineProperty(URL, 'createObjectURL', { value: () => 'blob:tone', configurable: true });
    await home();
    await ring([amina]);
    expect(play).not.toHaveBeenCalled();
    program.tell('sessions', sessionsState([amina], { ringing: ['a'], ringtone: true }));
    await tick();
    expect(play).toHaveBeenCalledTimes(1);
    program.sessionDismiss.mockReturnValueOnce(new Promise(() => undefined));
    await userEvent.click(button('Dismiss'));
    expect(pause).toHaveBeenCalledTimes(1);
    vi.unstubAllGlobals();
  });

  it('is dismissed before the program answers, and may ring again', async () => {
    await home();
    await ring([amina, bruno]);
    program.sessionDismiss.mockReturnValueOnce(new Promise(() => undefined));
    await userEvent.click(screen.getAllByRole('button', { name: 'Dismiss' })[0] as HTMLElement);
    expect(program.sessionDismiss).toHaveBeenCalledExactlyOnceWith('a');
    expect(rings()).toEqual(['b']);
    await ring([amina, bruno], ['b']);
    await ring([amina, bruno]);
    expect(rings()).toEqual(['a', 'b']);
  });

  it('rings on if it could not be dismissed', async () => {
    await home();
    program.sessionDismiss.mockRejectedValueOnce({ code: 'backend-timeout', detail: '' });
    await ring([amina]);
    await userEvent.click(button('Dismiss'));
    expect((await screen.findByTestId('error')).dataset.code).toBe('backend-timeout');
    expect(rings()).toEqual(['a']);
  });
});

describe('a meeting that comes during a call', () => {
  const question = () => screen.findByRole('alertdialog', { name: 'Leave this call and join?' });

  it('is asked about, and the call goes on if that is wanted', async () => {
    await toRoom();
    await ring([amina]);
    await userEvent.click(button('Join the meeting'));
    const dialog = within(await question());
    expect(dialog.getByText(/“Piano a” opens in its place/)).toBeTruthy();
    expect(await broken()).toEqual([]);
    await userEvent.click(dialog.getByRole('button', { name: 'Stay here' }));
    await vi.waitFor(() => {
      expect(screen.queryByRole('alertdialog')).toBeNull();
    });
    expect(program.sessionJoin).not.toHaveBeenCalled();
    expect(screen.getByTestId('call-state').dataset.state).toBe('connected');
    expect(rings()).toEqual(['a']);
  });

  it.each<[string, () => void, string]>([
    ['a ring', () => undefined, 'Meeting a'],
    [
      'one that is opened',
      () => program.tell('open-meeting', { ...meeting, title: 'Opened', session: 'x' }),
      'Opened',
    ],
    ['a link', () => program.tell('open-input', 'salon://join?room=q'), 'salon://join?room=q'],
  ])('ends it if that is wanted: %s', async (kind, come, title) => {
    await toRoom();
    if (kind === 'a ring') {
      await ring([amina]);
      await userEvent.click(button('Join the meeting'));
    } else come();
    await userEvent.click(within(await question()).getByRole('button', { name: 'Leave and join' }));
    await screen.findByRole('heading', { name: title });
    expect(screen.getByTestId('lobby-join')).toBeTruthy();
    expect(program.callLeft).toHaveBeenCalledExactlyOnceWith(null, false);
    expect(codes()).toEqual([]);
  });

  it('does not end it if it cannot be joined', async () => {
    await toRoom();
    program.resolveMeeting.mockRejectedValueOnce({ code: 'link-invalid', detail: '' });
    program.tell('open-input', 'nonsense');
    await userEvent.click(within(await question()).getByRole('button', { name: 'Leave and join' }));
    expect((await screen.findByTestId('error')).dataset.code).toBe('link-invalid');
    expect(screen.getByTestId('call-state').dataset.state).toBe('connected');
  });

  it('is not asked about if it is the one that the user is in', async () => {
    await toCall(amina);
    await ring([amina]);
    expect(rings()).toEqual([]);
    program.tell('open-meeting', { ...meeting, session: 'a' });
    await tick();
    expect(screen.queryByRole('alertdialog')).toBeNull();
  });

  it('comes by itself when the call ends', async () => {
    await toRoom();
    program.tell('open-meeting', { ...meeting, title: 'Opened', session: 'x' });
    await question();
    world.end(DisconnectReason.PARTICIPANT_REMOVED);
    await screen.findByRole('heading', { name: 'Opened' });
    await vi.waitFor(() => {
      expect(screen.queryByRole('alertdialog')).toBeNull();
    });
  });
});

describe('a meeting that is opened', () => {
  it('leads straight to its lobby, from wherever there is no call', async () => {
    await home();
    await userEvent.click(button('Check a meeting token'));
    program.tell('open-meeting', { ...meeting, title: 'Opened', session: 'a' });
    await screen.findByRole('heading', { name: 'Opened' });
    await vi.waitFor(() => {
      expect(opened).toHaveLength(2);
    });
    await ring([amina], []);
    expect(screen.getByText('with Amina')).toBeTruthy();
    // The next one's lobby has devices of its own.
    program.tell('open-input', 'other');
    await screen.findByRole('heading', { name: 'other' });
    await vi.waitFor(() => {
      expect(opened.filter(({ readyState }) => readyState === 'live')).toHaveLength(2);
    });
    expect(opened).toHaveLength(4);
  });

  it('does not lead into a call that was given up meanwhile, nor tell that it failed', async () => {
    await toLobby(amina);
    let fail: (fault: object) => void = () => undefined;
    program.fetchToken.mockReturnValueOnce(new Promise((_, reject) => (fail = reject)));
    await userEvent.click(button('Join'));
    await userEvent.click(button('Back'));
    await atHome();
    fail({ code: 'backend-timeout', detail: '' });
    await vi.waitFor(() => {
      expect(button(/^Join Piano a/).disabled).toBe(false);
    });
    expect(codes()).toEqual([]);
    expect(opened.every(({ readyState }) => readyState === 'ended')).toBe(true);
  });

  it('does not lead into a call that was given up meanwhile', async () => {
    await toLobby(amina);
    let token: () => void = () => undefined;
    program.fetchToken.mockImplementationOnce(
      ({ room }, identity) =>
        new Promise((resolve) => {
          token = () => resolve({ token: 'a.b.c', serverUrl: 'wss://media.test', identity, room });
        }),
    );
    await userEvent.click(button('Join'));
    await userEvent.click(button('Back'));
    await atHome();
    token();
    await vi.waitFor(() => {
      expect(opened.every(({ readyState }) => readyState === 'ended')).toBe(true);
    });
    await vi.waitFor(() => {
      expect(button(/^Join Piano a/).disabled).toBe(false);
    });
    expect(screen.queryByTestId('room')).toBeNull();
    expect(program.callEntered).not.toHaveBeenCalled();
  });
});

describe('the name that others see', () => {
  const field = (): HTMLInputElement => screen.getByRole('textbox', { name: 'Your name' });

  it('is that of the account, also if that is heard of late, until the user changes it', async () => {
    program.accountState.mockResolvedValue(accountState({ backend }));
    render(AppView);
    await screen.findByRole('heading', { name: 'Sign in to Fixers' });
    program.tell('open-input', 'tea');
    await screen.findByRole('heading', { name: 'tea' });
    expect(field().value).toBe('');
    program.tell('account', signedIn);
    await tick();
    expect(field().value).toBe('Dana Ortiz');
    await userEvent.clear(field());
    program.tell('account', { ...signedIn });
    await tick();
    expect(field().value).toBe('');
  });

  it('stays what the user called themselves before', async () => {
    localStorage.setItem('displayName', 'Dee');
    await toLobby(amina);
    expect(field().value).toBe('Dee');
  });

  const stored = (): string | null => localStorage.getItem('displayName');
  const leave = () => choose(button('Leave or end the meeting'), 'Leave');
  /** Signed out by the menu, and in a lobby as somebody else or nobody. */
  async function signOut(next: typeof signedIn): Promise<void> {
    await atHome();
    await choose(button(/^Account: Dana Ortiz/), 'Sign out');
    program.tell('account', accountState({ backend }));
    await screen.findByRole('heading', { name: 'Sign in to Fixers' });
    program.tell('account', next);
    program.tell('open-input', 'tea');
    await screen.findByRole('heading', { name: 'tea' });
  }

  it.each([
    ['nobody', accountState({ backend }), ''],
    ['another', { ...signedIn, user: { id: 'u2', name: 'Eve' } }, 'Eve'],
  ])('is not that of an account that was signed out, for %s', async (_, next, name) => {
    await toCall(amina);
    expect(program.fetchToken).toHaveBeenLastCalledWith(expect.anything(), 'Dana Ortiz');
    expect(stored()).toBeNull();
    await leave();
    await signOut(next);
    expect(field().value).toBe(name);
    expect(stored()).toBeNull();
  });

  it('stays what the user typed when they sign out', async () => {
    await toLobby(amina);
    await userEvent.clear(field());
    await userEvent.type(field(), 'Dee');
    await userEvent.click(button('Join'));
    await screen.findByTestId('room');
    await leave();
    await signOut({ ...signedIn, user: { id: 'u2', name: 'Eve' } });
    expect(field().value).toBe('Dee');
    expect(stored()).toBe('Dee');
  });

  it('is kept no longer once the user prefers that of the account', async () => {
    localStorage.setItem('displayName', 'Dee');
    await toLobby(amina);
    await userEvent.clear(field());
    program.tell('account', accountState({ backend }));
    await tick();
    program.tell('account', signedIn);
    await tick();
    expect(field().value).toBe('Dana Ortiz');
    await userEvent.click(button('Join'));
    await screen.findByTestId('room');
    expect(stored()).toBeNull();
  });

  it('stays the same after a break, also if the sign-in ran out meanwhile', async () => {
    await toRoom();
    program.tell('account', accountState({ backend }));
    await tick();
    world.end(DisconnectReason.SIGNAL_CLOSE);
    await vi.waitFor(() => {
      expect(program.fetchToken).toHaveBeenCalledTimes(2);
    });
    expect(program.fetchToken).toHaveBeenLastCalledWith(expect.anything(), 'Dana Ortiz');
  });
});

describe('the call of a meeting session', () => {
  it('says whom one meets, and the program when it is entered', async () => {
    await toCall(amina);
    expect(screen.getByText('with Amina')).toBeTruthy();
    expect(program.callEntered).toHaveBeenCalledExactlyOnceWith('a');
    expect(await broken()).toEqual([]);
  });

  it.each([
    ['before the other came', false, false, false],
    ['with the other still in it', true, false, false],
    ['as the last one', true, true, true],
  ])('is left %s', async (_, came, went, alone) => {
    if (came) world.members.set('amina', 'Amina');
    await toCall(amina);
    if (went) {
      world.depart('amina');
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

  it('is ended for everyone', async () => {
    world.members.set('amina', 'Amina');
    await toCall(amina);
    // The server is faster than the answer.
    program.sessionEnd.mockImplementationOnce(() => {
      program.tell('sessions', sessionsState([]));
      world.end(DisconnectReason.ROOM_DELETED);
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
    world.end(DisconnectReason.ROOM_DELETED);
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
    world.end(DisconnectReason.ROOM_DELETED);
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
