// @vitest-environment jsdom
import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import AppView from '../../src/App.svelte';
import { platform, type SettingsReport } from '../../src/platform';
import { memory, MemoryServer } from '../support/memory';
import { fillInDevices, type FakeDevice, type Hardware } from '../support/devices';
import { broken, fillIn, loadAll } from './show';
import { setting } from '../support/standIns';

vi.mock('../../src/call/providers', async () => {
  const { memory } = await import('../support/memory');
  return { loadProvider: memory.loadProvider };
});

let server: MemoryServer;

let opened: FakeDevice[];

beforeAll(loadAll);
beforeEach(() => {
  fillIn();
  server = memory.server = new MemoryServer();
  opened = fillInDevices();
  localStorage.clear();
  vi.spyOn(console, 'info').mockReturnValue();
  vi.spyOn(console, 'warn').mockReturnValue();
});

/** From the start to the lobby. */
async function toLobby(): Promise<ReturnType<typeof userEvent.setup>> {
  render(AppView);
  const user = userEvent.setup();
  await user.type(await screen.findByRole('textbox', { name: 'Link or room name' }), 'tea{Enter}');
  await screen.findByRole('heading', { name: 'tea' });
  await vi.waitFor(() => {
    expect(opened).toHaveLength(2);
  });
  return user;
}

async function toRoom(): Promise<ReturnType<typeof userEvent.setup>> {
  const user = await toLobby();
  await user.type(screen.getByRole('textbox', { name: 'Your name' }), 'Al{Enter}');
  return user;
}

const open = (): number => opened.filter(({ readyState }) => readyState === 'live').length;

