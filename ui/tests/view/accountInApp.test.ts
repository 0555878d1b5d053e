// @vitest-environment jsdom
import { render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';

import { App } from '../../src/app/app.svelte';
import AppView from '../../src/App.svelte';
import type { Explained, SettingsReport, SettingValue } from '../../src/platform/platform';
import { program } from './program';
import { broken, choose } from './show';
import { accountState, backend, setting, signedIn } from '../support/standIns';
import {
  amina,
  atHome,
  button,
  codes,
  eachBegins,
  here,
  home,
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
    expect(program.listenerCount).toBe(9);
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
    app.preferences.typeName('a name that is kept');
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

  it('of a shared computer leaves nothing of the user, once they have said so', async () => {
    localStorage.setItem('displayName', 'Dee');
    await home();
    const shared = 'Sign out of a shared computer…';
    await choose(button(/^Account: Dana Ortiz/), shared);
    await userEvent.click(await screen.findByRole('button', { name: 'Stay signed in' }));
    expect(program.signOut).not.toHaveBeenCalled();
    expect(localStorage.length).toBe(1);
    await choose(button(/^Account: Dana Ortiz/), shared);
    const dialog = await screen.findByRole('alertdialog');
    expect(dialog.textContent).toContain('past meetings, your name');
    expect(await broken()).toEqual([]);
    await userEvent.click(button('Sign out and erase'));
    await vi.waitFor(() => {
      expect(program.eraseTraces).toHaveBeenCalledOnce();
    });
    expect(program.signOut).toHaveBeenCalledBefore(program.eraseTraces);
    expect(localStorage.length).toBe(0);
    program.tell('account', { ...signedIn, user: { id: 'u2', name: 'Eve' } });
    program.tell('open-input', 'tea');
    await screen.findByRole('heading', { name: 'tea' });
    expect(screen.getByRole('textbox', { name: 'Your name' })).toHaveProperty('value', 'Eve');
  });

  it('that the server does not hear of is a sign-out all the same, and that is said', async () => {
    program.signOut.mockRejectedValueOnce({ code: 'sign-out-not-told', detail: '' });
    await home();
    await choose(button(/^Account: Dana Ortiz/), 'Sign out');
    program.tell('account', accountState({ backend }));
    await vi.waitFor(() => {
      expect(codes()).toEqual(['sign-out-not-told']);
    });
    expect(screen.queryByRole('button', { name: /^Account/ })).toBeNull();
  });

  it('says what could not be erased, and erases the rest', async () => {
    localStorage.setItem('displayName', 'Dee');
    program.signOut.mockRejectedValueOnce({ code: 'keyring-not-erased', detail: '' });
    program.eraseTraces.mockRejectedValueOnce({ code: 'history-unavailable', detail: '' });
    await home();
    await choose(button(/^Account: Dana Ortiz/), 'Sign out of a shared computer…');
    await userEvent.click(await screen.findByRole('button', { name: 'Sign out and erase' }));
    await vi.waitFor(() => {
      expect(codes()).toContain('history-unavailable');
    });
    expect(codes()).toContain('keyring-not-erased');
    expect(localStorage.length).toBe(0);
  });

  it('that runs out in a call is said, and the call goes on', async () => {
    await toRoom();
    program.tell('account', {
      ...accountState({ backend }),
      fault: { code: 'sign-in-expired', detail: '' },
    });
    expect((await screen.findByTestId('expired')).textContent.trim()).toBe(
      'Your sign-in has expired. Sign in again to come back after a break.',
    );
    expect(screen.getByTestId('call-state').dataset.state).toBe('connected');
    expect(codes()).toEqual([]);
    expect(await broken()).toEqual([]);
    program.tell('account', signedIn);
    await vi.waitFor(() => {
      expect(screen.queryByTestId('expired')).toBeNull();
    });
  });
});

