// @vitest-environment jsdom
import { render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';

import AppView from '../../src/App.svelte';
import type { Lost } from '../../src/platform/platform';
import { program } from './program';
import { broken } from './show';
import { meeting } from '../support/standIns';
import { button, codes, eachBegins, here, toRoom } from './way';

vi.mock('../../src/call/providers', async () => {
  const { memory } = await import('../support/memory');
  return { loadProvider: memory.loadProvider };
});
vi.mock('../../src/platform', async () => {
  const { program: inMemory } = await import('./program');
  return { platform: inMemory };
});

eachBegins();

async function begin(lost: Lost): Promise<void> {
  program.appInfo.mockResolvedValue({
    version: '1.2.3',
    devMode: false,
    startAt: null,
    lost,
    paintPath: 'system',
  });
  render(AppView);
  await vi.waitFor(() => {
    expect(document.querySelector('h1')).not.toBeNull();
  });
}
const question = () => screen.findByRole('alertdialog', { name: 'Return to the meeting?' });

describe('a page that comes after one that died', () => {
  it('says what happened and leads back to the meeting', async () => {
    await begin({ died: true, meeting });
    const dialog = within(await question());
    expect(
      dialog.getByText(/stopped working.*no longer in “Tea time”: nobody there sees or hears you/),
    ).toBeTruthy();
    expect(await broken()).toEqual([]);
    // Nothing is opened, nothing joined, before the user says so.
    expect(here.opened).toHaveLength(0);
    await userEvent.click(dialog.getByRole('button', { name: 'Return to the meeting' }));
    await screen.findByRole('heading', { name: 'Tea time' });
    await userEvent.type(screen.getByRole('textbox', { name: 'Your name' }), 'Al{Enter}');
    await screen.findByTestId('room');
    expect(program.callEntered).toHaveBeenCalledExactlyOnceWith(meeting);
    // The question is answered; then the way into the call, which ends in it.
    expect(program.callConnecting.mock.calls).toEqual([[false], [true], [false]]);
    expect(program.callConnecting.mock.invocationCallOrder.at(-1)).toBeGreaterThan(
      program.callEntered.mock.invocationCallOrder[0] ?? Infinity,
    );
  });

  it('stays at home if that is wanted', async () => {
    await begin({ died: true, meeting });
    await userEvent.click(within(await question()).getByRole('button', { name: 'Not now' }));
    await vi.waitFor(() => {
      expect(screen.queryByRole('alertdialog')).toBeNull();
    });
    expect(screen.getByRole('heading', { name: 'Join a meeting' })).toBeTruthy();
    expect(here.opened).toHaveLength(0);
    expect(program.callConnecting.mock.calls).toEqual([[false]]);
  });

  it('says so also if no call was lost', async () => {
    await begin({ died: true, meeting: null });
    expect((await screen.findByTestId('error')).dataset.code).toBe('page-died');
    expect(screen.queryByRole('alertdialog')).toBeNull();
  });

  it('offers no meeting that is over by now', async () => {
    await begin({ died: true, meeting: { ...meeting, session: 'a' } });
    await question();
    program.tell('meeting-over', { session: 'a', status: 'completed' });
    await vi.waitFor(() => {
      expect(screen.queryByRole('alertdialog')).toBeNull();
    });
  });
});

describe('a page that was loaded anew', () => {
  it('offers the way back, and does not say that it broke', async () => {
    await begin({ died: false, meeting });
    const dialog = within(await question());
    expect(dialog.getByText(/loaded anew/)).toBeTruthy();
    expect(dialog.queryByText(/stopped working/)).toBeNull();
  });

  it('says nothing if no call was lost', async () => {
    await begin({ died: false, meeting: null });
    await tick();
    expect(codes()).toEqual([]);
    expect(screen.queryByRole('alertdialog')).toBeNull();
  });
});

describe('a page that is loaded anew in a call', () => {
  it.each(['beforeunload', 'pagehide'])(
    'has not left for the user, though its provider leaves at %s',
    async (event) => {
      await toRoom();
      dispatchEvent(new Event(event));
      here.server.leaves();
      await vi.waitFor(() => {
        expect(screen.queryByTestId('room')).toBeNull();
      });
      expect(program.callEntered).toHaveBeenCalledOnce();
      expect(program.callLeft).not.toHaveBeenCalled();
      expect(program.sessionEnd).not.toHaveBeenCalled();
    },
  );
});

describe('a page that was to go and stayed', () => {
  it('has left for the user who leaves then', async () => {
    await toRoom();
    dispatchEvent(new Event('beforeunload'));
    await userEvent.click(button('Leave'));
    await vi.waitFor(() => {
      expect(screen.queryByTestId('room')).toBeNull();
    });
    expect(program.callLeft).toHaveBeenCalledOnce();
  });
});

describe('what is told in a call', () => {
  it('goes when it works again, and leaves nothing behind', async () => {
    await toRoom();
    here.server.trouble('publish-failed');
    expect((await screen.findByTestId('error')).dataset.code).toBe('publish-failed');
    here.server.trouble(undefined);
    await vi.waitFor(() => {
      expect(codes()).toEqual([]);
    });
  });
});

describe('a screen', () => {
  const shown = (): [string, string | undefined] => [
    document.title,
    document.activeElement?.textContent.trim(),
  ];

  it('has a title, and the keyboard begins in it', async () => {
    await toRoom();
    expect(shown()).toEqual(['tea – Salon', 'tea']);
    here.server.end('removed');
    await vi.waitFor(() => {
      expect(document.title).toBe('Salon');
    });
    for (const [place, title] of [
      ['History', 'Your meetings – Salon'],
      ['Settings', 'Settings – Salon'],
    ] as const) {
      await userEvent.click(button(place));
      await screen.findByRole('button', { name: 'Back' });
      expect(document.title).toBe(title);
      expect(document.activeElement?.closest('main')).not.toBeNull();
      await userEvent.click(button('Back'));
    }
    await userEvent.click(button('Settings'));
    await userEvent.click(await screen.findByRole('button', { name: 'Check a meeting token' }));
    await vi.waitFor(() => {
      expect(document.title).toBe('Check a meeting token – Salon');
    });
  });

  it('that is a lobby begins with what the meeting is called', async () => {
    program.resolveMeeting.mockResolvedValueOnce({ ...meeting, title: 'Tea time' });
    render(AppView);
    await screen.findByRole('heading', { name: 'Join a meeting' });
    program.tell('open-input', 'tea');
    await screen.findByRole('heading', { name: 'Tea time' });
    await vi.waitFor(() => {
      expect(shown()).toEqual(['Before you join Tea time – Salon', 'Tea time']);
    });
  });
});
