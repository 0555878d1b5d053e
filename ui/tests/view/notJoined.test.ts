// @vitest-environment jsdom
import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import AppView from '../../src/App.svelte';
import { CallError } from '../../src/call/model';
import { signedIn } from '../support/standIns';
import { program } from './program';
import { amina, atHome, button, codes, eachBegins, here, toLobby } from './way';

vi.mock('../../src/call/providers', async () => {
  const { memory } = await import('../support/memory');
  return { loadProvider: memory.loadProvider };
});
vi.mock('../../src/platform', async () => {
  const { program: inMemory } = await import('./program');
  return { platform: inMemory };
});

eachBegins();

describe('who is not let in', () => {
  const join = async (): Promise<void> => {
    await userEvent.click(button('Join'));
    await vi.waitFor(() => expect(codes()).not.toEqual([]));
  };
  /** As a provider that knows its users before any call. */
  const refuse = (thrown: CallError): void => {
    Object.assign(here.server.provider, {
      connectUser: async (grants: () => Promise<unknown>) => {
        await grants();
        throw thrown;
      },
    });
  };

  it('while being connected is told what the server says of it, where the SDK does not know', async () => {
    refuse(new CallError('server-unreachable-refused'));
    program.checkMeeting.mockRejectedValue({ code: 'server-unreachable-tls', detail: '' });
    await toLobby(amina);
    await join();
    expect(codes()).toEqual(['server-unreachable-tls']);
  });

  it('is told what the SDK knows where nobody else objects', async () => {
    refuse(new CallError('token-signature-wrong'));
    await toLobby(amina);
    await join();
    expect(codes()).toEqual(['token-signature-wrong']);
    expect(program.checkMeeting).toHaveBeenCalledOnce();
    // The program knows that nobody is on the way into a call any more.
    expect(program.callConnecting.mock.calls).toEqual([[true], [false]]);
  });

  it('because they left is no longer on the way, unless they are from another lobby by then', async () => {
    const given: ((thrown: CallError) => void)[] = [];
    Object.assign(here.server.provider, {
      connectUser: () =>
        new Promise((_, reject) => {
          given.push(reject);
        }),
    });
    await toLobby(amina);
    await userEvent.click(button('Join'));
    await vi.waitFor(() => expect(given).toHaveLength(1));
    await userEvent.click(button('Back'));
    await atHome();
    await userEvent.type(screen.getByRole('textbox', { name: 'Link or room name' }), 'tea{Enter}');
    await screen.findByRole('heading', { name: 'tea' });
    await userEvent.click(button('Join'));
    await vi.waitFor(() => expect(given).toHaveLength(2));
    // The first one ends only now: the second goes on.
    given[0]?.(new CallError('server-timeout'));
    await new Promise((done) => setTimeout(done));
    expect(program.callConnecting.mock.calls).toEqual([[true], [true]]);
    given[1]?.(new CallError('server-timeout'));
    await vi.waitFor(() => expect(codes()).toEqual(['server-timeout']));
    expect(program.callConnecting.mock.calls).toEqual([[true], [true], [false]]);
  });

  it('for want of a token is told why there is none, and no server is asked', async () => {
    refuse(new CallError('internal'));
    program.fetchToken.mockRejectedValue({ code: 'backend-rate-limited', detail: '' });
    await toLobby(amina);
    await join();
    expect(codes()).toEqual(['backend-rate-limited']);
    expect(program.checkMeeting).not.toHaveBeenCalled();
  });
});

it.each([
  ['a backend signs', signedIn, 'servers on this computer are trusted'],
  ['nobody else does', { ...signedIn, backend: null }, 'tokens are signed on this computer'],
])('dev mode says what it does where %s', async (_, account, words) => {
  const info = { version: '1', startAt: null, lost: null, paintPath: 'system' } as const;
  program.appInfo.mockResolvedValue({ ...info, devMode: true });
  program.accountState.mockResolvedValue(account);
  render(AppView);
  const banner = await screen.findByTestId('dev-banner');
  await vi.waitFor(() => expect(banner.textContent).toContain(words));
});
