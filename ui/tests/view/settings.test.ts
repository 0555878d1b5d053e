// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/svelte';
import { userEvent, type UserEvent } from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { errorText } from '../../src/errors/table';
import { origin } from '../../src/lib/provenance';
import type { Explained, SettingKey, SettingsReport, SettingValue } from '../../src/platform';
import Settings from '../../src/screens/Settings.svelte';
import { broken, fillIn, show } from './show';

beforeEach(fillIn);

const DEFAULTS: Partial<Record<SettingKey, SettingValue>> = {
  name: null,
  start_muted: false,
  start_camera_off: false,
  ringtone: true,
  notifications: true,
  close_to_tray: false,
  history: true,
  history_days: 365,
  profile: null,
  backend: null,
  server: null,
  dev: false,
};

function explained(key: SettingKey, more: Partial<Explained> = {}): Explained {
  return {
    key,
    value: DEFAULTS[key] ?? null,
    layer: 'default',
    source: 'default',
    locked: false,
    editable: !['profile', 'backend', 'server', 'dev'].includes(key),
    applies: 'now',
    afterRestart: false,
    ignored: [],
    ...more,
  };
}

/** A file of the user's, in memory, below what is given here. */
class FakeFile {
  readonly file = new Map<SettingKey, SettingValue>();
  readonly home = vi.fn();
  readonly tell = vi.fn();
  refusal: unknown;
  problems: SettingsReport['problems'] = [];

  constructor(readonly fixed: Partial<Record<SettingKey, Partial<Explained>>> = {}) {}

  readonly readSettings = (): Promise<SettingsReport> => Promise.resolve(this.#report());
  readonly changeSetting = vi.fn((key: SettingKey, value: SettingValue) => {
    if (this.refusal === undefined) this.file.set(key, value);
    return this.#answer();
  });
  readonly resetSetting = vi.fn((key: SettingKey) => {
    this.file.delete(key);
    return this.#answer();
  });

  #answer(): Promise<SettingsReport> {
    const { refusal } = this;
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as Tauri does
    return refusal === undefined ? Promise.resolve(this.#report()) : Promise.reject(refusal);
  }

  #report(): SettingsReport {
    const settings = (Object.keys(DEFAULTS) as SettingKey[]).map((key) => {
      const value = this.file.get(key);
      const written =
        value === undefined
          ? {}
          : { value, layer: 'user' as const, source: "user's file /home/a/settings.toml:1" };
      return explained(key, { ...written, ...this.fixed[key] });
    });
    return { settings, problems: this.problems, userFile: '/home/a/settings.toml' };
  }
}

async function shown(app = new FakeFile()): Promise<{ app: FakeFile; user: UserEvent }> {
  show(Settings, { app });
  await screen.findByRole('region', { name: 'Meetings' });
  return { app, user: userEvent.setup() };
}

const named = (role: string, name: string): HTMLInputElement => screen.getByRole(role, { name });
const described = (element: HTMLElement): string => {
  const ids = (element.getAttribute('aria-describedby') ?? '').split(' ');
  return ids
    .map((id) => document.getElementById(id)?.textContent.replace(/\s+/g, ' ').trim() ?? '')
    .join(' ');
};

