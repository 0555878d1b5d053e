import { vi } from 'vitest';

import type { Sound } from '../../src/devices/sound';

class FakeAudioContext {
  readonly resume = (): Promise<void> => Promise.resolve();
  readonly close = (): Promise<void> => Promise.resolve();
  readonly createMediaStreamSource = (): object => ({ connect: vi.fn(), disconnect: vi.fn() });
  readonly createAnalyser = (): object => ({ getFloatTimeDomainData: vi.fn() });
}

function present(sound: { [Name in keyof Sound]: boolean | undefined }): Partial<Sound> {
  return Object.fromEntries(Object.entries(sound).filter(([, on]) => on !== undefined));
}

/** A device that is open until stopped or unplugged. */
export class FakeDevice extends EventTarget {
  readyState = 'live';
  enabled = true;
  contentHint = '';
  readonly stop = (): string => (this.readyState = 'ended');
  readonly getConstraints = (): object => ({});

  constructor(
    readonly kind: 'audio' | 'video',
    readonly deviceId: string,
    readonly label: string,
  ) {
    super();
  }

  /** What is done to its sound, if it is known. */
  sound: Partial<Sound> = {};
  /** Whether that can be changed while it is open. */
  obeys = true;

  getSettings(): object {
    return { deviceId: this.deviceId, ...this.sound };
  }

  readonly applyConstraints = vi.fn((wanted: Partial<Sound> & MediaTrackConstraints) => {
    if (this.kind === 'audio' && this.obeys) this.sound = { ...wanted };
    return Promise.resolve();
  });

  /** Open, and not silenced. */
  get live(): boolean {
    return this.readyState === 'live' && this.enabled;
  }

  /** Another track of what is open, with a switch of its own. */
  clone(): FakeDevice {
    return new FakeDevice(this.kind, this.deviceId, this.label);
  }

  asTrack(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}

type Plugged = Pick<MediaDeviceInfo, 'deviceId' | 'label' | 'kind'>;

/**
 * What is plugged in; the first of a kind is the system's default. Each can be opened once at a
 * time, as a camera of V4L2.
 */
export class Hardware extends EventTarget {
  readonly opened: FakeDevice[] = [];
  /** Tracks of screens that were shared. */
  readonly screens: FakeDevice[] = [];
  plugged: Plugged[] = [];
  /** What opening a device waits for. */
  gate: Promise<void> | undefined;
  /** Ids of those that somebody else has. */
  readonly occupied = new Set<string>();
  /** What opening one rejects with. */
  refusal: Error | undefined;

  enumerateDevices(): Promise<Plugged[]> {
    return Promise.resolve([...this.plugged]);
  }

  async getUserMedia(asked: MediaStreamConstraints): Promise<{ getTracks: () => FakeDevice[] }> {
    await this.gate;
    if (this.refusal !== undefined) throw this.refusal;
    const [kind, of] = asked.video
      ? (['video', asked.video] as const)
      : (['audio', asked.audio] as const);
    const { exact } = ((of as MediaTrackConstraints).deviceId ?? {}) as { exact?: string };
    const found = this.plugged.find(
      (each) => each.kind === `${kind}input` && (exact === undefined || each.deviceId === exact),
    );
    if (found === undefined) {
      const name = exact === undefined ? 'NotFoundError' : 'OverconstrainedError';
      throw Object.assign(new Error(name), { name });
    }
    const busy =
      this.occupied.has(found.deviceId) ||
      this.open(kind).some(({ deviceId }) => deviceId === found.deviceId);
    if (busy) throw Object.assign(new Error('busy'), { name: 'NotReadableError' });
    const device = this.make(kind, found.deviceId, found.label);
    const { echoCancellation, noiseSuppression, autoGainControl } = of as Partial<Sound>;
    if (kind === 'audio')
      device.sound = present({ echoCancellation, noiseSuppression, autoGainControl });
    device.obeys = this.obeys;
    this.opened.push(device);
    return { getTracks: () => [device] };
  }

  /** Whether what is done to sound can be changed while a microphone is open. */
  obeys = true;

  /** What sharing a screen rejects with. */
  screenRefusal: Error | undefined;

  /** The webview can share a screen, with its sound. */
  allowScreens(): void {
    const screens = this.screens;
    Object.assign(this, {
      getDisplayMedia: () => {
        if (this.screenRefusal !== undefined) return Promise.reject(this.screenRefusal);
        const made = (['video', 'audio'] as const).map((kind) =>
          this.make(kind, `screen-${kind}`, 'Screen'),
        );
        screens.push(...made);
        return Promise.resolve({ getTracks: () => made });
      },
    });
  }

  /** By the browser's own button, or the window was closed. */
  endScreens(): void {
    for (const screen of this.screens) {
      if (screen.readyState === 'ended') continue;
      screen.readyState = 'ended';
      screen.dispatchEvent(new Event('ended'));
    }
  }

  /** Whose picture can be looked at is another. */
  protected make(kind: FakeDevice['kind'], deviceId: string, label: string): FakeDevice {
    return new FakeDevice(kind, deviceId, label);
  }

  /** Those that are open now. */
  open(kind?: 'audio' | 'video'): FakeDevice[] {
    return this.opened.filter(
      (each) => each.readyState === 'live' && (kind === undefined || each.kind === kind),
    );
  }

  plug(kind: MediaDeviceKind, deviceId: string, label = deviceId): void {
    this.plugged.push({ kind, deviceId, label });
    this.dispatchEvent(new Event('devicechange'));
  }

  unplug(deviceId: string): void {
    this.plugged = this.plugged.filter((each) => each.deviceId !== deviceId);
    for (const device of this.open()) {
      if (device.deviceId !== deviceId) continue;
      device.readyState = 'ended';
      device.dispatchEvent(new Event('ended'));
    }
    this.dispatchEvent(new Event('devicechange'));
  }
}

/** A computer with a camera, a microphone and a loudspeaker, and what else calls need of a browser. */
export function fillInHardware(): Hardware {
  const hardware = new Hardware();
  hardware.plug('videoinput', 'cam', 'Desk camera');
  hardware.plug('audioinput', 'mic', 'Desk microphone');
  hardware.plug('audiooutput', 'out', 'Desk speaker');
  vi.stubGlobal('AudioContext', FakeAudioContext);
  vi.stubGlobal('RTCPeerConnection', vi.fn());
  Object.assign(navigator, { mediaDevices: hardware });
  return hardware;
}

/** The same; returns those that get opened. */
export function fillInDevices(): FakeDevice[] {
  return fillInHardware().opened;
}