describe('the way through the app', () => {
  it('leads by the lobby into the room and home again', async () => {
    const user = await toRoom();
    await screen.findByTestId('room');
    expect(open()).toBe(2);
    expect(server.joins).toHaveLength(1);
    expect(await broken()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Leave' }));
    expect(await screen.findByRole('heading', { name: 'Join a meeting' })).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it.each(['history', 'settings'])('leads to %s and back by the keyboard', async (place) => {
    render(AppView);
    await screen.findByRole('heading', { name: 'Join a meeting' });
    const user = userEvent.setup();
    const back = (): HTMLElement => screen.getByRole('button', { name: 'Back' });
    screen.getByTestId(`home-${place}`).focus();
    for (const key of ['{Enter}', ' ']) {
      await user.keyboard(key);
      await screen.findByRole('button', { name: 'Back' });
      // What has the keyboard is just behind it.
      await user.tab({ shift: true });
      expect(document.activeElement).toBe(back());
      await user.keyboard(key);
      await screen.findByRole('heading', { name: 'Join a meeting' });
      const input = screen.getByRole('textbox', { name: 'Link or room name' });
      expect(document.activeElement).toBe(input);
      screen.getByTestId(`home-${place}`).focus();
    }
  });

  it('says in the room, too, why a device is off', async () => {
    const hardware = navigator.mediaDevices as unknown as Hardware;
    hardware.occupied.add('cam');
    render(AppView);
    const user = userEvent.setup();
    await user.type(
      await screen.findByRole('textbox', { name: 'Link or room name' }),
      'tea{Enter}',
    );
    const told = (): (string | undefined)[] =>
      screen.queryAllByRole('alert').map(({ dataset }) => dataset.code);
    await vi.waitFor(() => {
      expect(told()).toEqual(['camera-busy']);
    });
    await user.type(screen.getByRole('textbox', { name: 'Your name' }), 'Al{Enter}');
    await screen.findByTestId('room');
    expect(told()).toEqual(['camera-busy']);
    hardware.occupied.clear();
    await user.click(screen.getByRole('button', { name: 'Turn the camera on' }));
    await vi.waitFor(() => {
      expect(told()).toEqual([]);
    });
  });

  it('closes the devices when it leads back', async () => {
    const user = await toLobby();
    await user.click(screen.getByRole('button', { name: 'Back' }));
    await screen.findByRole('heading', { name: 'Join a meeting' });
    expect(open()).toBe(0);
  });

  it('stays in the lobby and tells why if the server refuses', async () => {
    server.refuse('room-full');
    await toRoom();
    expect((await screen.findByRole('alert')).dataset.code).toBe('room-full');
    expect(screen.getByRole('heading', { name: 'tea' })).toBeTruthy();
    server.refuse(undefined);
    await userEvent.click(screen.getByRole('button', { name: 'Join' }));
    await screen.findByTestId('room');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('takes the devices along when the server was away at the first try', async () => {
    server.refuse('server-unreachable-refused');
    await toRoom();
    await screen.findByRole('alert');
    expect(open()).toBe(2);
    server.refuse(undefined);
    await userEvent.click(screen.getByRole('button', { name: 'Join' }));
    await screen.findByTestId('room');
    await vi.waitFor(() => {
      expect([server.sent('microphone'), server.sent('camera')]).toEqual(['live', 'live']);
    });
    expect(screen.getByRole('button', { name: 'Mute' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Turn the camera off' })).toBeTruthy();
  });

  it('leads back during a join, and nobody is left there', async () => {
    const release = server.hold();
    const user = await toRoom();
    await vi.waitFor(() => {
      expect(server.joins).toHaveLength(1);
    });
    await user.click(screen.getByRole('button', { name: 'Back' }));
    await screen.findByRole('heading', { name: 'Join a meeting' });
    expect(open()).toBe(0);
    release();
    await vi.waitFor(() => {
      expect(server.joined).toBe(false);
    });
    expect(screen.queryByRole('alert')).toBeNull();
    // And the next meeting can be gone to at once.
    await user.type(screen.getByRole('textbox', { name: 'Link or room name' }), 'tea{Enter}');
    await screen.findByRole('heading', { name: 'tea' });
  });

  it('goes on with devices that are switched during a join', async () => {
    const release = server.hold();
    const user = await toRoom();
    await user.click(await screen.findByRole('button', { name: 'Turn the camera off' }));
    await user.click(screen.getByRole('button', { name: 'Turn the microphone off' }));
    await user.click(screen.getByRole('button', { name: 'Turn the microphone on' }));
    release();
    await screen.findByTestId('room');
    expect(screen.getByRole('button', { name: 'Turn the camera on' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Mute' })).toBeTruthy();
    await vi.waitFor(() => {
      expect([server.sent('microphone'), server.sent('camera')]).toEqual(['live', 'nothing']);
    });
    await user.click(screen.getByRole('button', { name: 'Leave' }));
    expect(open()).toBe(0);
  });

  it.each(['removed', 'ended', 'duplicate-identity'] as const)(
    'closes the devices when the call ends: %s',
    async (reason) => {
      await toRoom();
      await screen.findByTestId('room');
      server.end(reason);
      await screen.findByRole('alert');
      expect(open()).toBe(0);
    },
  );

  it('tells that the others do not get a device, as long as it is so', async () => {
    await toRoom();
    await screen.findByTestId('room');
    server.trouble('publish-failed');
    expect((await screen.findByRole('alert')).dataset.code).toBe('publish-failed');
    server.trouble(undefined);
    await vi.waitFor(() => {
      expect(screen.queryByRole('alert')).toBeNull();
    });
  });

  it('leads home with the reason when the call ends', async () => {
    await toRoom();
    await screen.findByTestId('room');
    server.end('removed');
    expect((await screen.findByRole('alert')).dataset.code).toBe('removed');
    expect(screen.getByRole('heading', { name: 'Join a meeting' })).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('leads back to the meeting that one fell out of, and not where one was put out', async () => {
    await toRoom();
    await screen.findByTestId('room');
    server.end('duplicate-identity');
    await userEvent.click(await screen.findByRole('button', { name: 'Join again' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Join' }));
    await screen.findByTestId('room');
    server.end('removed');
    expect((await screen.findByRole('alert')).dataset.code).toBe('removed');
    expect(screen.queryByRole('button', { name: 'Join again' })).toBeNull();
  });

  it('begins as the settings say', async () => {
    const report: SettingsReport = {
      settings: [setting('name', 'Amina'), setting('start_muted', true)],
      problems: [
        { code: 'settings-unknown-key', detail: 's.toml:1:1' },
        { code: 'policy-invalid', detail: 'p.toml:1:1' },
      ],
      userFile: '',
    };
    const settings = vi.spyOn(platform, 'settings').mockResolvedValue(report);
    render(AppView);
    expect((await screen.findByRole('alert')).dataset.code).toBe('policy-invalid');
    const user = userEvent.setup();
    await user.type(screen.getByRole('textbox', { name: 'Link or room name' }), 'tea{Enter}');
    const name = await screen.findByRole('textbox', { name: 'Your name' });
    expect((name as HTMLInputElement).value).toBe('Amina');
    await screen.findByRole('button', { name: 'Turn the camera off' });
    expect(screen.getByRole('button', { name: 'Turn the microphone on' })).toBeTruthy();
    expect(opened).toHaveLength(1);
    settings.mockRestore();
  });
});
