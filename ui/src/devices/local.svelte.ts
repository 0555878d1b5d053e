import { Listeners } from '../call/listeners';
import type {
  DeviceRole,
  InputRole,
  InputState,
  LocalMedia,
  Switchable,
  TrackSource,
} from '../call/model';
import type { Failure } from '../errors/failure';
import { Failures } from '../errors/failures.svelte';
import { Input, type DeviceNotice, type Switch } from './input';
import { meter } from './meter';
import { rememberChoice, rememberedChoice, type Choice } from './remembered';
import { SharedScreen, type Shared } from './screen';
import { usualWishes, type MicrophoneWishes, type Sound, type SoundName } from './sound';
import { t } from '../words/language.svelte';

const kinds = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' } as const;
const INPUTS = ['camera', 'microphone'] as const;

/** Chromium's own names for what the system has as its default: that is a choice of ours. */
const ALIASES: ReadonlySet<string> = new Set(['default', 'communications']);

/** How camera and microphone are switched. */
interface DeviceSwitches {
  /** What a switch shows and inverts: what is wanted, which a device may be slow to follow. */
  readonly switches: Readonly<Record<InputRole, Switch>>;
}

/** What a lobby needs of the devices that it shows. */
export interface DevicePreview extends DeviceSwitches {
  readonly tracks: Partial<Record<InputRole, MediaStreamTrack>>;
  readonly failures: Partial<Record<InputRole, Failure>>;
  readonly chosen: Choice;
  of(role: DeviceRole): MediaDeviceInfo[];
  open(): Promise<void>;
  /** Rejects if it was to be opened and cannot be, which `failures` says as well. */
  enable(role: InputRole, enabled: boolean): Promise<void>;
  /** Empty: the system's default. What is off stays off. */
  choose(role: DeviceRole, deviceId: string): void;
  /** What is done to the sound of the microphone. */
  readonly sound: Sound;
  /** Does something else to it, and remembers that. */
  changeSound(name: SoundName, on: boolean): void;
  /** Reports a track's loudness, 0 to 1, until ended. */
  readonly meter: (track: MediaStreamTrack, report: (level: number) => void) => () => void;
}

/** What a room tells of devices that go and come, and lets the user choose. */
export interface DeviceNotices
  extends
    DeviceSwitches,
    Pick<DevicePreview, 'tracks' | 'chosen' | 'of' | 'choose' | 'sound' | 'changeSound' | 'meter'> {
  readonly notices: Partial<Record<DeviceRole, DeviceNotice>>;
  dismiss(role: DeviceRole): void;
  enable(role: InputRole, enabled: boolean): Promise<void>;
  /** Uses again what is back and only offered. */
  takeBack(role: InputRole): Promise<void>;
  /** Undefined: no screen is shared. */
  readonly shared: Shared | undefined;
  /** Whether what is shared is to be fluent, or its words sharp. */
  shareFluently(fluent: boolean): Promise<void>;
}

/** Camera, microphone and loudspeaker, from the lobby to the end of the call. */
export class LocalDevices implements DevicePreview, DeviceNotices, LocalMedia {
  readonly meter = meter;
  devices: MediaDeviceInfo[] = $state.raw([]);
  tracks: Partial<Record<InputRole, MediaStreamTrack>> = $state.raw({});
  switches: Readonly<Record<InputRole, Switch>> = $state.raw({ camera: 'off', microphone: 'off' });
  notices: Partial<Record<DeviceRole, DeviceNotice>> = $state.raw({});
  chosen: Choice = $state.raw(rememberedChoice());
  sound: Sound = $state.raw(usualWishes.sound);
  shared: Shared | undefined = $state.raw();

  readonly #inputs: Readonly<Record<InputRole, Input>>;
  readonly #off: Readonly<Partial<Record<InputRole, boolean>>>;
  readonly #screen = new SharedScreen(() => this.#changed());
  readonly #listeners = new Listeners();
  readonly #failures: Failures;
  readonly #wishes: MicrophoneWishes;
  /** The last failure of each that was told. */
  readonly #lastFailures: Partial<Record<InputRole, Failure | undefined>> = {};
  /** Lists asked for, and which of them is shown. */
  #asked = 0;
  #listed = 0;
  #speakerNotice: DeviceNotice | undefined;
  #speakerLabel = '';
  #speakerAvailable = true;

  /**
   * `off`: inputs that are left closed until the user wants them; `failures`: what failed;
   * `wishes`: what the user wants of a microphone.
   */
  constructor(
    off: Readonly<Partial<Record<InputRole, boolean>>> = {},
    failures = new Failures(() => undefined),
    wishes = usualWishes,
  ) {
    this.#off = off;
    this.#wishes = wishes;
    this.sound = wishes.sound;
    this.#failures = failures;
    const input = (role: InputRole): Input =>
      new Input(role, this.chosen[role], {
        sound: () => this.sound,
        listed: () => this.of(role),
        changed: () => this.#changed(),
        ended: () => void this.#list(),
      });
    this.#inputs = { camera: input('camera'), microphone: input('microphone') };
  }

