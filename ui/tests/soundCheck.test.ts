// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { soundCheck } from '../src/devices/soundCheck';

/** What a recorder was told, and what it gives. */
class FakeRecorder extends EventTarget {
  static last: FakeRecorder | undefined;
  state = 'inactive';
  mimeType = 'audio/ogg';
  constructor(readonly stream: MediaStream) {
    super();
    FakeRecorder.last = this;
  }
  start(): void {
    this.state = 'recording';
  }
  stop(): void {
    this.state = 'inactive';
    const event = new Event('dataavailable');
    this.dispatchEvent(Object.assign(event, { data: new Blob(['sound']) }));
    this.dispatchEvent(new Event('stop'));
  }
}

const track = { kind: 'audio' } as MediaStreamTrack;
const sounds: HTMLMediaElement[] = [];
const sinks: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  sounds.length = sinks.length = 0;
  vi.stubGlobal('MediaRecorder', FakeRecorder);
  vi.stubGlobal(
    'URL',
    Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL() {} }),
  );
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockImplementation(function (
    this: HTMLMediaElement,
  ) {
    sounds.push(this);
    return Promise.resolve();
  });
  Object.assign(HTMLMediaElement.prototype, {
    setSinkId: (id: string) => Promise.resolve(void sinks.push(id)),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(HTMLMediaElement.prototype, 'setSinkId');
});

const ends = (): unknown => sounds.at(-1)?.dispatchEvent(new Event('ended'));

it('a tone is heard on the speaker that was chosen, and is over when it ends', async () => {
  let over = false;
  void soundCheck.tone('hall').then(() => (over = true));
  await vi.advanceTimersByTimeAsync(0);
  expect([sounds.length, sinks, over]).toEqual([1, ['hall'], false]);
  ends();
  await vi.advanceTimersByTimeAsync(0);
  expect(over).toBe(true);
});

it('three seconds of oneself are recorded, and then played', async () => {
  const plays = vi.fn<() => void>();
  const done = soundCheck.echo(track, '', plays, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(2_900);
  expect(FakeRecorder.last?.stream.getTracks()).toEqual([track]);
  expect([FakeRecorder.last?.state, plays.mock.calls.length]).toEqual(['recording', 0]);
  await vi.advanceTimersByTimeAsync(200);
  expect([plays.mock.calls.length, sounds.length]).toEqual([1, 1]);
  ends();
  await done;
});

it('who leaves while it is recorded hears nothing, and it is recorded no more', async () => {
  const leave = new AbortController();
  const done = soundCheck.echo(track, '', () => undefined, leave.signal);
  await vi.advanceTimersByTimeAsync(1_000);
  leave.abort();
  await done;
  expect([FakeRecorder.last?.state, sounds.length]).toEqual(['inactive', 0]);
});

it('the page has the sound only where the webview’s own WebRTC carries it', () => {
  vi.stubGlobal('RTCPeerConnection', () => undefined);
  expect(soundCheck.own).toBe(false);
  vi.stubGlobal('RTCPeerConnection', Map);
  expect(soundCheck.own).toBe(true);
  vi.stubGlobal('MediaRecorder', undefined);
  Reflect.deleteProperty(globalThis, 'MediaRecorder');
  expect(soundCheck.own).toBe(false);
});
