import { Hardware, type FakeDevice } from '../tests/support/devices';
import { document16by10, painted, somebody } from './painted';

/** As loud as somebody who talks: the meter shows about two thirds. */
const LOUDNESS = 0.1;

/** How loud it is where the microphones are. */
let loudness = LOUDNESS;

/** Tells everybody's loudness by heart. */
class SteadyAudioContext {
  readonly resume = (): Promise<void> => Promise.resolve();
  readonly close = (): Promise<void> => Promise.resolve();
  readonly createMediaStreamSource = (): object => ({
    connect: () => undefined,
    disconnect: () => undefined,
  });
  readonly createAnalyser = (): object => ({
    getFloatTimeDomainData: (samples: Float32Array) => samples.fill(loudness),
  });
}

/** A computer whose camera shows the user, and whose microphone hears them. */
export class PaintedHardware extends Hardware {
  /** Nobody says anything, or somebody does. */
  hush(silent: boolean): void {
    loudness = silent ? 0 : LOUDNESS;
  }

  protected override make(kind: FakeDevice['kind'], deviceId: string, label: string): FakeDevice {
    const track =
      kind === 'audio'
        ? silence()
        : label === 'Screen'
          ? painted(document16by10, 1280, 800)
          : painted(somebody('me'), 1280, 720);
    // Where the track of a real device says which one that is.
    Object.defineProperties(track, {
      deviceId: { value: deviceId },
      label: { value: label },
      getSettings: { value: () => ({ deviceId }) },
    });
    return track as unknown as FakeDevice;
  }
}

function silence(): MediaStreamTrack {
  const [track] = new Sound().createMediaStreamDestination().stream.getAudioTracks();
  if (track === undefined) throw new Error('this browser has no sound');
  return track;
}

const Sound = AudioContext;

/** Gives the page devices that are always the same. */
export function plugIn(): PaintedHardware {
  const hardware = new PaintedHardware();
  hardware.plug('videoinput', 'cam', 'Desk camera');
  hardware.plug('audioinput', 'mic', 'Desk microphone');
  hardware.plug('audioinput', 'headset', 'Headset');
  hardware.plug('audiooutput', 'out', 'Desk speaker');
  hardware.plug('audiooutput', 'headset-out', 'Headset');
  hardware.allowScreens();
  Object.defineProperty(navigator, 'mediaDevices', { value: hardware });
  Object.assign(globalThis, { AudioContext: SteadyAudioContext });
  return hardware;
}
