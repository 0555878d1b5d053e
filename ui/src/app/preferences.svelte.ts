import { SOUNDS, usualWishes, type MicrophoneWishes, type Sound } from '../devices/sound';
import type { Failures } from '../errors/failures.svelte';
import { platform, type SettingKey, type SettingsReport, type SettingValue } from '../platform';
import { speak } from '../words/language.svelte';
import { OwnName } from './ownName.svelte';

/** Inputs that are off when a lobby opens. */
interface StartOff {
  readonly microphone?: boolean;
  readonly camera?: boolean;
}

const soundKeys = {
  echoCancellation: 'echo_cancellation',
  noiseSuppression: 'noise_suppression',
  autoGainControl: 'auto_gain_control',
} as const;

/** The settings, and what of them counts at once. */
export class Preferences {
  /** As last heard of; undefined: not yet. */
  report: SettingsReport | undefined = $state.raw();
  /** The headless guest: joins by itself, and what is set for the user does not count for it. */
  unattended = $state(false);
  readonly #failures: Failures;
  readonly #name = new OwnName();
  #last: Promise<void> = Promise.resolve();

  constructor(failures: Failures) {
    this.#failures = failures;
  }

  readonly read = (): Promise<void> => this.#ask(() => platform.settings());

  readonly change = (key: SettingKey, value: SettingValue): Promise<void> =>
    this.#ask(() => platform.setSetting(key, value));

  readonly reset = (key: SettingKey): Promise<void> => this.#ask(() => platform.unsetSetting(key));

  /** Resolves when the page speaks the language that is set. */
  use(report: SettingsReport): Promise<void> {
    this.report = report;
    const name = this.#value('name');
    this.#name.settings(typeof name === 'string' ? name : '');
    return speak(this.#value('language')).catch((thrown: unknown) =>
      this.#failures.caught('general', thrown),
    );
  }

  /** What the others are to call the user. */
  get name(): string {
    return this.#name.shown;
  }

  /** The user typed it. */
  readonly typeName = (name: string): void => this.#name.type(name);

  /** Who is signed in need not type their name; empty: it is not known. */
  lendName(name: string): void {
    this.#name.account(name);
  }

  /** Only the administrator says what the user is called. */
  get nameLocked(): boolean {
    return this.#setting('name')?.locked === true;
  }

  /** For the next start; that it cannot be kept is no reason not to join. */
  async keepName(): Promise<void> {
    const name = this.#name.unsaved;
    const keepable = this.#setting('name')?.editable === true;
    // A guest without a window has a name of its own, which is not the user's.
    if (this.unattended || !keepable || name === undefined) return;
    try {
      await (name === '' ? this.reset('name') : this.change('name', name));
    } catch (thrown) {
      this.#failures.caught('general', thrown);
    }
  }

  get startOff(): StartOff {
    // Nobody could switch them on again.
    if (this.unattended) return {};
    return {
      microphone: this.#value('start_muted') === true,
      camera: this.#value('start_camera_off') === true,
    };
  }

  /** What the user wants of the microphone, as the settings are now. */
  get microphone(): MicrophoneWishes {
    // The guest's devices are made up, and so is what they give.
    const on = (name: keyof Sound): boolean =>
      !this.unattended && this.#value(soundKeys[name]) !== false;
    const sound = Object.fromEntries(SOUNDS.map((name) => [name, on(name)])) as Sound;
    if (this.unattended) return { ...usualWishes, sound };
    return {
      sound,
      closesWhenMuted: this.#value('close_when_muted') === true,
      keepSound: (name, wanted) => {
        const key = soundKeys[name];
        // What the administrator has decided holds again with the next call.
        if (this.#setting(key)?.editable !== true) return;
        this.change(key, wanted).catch((thrown: unknown) =>
          this.#failures.caught('general', thrown),
        );
      },
    };
  }

  /** Calls are kept in the history; not before the settings say so, and the guest's are not the user's. */
  get keepsHistory(): boolean {
    return !this.unattended && this.report !== undefined && this.#value('history') !== false;
  }

  /**
   * One after the other. The program works on them side by side: of two changes the first might come last,
   * and what was read before a change be heard of after it.
   */
  #ask(question: () => Promise<SettingsReport>): Promise<void> {
    // The next does not wait for the language that this one brings.
    const answered = this.#last.then(question).then((report) => ({ spoken: this.use(report) }));
    this.#last = answered.then(
      () => undefined,
      () => undefined,
    );
    return answered.then(({ spoken }) => spoken);
  }

  #value(key: SettingKey): SettingValue {
    return this.#setting(key)?.value ?? null;
  }

  #setting(key: SettingKey): SettingsReport['settings'][number] | undefined {
    return this.report?.settings.find((setting) => setting.key === key);
  }
}
