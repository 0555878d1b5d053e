// @vitest-environment jsdom
import { screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';

import { program } from './program';
import { broken } from './show';
import { MemoryCall } from '../support/memoryCall';
import { grant, meeting, sessionsState } from '../support/standIns';
import {
  amina,
  atHome,
  bruno,
  button,
  codes,
  eachBegins,
  here,
  home,
  ring,
  rings,
  toCall,
  toLobby,
  toRoom,
} from './way';

vi.mock('../../src/call/providers', async () => {
  const { memory } = await import('../support/memory');
  return { loadProvider: memory.loadProvider };
});
vi.mock('../../src/platform', async () => {
  const { program: inMemory } = await import('./program');
  return { platform: inMemory };
});

eachBegins();

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
    await userEvent.click(button('Settings'));
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
    expect((await screen.findByTestId('error')).dataset.code).toBe('link-invalid');
    expect(screen.queryByRole('alertdialog')).toBeNull();
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
    here.server.end('removed');
    await screen.findByRole('heading', { name: 'Opened' });
    await vi.waitFor(() => {
      expect(screen.queryByRole('alertdialog')).toBeNull();
    });
  });
});

describe('a link that comes in a lobby', () => {
  const question = () => screen.findByRole('alertdialog', { name: 'Open another meeting?' });
  const come = (title: string): void => {
    program.resolveMeeting.mockImplementationOnce((room) =>
      Promise.resolve({ ...meeting, room, title, serverUrl: 'wss://other.test:7880' }),
    );
    program.tell('open-input', 'den');
  };

  it('does not take its place unasked, and says which room it leads to', async () => {
    await toLobby(amina);
    come('Meeting a');
    const dialog = within(await question());
    expect(dialog.getByText(/“Meeting a” \(Room “den” on other\.test:7880\)/)).toBeTruthy();
    expect(await broken()).toEqual([]);
    await userEvent.click(dialog.getByRole('button', { name: 'Stay here' }));
    await vi.waitFor(() => {
      expect(screen.queryByRole('alertdialog')).toBeNull();
    });
    expect(screen.getByText('with Amina')).toBeTruthy();
    expect(here.opened).toHaveLength(2);
  });

  it('takes its place if that is wanted', async () => {
    await toLobby(amina);
    come('Den');
    await userEvent.click(within(await question()).getByRole('button', { name: 'Open it' }));
    await screen.findByRole('heading', { name: 'Den' });
    expect(screen.getByTestId('lobby-place').textContent).toBe('Room “den” on other.test:7880');
  });

  it('asks nothing if it leads to where one is', async () => {
    await home();
    come('Den');
    await screen.findByRole('heading', { name: 'Den' });
    come('Another title');
    await tick();
    await tick();
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(screen.getByRole('heading', { name: 'Den' })).toBeTruthy();
  });
});