  /** Opens both inputs, each on its own: one that fails must not take the other with it. */
  async open(): Promise<void> {
    navigator.mediaDevices.addEventListener('devicechange', this.#devicesChanged);
    const opening = INPUTS.filter((role) => this.#off[role] !== true);
    await Promise.allSettled(opening.map((role) => this.enable(role, true)));
    // Labels are only told once a device is in use.
    await this.#list();
  }

  async enable(source: Switchable, enabled: boolean): Promise<void> {
    if (source === 'screen') await this.#screen.enable(enabled);
    else await this.#inputs[source].enable(enabled);
  }

  async shut(source: Switchable): Promise<void> {
    if (source === 'screen') await this.#screen.enable(false);
    else await this.#inputs[source].shut();
  }

  async takeBack(role: InputRole): Promise<void> {
    await this.#inputs[role].takeBack();
  }

  shareFluently(fluent: boolean): Promise<void> {
    return this.#screen.beFluent(fluent);
  }

  get failures(): Partial<Record<InputRole, Failure>> {
    return present({
      camera: this.#failures.of('camera'),
      microphone: this.#failures.of('microphone'),
    });
  }

  choose(role: DeviceRole, deviceId: string): void {
    this.chosen = { ...this.chosen, [role]: deviceId };
    rememberChoice(this.chosen);
    if (role === 'speaker') {
      this.#speakerNotice = undefined;
      // What is told of the one before is not true of this one.
      this.#speakerLabel = '';
      this.#followSpeaker();
      this.#changed();
    } else void this.#inputs[role].choose(deviceId);
  }

  changeSound(name: SoundName, on: boolean): void {
    this.sound = { ...this.sound, [name]: on };
    this.#wishes.keepSound(name, on);
    void this.#inputs.microphone.resound();
  }

  of(role: DeviceRole): MediaDeviceInfo[] {
    return this.devices.filter(
      ({ kind, deviceId }) => kind === kinds[role] && !ALIASES.has(deviceId),
    );
  }

  input(source: TrackSource): InputState {
    if (source === 'screen' || source === 'screen-audio') return this.#screen.input(source);
    const { track, enabled } = this.#inputs[source];
    return { track, enabled };
  }

  /** Output device id; empty: the system's default, also while the chosen one is away. */
  get speaker(): string {
    return this.#speakerAvailable ? this.chosen.speaker : '';
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  dismiss(role: DeviceRole): void {
    if (role === 'speaker') this.#speakerNotice = undefined;
    else this.#inputs[role].notice = undefined;
    this.#changed();
  }

  /** They are in a call now. */
  entered(): void {
    // Unmuting is instant, and headsets do not change their mode with every mute.
    this.#inputs.microphone.staysOpen = !this.#wishes.closesWhenMuted;
    for (const role of INPUTS) this.#inputs[role].entered();
  }

  close(): void {
    navigator.mediaDevices.removeEventListener('devicechange', this.#devicesChanged);
    this.#screen.close();
    for (const role of INPUTS) {
      this.#inputs[role].close();
      this.#failures.end(role);
    }
  }

  readonly #devicesChanged = (): void => {
    void this.#list();
  };

  async #list(): Promise<void> {
    this.#asked += 1;
    const turn = this.#asked;
    const devices = await navigator.mediaDevices.enumerateDevices();
    // What is told late is not true any more.
    if (turn < this.#listed) return;
    this.#listed = turn;
    this.devices = devices;
    this.#followSpeaker();
    this.#changed();
    await Promise.all(INPUTS.map((role) => this.#inputs[role].relisted()));
  }

  #followSpeaker(): void {
    const { speaker } = this.chosen;
    const present = this.of('speaker');
    // What the system has as its default is told by nobody; of a single one it is clear.
    const found =
      speaker === '' ? present[0] : present.find(({ deviceId }) => deviceId === speaker);
    // Where none was ever listed, nobody may know.
    const available = found !== undefined || (present.length === 0 && this.#speakerLabel === '');
    if (available !== this.#speakerAvailable && this.#speakerLabel !== '') {
      const instead = present.length === 0 ? '' : t('device-default');
      this.#speakerNotice = available
        ? { kind: 'back', device: this.#speakerLabel, using: this.#speakerLabel }
        : { kind: 'gone', device: this.#speakerLabel, using: instead };
    }
    this.#speakerAvailable = available;
    this.#speakerLabel = found?.label ?? this.#speakerLabel;
  }

  #changed(): void {
    const { camera, microphone } = this.#inputs;
    this.tracks = present({ camera: camera.track, microphone: microphone.track });
    this.shared = this.#screen.shared;
    this.switches = { camera: camera.switch, microphone: microphone.switch };
    for (const role of INPUTS) this.#tell(role);
    this.notices = present({
      camera: camera.notice,
      microphone: microphone.notice,
      speaker: this.#speakerNotice,
    });
    this.#listeners.tell();
  }

  #tell(role: InputRole): void {
    const { failure } = this.#inputs[role];
    if (failure === this.#lastFailures[role]) return;
    this.#lastFailures[role] = failure;
    if (failure === undefined) this.#failures.end(role);
    else this.#failures.tell(role, failure);
  }
}

/** Without what is undefined. */
function present<Key extends string, Value>(
  all: Readonly<Record<Key, Value | undefined>>,
): Partial<Record<Key, Value>> {
  const entries = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Record<Key, Value>>;
}
