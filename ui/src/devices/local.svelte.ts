import type { LocalMedia } from '../call/model';
import { deviceFailure, type Failure } from '../errors/failure';
import { meter } from './meter';

type Input = 'camera' | 'microphone';

const constraints = {
  camera: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
  microphone: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
} as const;

const kinds = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' } as const;

/** What a lobby needs of the devices that it shows. */
export interface DevicePreview {
  readonly tracks: Partial<Record<Input, MediaStreamTrack>>;
  readonly failures: Partial<Record<Input, Failure>>;
  readonly chosen: Record<Input | 'speaker', string>;
  of(role: Input | 'speaker'): MediaDeviceInfo[];
  open(): Promise<void>;
  enable(role: Input, deviceId?: string): Promise<void>;
  disable(role: Input): void;
  close(): void;
  /** Reports a track's loudness, 0 to 1, until ended. */
  readonly meter: (track: MediaStreamTrack, report: (level: number) => void) => () => void;
}

/** Camera, microphone and loudspeaker before a call. */
export class LocalDevices implements DevicePreview {
  readonly meter = meter;
  devices: MediaDeviceInfo[] = $state.raw([]);
  tracks: Partial<Record<Input, MediaStreamTrack>> = $state.raw({});
  failures: Partial<Record<Input, Failure>> = $state.raw({});
  chosen: Record<Input | 'speaker', string> = $state({ camera: '', microphone: '', speaker: '' });

  #handedOver = false;
  #closed = false;
  readonly #off: Readonly<Partial<Record<Input, boolean>>>;

  /** `off`: inputs that are left closed until the user wants them. */
  constructor(off: Readonly<Partial<Record<Input, boolean>>> = {}) {
    this.#off = off;
  }

  /** Opens both inputs, each on its own: one that fails must not take the other with it. */
  async open(): Promise<void> {
    navigator.mediaDevices.addEventListener('devicechange', this.#devicesChanged);
    const inputs = (['camera', 'microphone'] as const).filter((input) => this.#off[input] !== true);
    await Promise.all(inputs.map((input) => this.enable(input)));
    // Labels are only told once a device is in use.
    await this.#list();
  }

  /** Opens a device, the chosen one or else the system's default. */
  async enable(role: Input, deviceId = this.chosen[role]): Promise<void> {
    const wanted = deviceId === '' ? {} : { deviceId: { exact: deviceId } };
    try {
      const kind = role === 'camera' ? 'video' : 'audio';
      const stream = await navigator.mediaDevices.getUserMedia({
        [kind]: { ...constraints[role], ...wanted },
      });
      const [track] = stream.getTracks();
      if (track === undefined) return;
      if (this.#closed) {
        track.stop();
        return;
      }
      this.tracks[role]?.stop();
      track.addEventListener('ended', () => this.#ended(role, track));
      this.tracks = { ...this.tracks, [role]: track };
      this.failures = { ...this.failures, [role]: undefined };
      this.chosen[role] = track.getSettings().deviceId ?? deviceId;
    } catch (thrown) {
      this.failures = { ...this.failures, [role]: deviceFailure(role, thrown) };
    }
  }

  disable(role: Input): void {
    this.tracks[role]?.stop();
    this.tracks = { ...this.tracks, [role]: undefined };
  }

  of(role: Input | 'speaker'): MediaDeviceInfo[] {
    return this.devices.filter((device) => device.kind === kinds[role]);
  }

  /** Gives the open devices to a call, which stops them at its end. */
  handOver(): LocalMedia {
    this.#handedOver = true;
    const { camera, microphone } = this.tracks;
    return {
      ...(camera && { camera }),
      ...(microphone && { microphone }),
      speaker: this.chosen.speaker,
    };
  }

  /** The call was not joined after all. */
  takeBack(): void {
    this.#handedOver = false;
    if (this.#closed) this.#stop();
  }

  close(): void {
    this.#closed = true;
    navigator.mediaDevices.removeEventListener('devicechange', this.#devicesChanged);
    if (!this.#handedOver) this.#stop();
  }

  #stop(): void {
    for (const track of Object.values(this.tracks)) track.stop();
  }

  readonly #devicesChanged = (): void => {
    void this.#list();
  };

  async #list(): Promise<void> {
    this.devices = await navigator.mediaDevices.enumerateDevices();
  }

  #ended(role: Input, track: MediaStreamTrack): void {
    if (this.tracks[role] !== track) return;
    this.tracks = { ...this.tracks, [role]: undefined };
    this.failures = { ...this.failures, [role]: { code: `no-${role}` } };
  }
}