describe('the name that others see', () => {
  const field = (): HTMLInputElement => screen.getByRole('textbox', { name: 'Your name' });

  /** The settings have a name, and take another one. */
  function called(name: string | null, more: Partial<Explained> = {}): void {
    const report = (value: SettingValue): SettingsReport => ({
      settings: [setting('name', value, more)],
      problems: [],
      userFile: '',
    });
    program.settings.mockResolvedValue(report(name));
    const become = (value: SettingValue): Promise<SettingsReport> => {
      program.settings.mockResolvedValue(report(value));
      return Promise.resolve(report(value));
    };
    program.setSetting.mockImplementation((_, value) => become(value));
    program.unsetSetting.mockImplementation(() => become(null));
  }

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
    called('Dee');
    await toLobby(amina);
    expect(field().value).toBe('Dee');
  });

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
    await leave();
    await signOut(next);
    expect(field().value).toBe(name);
    expect(program.setSetting).not.toHaveBeenCalled();
    expect(localStorage).toHaveLength(0);
  });

  it('stays what the user typed when they sign out', async () => {
    called(null);
    await toLobby(amina);
    await userEvent.clear(field());
    await userEvent.type(field(), 'Dee');
    await userEvent.click(button('Join'));
    await screen.findByTestId('room');
    await leave();
    await signOut({ ...signedIn, user: { id: 'u2', name: 'Eve' } });
    expect(field().value).toBe('Dee');
    expect(program.setSetting).toHaveBeenCalledExactlyOnceWith('name', 'Dee');
  });

  it('is the one of the settings, before and after they are looked at', async () => {
    called('Dee');
    await toLobby(amina);
    await userEvent.clear(field());
    await userEvent.type(field(), 'Dora');
    await userEvent.click(button('Join'));
    await screen.findByTestId('room');
    await leave();
    await atHome();
    await userEvent.click(button('Settings'));
    const set = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Your name' });
    expect(set.value).toBe('Dora');
    await userEvent.clear(set);
    await userEvent.type(set, 'Dee Dee{Enter}');
    await userEvent.click(button('Back'));
    program.tell('open-input', 'tea');
    await screen.findByRole('heading', { name: 'tea' });
    expect(field().value).toBe('Dee Dee');
  });

  it('is nobody’s to change but the administrator’s where that is so', async () => {
    called('Dee', { locked: true, editable: false });
    await toLobby(amina);
    expect(field().readOnly).toBe(true);
    await userEvent.click(button('Join'));
    await screen.findByTestId('room');
    expect(program.setSetting).not.toHaveBeenCalled();
  });

  it('that a command line gave is not written down when the user changes it', async () => {
    called('Dee', { layer: 'command-line', editable: false });
    await toLobby(amina);
    await userEvent.type(field(), ' Dora');
    await userEvent.click(button('Join'));
    await screen.findByTestId('room');
    expect(program.fetchToken).toHaveBeenLastCalledWith(expect.anything(), 'Dee Dora');
    expect(program.setSetting).not.toHaveBeenCalled();
  });

  it('is kept no longer once the user prefers that of the account', async () => {
    called('Dee');
    await toLobby(amina);
    await userEvent.clear(field());
    program.tell('account', accountState({ backend }));
    await tick();
    program.tell('account', signedIn);
    await tick();
    expect(field().value).toBe('Dana Ortiz');
    await userEvent.click(button('Join'));
    await screen.findByTestId('room');
    expect(program.unsetSetting).toHaveBeenCalledExactlyOnceWith('name');
  });

  it('stays the same after a break, also if the sign-in ran out meanwhile', async () => {
    await toRoom();
    program.tell('account', accountState({ backend }));
    await tick();
    here.server.breakOff();
    await vi.waitFor(() => {
      expect(program.fetchToken).toHaveBeenCalledTimes(2);
    });
    expect(program.fetchToken).toHaveBeenLastCalledWith(expect.anything(), 'Dana Ortiz');
  });
});
