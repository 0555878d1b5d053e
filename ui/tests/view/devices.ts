import { vi } from 'vitest';

class FakeAudioContext {
  readonly resume = (): Promise<void> => Promise.resolve();
  readonly close = (): Promise<void> => Promise.resolve();
  readonly createMediaStreamSource = (): object => ({ connect: vi.fn(), disconnect: vi.fn() });
  readonly createAnalyser = (): object => ({ getFloatTimeDomainData: vi.fn() });
}

/** A device that is open until stopped. */
export class FakeDevice extends EventTarget {
  readyState = 'live';
  readonly stop = (): string => (this.readyState = 'ended');
  readonly getSettings = (): object => ({ deviceId: 'a' });
  readonly getConstraints = (): object => ({});
}

/** A camera and a microphone, and what else calls need of a browser; returns those that get opened. */
export function fillInDevices(): FakeDevice[] {
  const opened: FakeDevice[] = [];
  vi.stubGlobal('AudioContext', FakeAudioContext);
  vi.stubGlobal('RTCPeerConnection', vi.fn());
  Object.assign(navigator, {
    mediaDevices: Object.assign(new EventTarget(), {
      enumerateDevices: () => Promise.resolve([]),
      getUserMedia: () => {
        const track = new FakeDevice();
        opened.push(track);
        return Promise.resolve({ getTracks: () => [track] });
      },
    }),
  });
  return opened;
}