/** Until whatever follows by itself has followed. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('a desktop that is asked for where a meeting is joined', () => {
  const field = () => screen.getByTestId<HTMLInputElement>('home-input');

  it('leads there from another screen, ready to be typed into', async () => {
    await home();
    await userEvent.click(screen.getByTestId('home-settings'));
    await vi.waitFor(() => expect(screen.queryByTestId('home-input')).toBeNull());
    program.tell('home-asked', null);
    await vi.waitFor(() => expect(document.activeElement).toBe(field()));
  });

  it('changes nothing of what is typed there already', async () => {
    await home();
    await userEvent.type(field(), 'half a na');
    program.tell('home-asked', null);
    await settled();
    expect(field().value).toBe('half a na');
  });

  it('leads neither out of a lobby nor out of a call', async () => {
    await toLobby(amina);
    program.tell('home-asked', null);
    await settled();
    await userEvent.click(screen.getByTestId('lobby-join'));
    await screen.findByTestId('room');
    program.tell('home-asked', null);
    await settled();
    expect(screen.getByTestId('room')).toBeTruthy();
  });
});

describe('a window that is to be closed in a call', () => {
  const question = () =>
    screen.findByRole('alertdialog', { name: 'Leave the call and close the window?' });

  it('asks, and stays if the user does', async () => {
    await toCall(amina);
    program.tell('close-asked', null);
    const asked = await question();
    await userEvent.click(within(asked).getByRole('button', { name: 'Stay in the call' }));
    expect(program.closeAnswered).toHaveBeenCalledExactlyOnceWith(false);
    expect(program.callLeft).not.toHaveBeenCalled();
    expect(screen.getByTestId('room')).toBeTruthy();
    await vi.waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  });

  it('is closed once the call is left and in the history', async () => {
    await toCall(amina);
    let kept = (): void => undefined;
    program.historyFinish.mockReturnValueOnce(new Promise((resolve) => (kept = resolve)));
    program.tell('close-asked', null);
    const asked = await question();
    await userEvent.click(within(asked).getByRole('button', { name: 'Leave and close' }));
    await atHome();
    expect(program.callLeft).toHaveBeenCalledExactlyOnceWith('a', false);
    await vi.waitFor(() => expect(program.historyFinish).toHaveBeenCalledOnce());
    expect(program.closeAnswered).not.toHaveBeenCalled();
    kept();
    await vi.waitFor(() => {
      expect(program.closeAnswered).toHaveBeenCalledExactlyOnceWith(true);
    });
  });

  it('is not asked about once the call is over', async () => {
    await toCall(amina);
    program.tell('close-asked', null);
    await question();
    program.tell('window-hidden', null);
    await atHome();
    await vi.waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    program.tell('close-asked', null);
    await vi.waitFor(() => {
      expect(program.closeAnswered).toHaveBeenLastCalledWith(true);
    });
    expect(screen.queryByRole('alertdialog')).toBeNull();
  });
});

describe('a window that is closed while the app goes on', () => {
  it('leaves the call', async () => {
    await toCall(amina);
    program.tell('window-hidden', null);
    await atHome();
    expect(program.callLeft).toHaveBeenCalledExactlyOnceWith('a', false);
    expect(codes()).toEqual([]);
  });

  it('leaves the lobby and closes the devices', async () => {
    await toLobby(amina);
    program.tell('window-hidden', null);
    await atHome();
    expect(here.opened.every(({ readyState }) => readyState === 'ended')).toBe(true);
  });

  it('opens no lobby any more that was on its way from the call', async () => {
    await toCall(amina);
    let found = (): void => undefined;
    program.sessionJoin.mockReturnValueOnce(
      new Promise((resolve) => {
        found = () => resolve({ ...meeting, title: 'Other', session: 'b' });
      }),
    );
    await ring([amina, bruno], ['b']);
    await userEvent.click(button('Join the meeting'));
    await userEvent.click(
      within(await screen.findByRole('alertdialog')).getByRole('button', { name: /^Leave/ }),
    );
    program.tell('window-hidden', null);
    await atHome();
    found();
    await settled();
    expect(screen.queryByRole('heading', { name: 'Other' })).toBeNull();
    expect(here.opened.every(({ readyState }) => readyState === 'ended')).toBe(true);
  });

  it('opens no lobby after a call that takes long to leave', async () => {
    await toCall(amina);
    let left = (): void => undefined;
    vi.spyOn(MemoryCall.prototype, 'leave').mockImplementationOnce(async function (
      this: MemoryCall,
    ) {
      await this.leave();
      await new Promise<void>((resolve) => (left = resolve));
    });
    program.tell('open-meeting', { ...meeting, title: 'Other', session: 'x' });
    await userEvent.click(
      within(await screen.findByRole('alertdialog')).getByRole('button', { name: /^Leave/ }),
    );
    await atHome();
    program.tell('window-hidden', null);
    left();
    await settled();
    expect(screen.queryByRole('heading', { name: 'Other' })).toBeNull();
    expect(here.opened.every(({ readyState }) => readyState === 'ended')).toBe(true);
  });

  it('leaves everything else as it is', async () => {
    await home();
    await userEvent.click(button('Settings'));
    program.tell('window-hidden', null);
    await tick();
    expect(button('Back')).toBeTruthy();
  });
});

describe('a meeting that is opened', () => {
  it('leads straight to its lobby, from wherever there is no call', async () => {
    await home();
    await userEvent.click(button('Settings'));
    program.tell('open-meeting', { ...meeting, title: 'Opened', session: 'a' });
    await screen.findByRole('heading', { name: 'Opened' });
    await vi.waitFor(() => {
      expect(here.opened).toHaveLength(2);
    });
    await ring([amina], []);
    expect(screen.getByText('with Amina')).toBeTruthy();
    // The next one's lobby has devices of its own.
    program.tell('open-meeting', { ...meeting, title: 'Other', session: 'x' });
    await screen.findByRole('heading', { name: 'Other' });
    await vi.waitFor(() => {
      expect(here.opened.filter(({ readyState }) => readyState === 'live')).toHaveLength(2);
    });
    expect(here.opened).toHaveLength(4);
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
    expect(here.opened.every(({ readyState }) => readyState === 'ended')).toBe(true);
  });

  it('does not lead into a call that was given up meanwhile', async () => {
    await toLobby(amina);
    let token: () => void = () => undefined;
    program.fetchToken.mockImplementationOnce(
      ({ room }, identity) =>
        new Promise((resolve) => {
          token = () => resolve({ ...grant, identity, room });
        }),
    );
    await userEvent.click(button('Join'));
    await userEvent.click(button('Back'));
    await atHome();
    token();
    await vi.waitFor(() => {
      expect(here.opened.every(({ readyState }) => readyState === 'ended')).toBe(true);
    });
    await vi.waitFor(() => {
      expect(button(/^Join Piano a/).disabled).toBe(false);
    });
    expect(screen.queryByTestId('room')).toBeNull();
    expect(program.callEntered).not.toHaveBeenCalled();
  });
});
