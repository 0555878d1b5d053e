import { SvelteMap } from 'svelte/reactivity';
import { vi } from 'vitest';

import type { Explained, SettingKey, SettingsReport, SettingValue } from '../../src/platform';

const DEFAULTS: Partial<Record<SettingKey, SettingValue>> = {
  name: null,
  start_muted: false,
  start_camera_off: false,
  close_when_muted: false,
  echo_cancellation: true,
  noise_suppression: true,
  auto_gain_control: true,
  ringtone: true,
  notifications: true,
  close_to_tray: false,
  history: true,
  history_days: 365,
  updates: true,
  update_notice: true,
  language: 'system',
  profile: null,
  backend: null,
  server: null,
  dev: false,
};

export function explained(key: SettingKey, more: Partial<Explained> = {}): Explained {
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
export class FakeFile {
  readonly file = new SvelteMap<SettingKey, SettingValue>();
  /** What the page heard of it last. */
  report: SettingsReport | undefined = $state.raw();
  readonly back = vi.fn();
  readonly openDoctor = vi.fn();
  readonly diagnostics = vi.fn(() => Promise.resolve('Salon 1.2.3\nSystem: Debian\n'));
  readonly tell = vi.fn();
  refusal: unknown;
  problems: SettingsReport['problems'] = [];

  constructor(readonly fixed: Partial<Record<SettingKey, Partial<Explained>>> = {}) {}

  readonly read = vi.fn(() => this.#answer());
  readonly change = vi.fn((key: SettingKey, value: SettingValue) => {
    if (this.refusal === undefined) this.file.set(key, value);
    return this.#answer();
  });
  readonly reset = vi.fn((key: SettingKey) => {
    this.file.delete(key);
    return this.#answer();
  });

  #answer(): Promise<void> {
    const { refusal } = this;
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as Tauri does
    if (refusal !== undefined) return Promise.reject(refusal);
    this.report = this.#now();
    return Promise.resolve();
  }

  #now(): SettingsReport {
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
