// @vitest-environment jsdom
import { render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { DisconnectReason } from 'livekit-client';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import AppView from '../../src/App.svelte';
import { platform, type Explained, type SettingsReport } from '../../src/platform';
import { newWorld, type World } from '../call/world';
import { fillInDevices, type FakeDevice } from './devices';
import { broken, fillIn } from './show';

vi.mock('livekit-client', async (original) => {
  const { inMemory } = await import('../call/world');
  return inMemory(await original());
});

let world: World;

let opened: FakeDevice[];

beforeEach(() => {
  fillIn();
  world = newWorld();
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
    expect(world.connects).toHaveLength(1);
    expect(await broken()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Leave' }));
    expect(await screen.findByRole('heading', { name: 'Join a meeting' })).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('closes the devices when it leads back', async () => {
    const user = await toLobby();
    await user.click(screen.getByRole('button', { name: 'Back' }));
    await screen.findByRole('heading', { name: 'Join a meeting' });
    expect(open()).toBe(0);
  });

  it('stays in the lobby and tells why if the server refuses', async () => {
    world.refusal = new Error('room is full');
    await toRoom();
    expect((await screen.findByRole('alert')).dataset.code).toBe('room-full');
    expect(screen.getByRole('heading', { name: 'tea' })).toBeTruthy();
    world.refusal = undefined;
    await userEvent.click(screen.getByRole('button', { name: 'Join' }));
    await screen.findByTestId('room');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('leads home with the reason when the call ends', async () => {
    await toRoom();
    await screen.findByTestId('room');
    world.end(DisconnectReason.PARTICIPANT_REMOVED);
    expect((await screen.findByRole('alert')).dataset.code).toBe('removed');
    expect(screen.getByRole('heading', { name: 'Join a meeting' })).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('remembers the name', async () => {
    await toRoom();
    await screen.findByTestId('room');
    expect(localStorage.getItem('displayName')).toBe('Al');
  });

  it('begins as the settings say', async () => {
    const setting = (key: Explained['key'], value: Explained['value']): Explained => ({
      key,
      value,
      layer: 'user',
      source: '',
      locked: false,
      editable: true,
      applies: 'now',
      afterRestart: false,
      ignored: [],
    });
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
