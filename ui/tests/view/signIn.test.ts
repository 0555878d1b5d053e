// @vitest-environment jsdom
import { screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import { errorText } from '../../src/errors/table';
import Home from '../../src/screens/Home.svelte';
import { broken, choose, fillIn, show, tabOrder } from './show';
import { accountState, backend, homeView, sessionsState, signedIn } from '../support/standIns';

beforeEach(fillIn);

type View = ReturnType<typeof homeView>;

function home(change: (view: View) => void = () => undefined) {
  const view = homeView();
  view.account.state = accountState({ backend });
  change(view);
  return { view, ...show(Home, view) };
}
const state = (more: Parameters<typeof accountState>[0]) => (view: View) => {
  view.account.state = accountState({ backend, ...more });
};
const button = (name: string | RegExp): HTMLButtonElement =>
  screen.getByRole<HTMLButtonElement>('button', { name });

const BROWSER = 'Sign in with the browser';
const PASTE = 'Paste a token or session';
const SITE = 'Open the web site of Fixers';

describe('the way to sign in', () => {
  it('is not shown without a backend', () => {
    home(state({ backend: null }));
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Join a meeting');
    expect(screen.queryByRole('banner')).toBeNull();
  });

  it('breaks no rule of accessibility', async () => {
    home();
    expect(screen.getByRole('heading', { name: 'Sign in to Fixers', level: 1 })).toBeTruthy();
    expect(await broken()).toEqual([]);
    await userEvent.click(button(PASTE));
    expect(await broken()).toEqual([]);
  });

  it('leads to the browser first', async () => {
    const { view } = home();
    expect(await tabOrder()).toEqual([
      BROWSER,
      PASTE,
      SITE,
      'Link or room name',
      'History',
      'Settings',
    ]);
    await userEvent.click(button(BROWSER));
    expect(view.account.signInBrowser).toHaveBeenCalledOnce();
  });

  it.each([
    [{ paste: true, link: false, browser: false }, [PASTE]],
    [{ paste: false, link: false, browser: true }, [BROWSER]],
    [{ paste: false, link: true, browser: false }, [SITE]],
    [{ paste: true, link: true, browser: true }, [BROWSER, PASTE, SITE]],
  ])('offers what there is: %o', (ways, buttons) => {
    home(state({ ways }));
    const card = within(screen.getByRole('region', { name: 'Sign in to Fixers' }));
    expect(card.queryAllByRole('button').map((each) => each.textContent.trim())).toEqual(buttons);
  });

  it('leads to the web site, whose link signs in', async () => {
    const { view } = home(state({ ways: { paste: false, link: true, browser: false } }));
    expect(await broken()).toEqual([]);
    await userEvent.click(button(SITE));
    expect(view.account.signInLink).toHaveBeenCalledOnce();
  });

  it('waits for the browser until that is cancelled', async () => {
    const { view } = home(state({ waiting: true }));
    expect(screen.getByRole('status').textContent).toContain('Finish signing in');
    expect(screen.queryByRole('button', { name: BROWSER })).toBeNull();
    expect(await broken()).toEqual([]);
    await userEvent.click(button('Cancel'));
    expect(view.account.cancel).toHaveBeenCalledOnce();
  });

  it.each([
    ['keyring', null, "Your sign-in is kept in this computer's keyring."],
    ['memory', null, 'Your sign-in is kept until Salon ends, and not written down.'],
    ['memory', 'keyring-missing', errorText('keyring-missing').sentence],
    ['memory', 'keyring-locked', errorText('keyring-locked').sentence],
  ] as const)('says where it is kept: %s %s', (kept, code, words) => {
    home(state({ kept, fault: code && { code, detail: '' } }));
    expect(screen.getByText(words, { exact: false })).toBeTruthy();
    // It is how things are, and nothing that went wrong just now.
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('says why nobody is signed in any more', () => {
    home(state({ fault: { code: 'sign-in-expired', detail: 'since noon' } }));
    const note = screen.getByRole('alert');
    expect(note.dataset.code).toBe('sign-in-expired');
    expect(within(note).getByText('since noon')).toBeTruthy();
  });

  it('says why the last try failed, rather than what was before', () => {
    home((view) => {
      state({ fault: { code: 'sign-in-expired', detail: '' } })(view);
      view.account.failure = { code: 'sign-in-failed' };
    });
    expect(screen.getAllByRole('alert').map((note) => note.dataset.code)).toEqual([
      'sign-in-failed',
    ]);
  });
});

describe('the dialog for pasting', () => {
  const SECRET = 'ey-pasted-secret-0123456789';
  const field = (): HTMLInputElement => screen.getByLabelText('Token or session');

  /** Whether it is anywhere on the page, also in what fields hold. */
  const shown = (): boolean =>
    document.documentElement.outerHTML.includes(SECRET) ||
    [...document.querySelectorAll('input')].some(({ value }) => value.includes(SECRET));

  it('takes the keyboard and hides what is pasted', async () => {
    home();
    const user = userEvent.setup();
    await user.click(button(PASTE));
    expect(document.activeElement).toBe(field());
    expect(field().type).toBe('password');
    expect(field().autocomplete).toBe('off');
    expect(button('Sign in').disabled).toBe(true);
    await user.paste(SECRET);
    expect(button('Sign in').disabled).toBe(false);
  });

  it('forgets it the moment it is handed over', async () => {
    const { view } = home();
    let done: (worked: boolean) => void = () => undefined;
    view.account.signInPaste.mockReturnValueOnce(new Promise((resolve) => (done = resolve)));
    const user = userEvent.setup();
    await user.click(button(PASTE));
    const input = field();
    await user.paste(` ${SECRET}\n`);
    expect(input.value).toContain(SECRET);
    await user.keyboard('{Enter}');
    expect(view.account.signInPaste).toHaveBeenCalledExactlyOnceWith(SECRET);
    expect(input.value).toBe('');
    expect(shown()).toBe(false);
    done(true);
    await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
    expect(JSON.stringify([localStorage, sessionStorage])).not.toContain(SECRET);
  });

  it('stays for another try, empty', async () => {
    const { view, again } = home();
    view.account.signInPaste.mockResolvedValueOnce(false);
    const user = userEvent.setup();
    await user.click(button(PASTE));
    await user.paste(SECRET);
    await user.keyboard('{Enter}');
    view.account.failure = { code: 'credential-invalid' };
    await again({ ...view, account: { ...view.account } });
    const dialog = within(screen.getByRole('dialog', { name: 'Paste your sign-in' }));
    expect(dialog.getByRole('alert').dataset.code).toBe('credential-invalid');
    expect(shown()).toBe(false);
    expect(document.activeElement).toBe(field());
  });

  it.each([
    ['Escape', (user: ReturnType<typeof userEvent.setup>) => user.keyboard('{Escape}')],
    ['Cancel', (user: ReturnType<typeof userEvent.setup>) => user.click(button('Cancel'))],
  ])('forgets it when closed with %s', async (_, close) => {
    const { view } = home();
    const user = userEvent.setup();
    await user.click(button(PASTE));
    const input = field();
    await user.paste(SECRET);
    await close(user);
    await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
    expect(input.value).toBe('');
    expect(shown()).toBe(false);
    expect(view.account.signInPaste).not.toHaveBeenCalled();
    await expect.poll(() => document.activeElement).toBe(button(PASTE));
  });
});

describe('somebody who is signed in', () => {
  const enter = (user: { id: string; name: string }) =>
    home((view) => {
      view.account.state = { ...signedIn, user };
      view.sessions = sessionsState([]);
    });

  it.each([
    [{ id: 'u1', name: 'Dana Ortiz' }, 'Dana Ortiz'],
    [{ id: 'u1', name: ' ' }, 'u1'],
    [{ id: '', name: '' }, 'You'],
  ])('is named as well as can be: %o', (user, name) => {
    enter(user);
    const banner = within(screen.getByRole('banner'));
    expect(banner.getByText(name)).toBeTruthy();
    expect(banner.getByText('fixers.test')).toBeTruthy();
    expect(screen.queryByRole('button', { name: BROWSER })).toBeNull();
  });

  it('signs out by the menu, with the keyboard alone', async () => {
    const { view } = enter({ id: 'u1', name: 'Dana Ortiz' });
    await choose(button(/^Account: Dana Ortiz/), 'Sign out');
    expect(view.account.signOut).toHaveBeenCalledOnce();
  });

  it('finds the way out by its mark', async () => {
    enter({ id: 'u1', name: 'Dana Ortiz' });
    await userEvent.click(screen.getByTestId('account'));
    expect((await screen.findByTestId('sign-out')).textContent.trim()).toBe('Sign out');
  });

  it('is told that it is for this time only', () => {
    home((view) => {
      view.account.state = {
        ...signedIn,
        kept: 'memory',
        fault: { code: 'keyring-locked', detail: '' },
      };
    });
    expect(screen.getByText(errorText('keyring-locked').sentence, { exact: false })).toBeTruthy();
  });

  it('goes to the history and to the settings', async () => {
    const { view } = enter({ id: 'u1', name: 'Dana Ortiz' });
    await userEvent.click(button('History'));
    await userEvent.click(button('Settings'));
    expect(view.openScreen.mock.calls).toEqual([['history'], ['settings']]);
  });
});