describe('the settings', () => {
  it('are grouped, and each says where it comes from', async () => {
    await shown();
    const groups = screen.getAllByRole('region').map((each) => each.getAttribute('aria-label'));
    expect(groups).toEqual(['Meetings', 'Ringing', 'History', 'Advanced']);
    expect(screen.getAllByRole('switch')).toHaveLength(6);
    expect(named('switch', 'Play a ringtone').checked).toBe(true);
    expect(named('switch', 'Begin with the microphone off').checked).toBe(false);
    expect(described(named('switch', 'Play a ringtone'))).toBe('Default');
    expect(described(named('textbox', 'Media server'))).toBe('Not set');
    expect(named('spinbutton', 'Days to remember them (0: for ever)').value).toBe('365');
    expect(screen.getByText(/Dev mode is off/)).toBeTruthy();
    expect(screen.getByText('/home/a/settings.toml')).toBeTruthy();
    expect(await broken()).toEqual([]);
  });

  it('can be changed with the keyboard alone', async () => {
    const { app, user } = await shown();
    await user.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Back' }));
    await user.tab();
    await user.keyboard('Amina{Tab} ');
    expect(app.changeSetting.mock.calls).toEqual([
      ['name', 'Amina'],
      ['start_muted', true],
    ]);
    const muted = named('switch', 'Begin with the microphone off');
    await waitFor(() => {
      expect(described(muted)).toBe(
        'It is opened when you first switch it on. Muting leaves it open and sends silence. Set by you',
      );
    });
    expect(muted.checked).toBe(true);
    expect(document.activeElement).toBe(muted);
    expect(screen.getByRole('status').textContent).toBe('Begin with the microphone off: saved');
    expect(named('textbox', 'Your name').value).toBe('Amina');
    await user.tab();
    expect(document.activeElement).toBe(
      screen.getByRole('button', { name: 'Reset: Begin with the microphone off' }),
    );
    await user.keyboard('{Enter}');
    expect(app.resetSetting).toHaveBeenCalledExactlyOnceWith('start_muted');
    await waitFor(() => {
      expect(muted.checked).toBe(false);
    });
    expect(await broken()).toEqual([]);
  });

  it('are told with the types that the app wants', async () => {
    const { app, user } = await shown();
    const days = named('spinbutton', 'Days to remember them (0: for ever)');
    await user.clear(days);
    await user.type(days, '30');
    await user.tab();
    expect(app.changeSetting).toHaveBeenCalledExactlyOnceWith('history_days', 30);
    await user.clear(days);
    await user.tab();
    expect(app.resetSetting).toHaveBeenCalledExactlyOnceWith('history_days');
    await waitFor(() => {
      expect(days.value).toBe('365');
    });
  });

  it('that the administrator has locked cannot be changed, and say so', async () => {
    const source = 'policy /etc/salon/policy.toml:2';
    const ignored = [
      { value: 'wss://m.example', layer: 'user' as const, source: "user's file s.toml:1" },
    ];
    const policy = { layer: 'policy' as const, source, locked: true, editable: false };
    const { app, user } = await shown(
      new FakeFile({
        server: { ...policy, value: 'wss://it.example/', ignored },
        ringtone: { ...policy, value: false },
      }),
    );
    const server = named('textbox', 'Media server');
    expect(server.disabled).toBe(true);
    expect(server.value).toBe('wss://it.example/');
    expect(described(server)).toBe('Locked by your administrator; another value is not used');
    expect(screen.getAllByTitle(source)).toHaveLength(2);
    const ringtone = named('switch', 'Play a ringtone');
    await user.click(ringtone);
    expect(ringtone.checked).toBe(false);
    expect(app.changeSetting).not.toHaveBeenCalled();
    expect(screen.queryByRole('button', { name: /Reset/ })).toBeNull();
    expect(await broken()).toEqual([]);
  });

  it('that say whom the app talks to are not changed by the page', async () => {
    const { app, user } = await shown();
    for (const name of ['Backend profile', 'Backend address', 'Media server']) {
      const field = named('textbox', name);
      expect(field.disabled).toBe(true);
      await user.type(field, 'https://evil.example{Enter}');
    }
    expect(app.changeSetting).not.toHaveBeenCalled();
    expect(screen.getByText(/changed in the file below/)).toBeTruthy();
  });

  it('of this start cannot be changed in the file either', async () => {
    const source = 'command line --server';
    await shown(
      new FakeFile({
        server: { layer: 'command-line', source, editable: false, value: 'wss://a.example/' },
      }),
    );
    const server = named('textbox', 'Media server');
    expect(server.disabled).toBe(true);
    expect(described(server)).toBe(`Set for this start of the app: ${source}`);
  });

  it('say when they count after a restart only', async () => {
    await shown(
      new FakeFile({ backend: { layer: 'user', value: 'https://b.example/', afterRestart: true } }),
    );
    expect(described(named('textbox', 'Backend address'))).toBe(
      'Set by you; counts after a restart',
    );
  });

  it('that are refused stay as they were, and why is told', async () => {
    const { app, user } = await shown();
    app.refusal = { code: 'settings-not-saved', detail: 'read only' };
    const ringtone = named('switch', 'Play a ringtone');
    await user.click(ringtone);
    await waitFor(() => {
      expect(app.tell).toHaveBeenCalledExactlyOnceWith(app.refusal);
    });
    expect(ringtone.checked).toBe(true);
    // What was typed can be corrected.
    const name = named('textbox', 'Your name');
    await user.type(name, 'nonsense{Enter}');
    expect(name.value).toBe('nonsense');
    expect(screen.getByRole('status').textContent).toBe('');
  });

  it('tell what is wrong with the files', async () => {
    const app = new FakeFile();
    app.problems = [
      { code: 'settings-invalid', detail: '/home/a/settings.toml:2:8: ringtone must be' },
      { code: 'settings-invalid', detail: '/home/a/settings.toml:3:1: name must be' },
      { code: 'policy-invalid', detail: '/etc/salon/policy.toml:1:1: ' },
    ];
    await shown(app);
    const [first, second, third] = screen.getAllByRole('alert');
    expect(within(first as HTMLElement).getByText(/settings.toml:2:8/)).toBeTruthy();
    expect(within(second as HTMLElement).getByText(/settings.toml:3:1/)).toBeTruthy();
    const { sentence } = errorText('policy-invalid');
    expect(within(third as HTMLElement).getByText(sentence)).toBeTruthy();
    expect(await broken()).toEqual([]);
  });

  it('are not shown if they cannot be read', async () => {
    const app = new FakeFile();
    vi.spyOn(app, 'readSettings').mockRejectedValue(new Error('no app'));
    show(Settings, { app });
    await waitFor(() => {
      expect(app.tell).toHaveBeenCalledOnce();
    });
    expect(screen.queryByRole('region')).toBeNull();
    await userEvent.setup().click(screen.getByRole('button', { name: 'Back' }));
    expect(app.home).toHaveBeenCalledOnce();
  });
});

describe('the words for an origin', () => {
  it.each([
    [explained('ringtone'), 'Default'],
    [explained('name'), 'Not set'],
    [explained('ringtone', { layer: 'policy-default' }), 'Preset by your administrator'],
    [explained('ringtone', { layer: 'user' }), 'Set by you'],
    [
      explained('name', { layer: 'environment', source: 'environment SALON_NAME' }),
      'Set for this start of the app: environment SALON_NAME',
    ],
    [explained('ringtone', { layer: 'policy' }), 'Locked by your administrator'],
  ])('%#', (setting, words) => {
    expect(origin(setting)).toBe(words);
  });
});
