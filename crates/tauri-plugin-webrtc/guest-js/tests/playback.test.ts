// @vitest-environment jsdom
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { MediaStream } from '../src/media/stream';
import { TrackCore } from '../src/media/track';
import { FakeHost, settle } from './fake-host';
import {
  decoding,
  deliver,
  makeDecoder,
  makePage,
  nativeFrames,
  nativeSources,
  NativeStream,
  NativeTrack,
} from './page';

/** Longest wait for the garbage collector, which needs none of it. */
const PATIENCE = { timeout: 60_000 };

let fake: FakeHost;
let nextTrack = 100;
beforeAll(makePage);
beforeEach(() => {
  fake = new FakeHost();
  decoding.supported = new Set(['vp8', 'h264']);
  decoding.broken = false;
  decoding.silent = false;
});
afterEach(() => {
  for (const element of document.querySelectorAll('audio, video')) {
    (element as HTMLMediaElement).srcObject = null;
  }
  document.body.replaceChildren();
});

function remote(kind: 'audio' | 'video'): { core: TrackCore; id: number; stream: MediaStream } {
  const core = new TrackCore(kind, true, 'remote');
  const id = nextTrack++;
  core.bind(id);
  return { core, id, stream: new MediaStream([core.track]) };
}

function make(kind: 'audio' | 'video', stream?: unknown): HTMLVideoElement {
  const element = document.createElement(kind) as HTMLVideoElement;
  if (stream) element.srcObject = stream as never;
  return element;
}

function eventsOf(element: HTMLElement, ...types: string[]): string[] {
  const seen: string[] = [];
  for (const type of types) element.addEventListener(type, () => seen.push(type));
  return seen;
}

/**
 * Counts the listeners of window and document; the returned function ends it. By hand, since a spy
 * would hold what it is called with.
 */
function count(changed: (change: number) => void): () => void {
  type Method = (...given: unknown[]) => void;
  const scopes = [window, document] as unknown as Record<string, Method>[];
  const undo: (() => void)[] = [];
  for (const [name, change] of [
    ['addEventListener', 1],
    ['removeEventListener', -1],
  ] as const) {
    for (const scope of scopes) {
      const native = scope[name];
      scope[name] = (...given) => {
        changed(change);
        native?.apply(scope, given);
      };
      undo.push(() => {
        if (native) scope[name] = native;
      });
    }
  }
  return () => {
    for (const step of undo) step();
  };
}

describe('an element that is taken out of the document', () => {
  it('falls silent, stays so when it comes back, and plays again when told to', async () => {
    const { stream } = remote('audio');
    const element = make('audio', stream);
    document.body.append(element);
    await element.play();
    await settle();
    expect(fake.all('attachAudio')).toHaveLength(1);
    const seen = eventsOf(element, 'pause', 'play');
    const box = document.createElement('div');
    document.body.append(box);
    element.remove();
    await settle();
    expect(fake.all('detachAudio').map(({ sink }) => sink)).toEqual([
      fake.all('attachAudio')[0]?.sink,
    ]);
    expect([element.paused, seen]).toEqual([true, ['pause']]);
    box.append(element);
    await settle();
    expect(fake.all('attachAudio')).toHaveLength(1);
    await element.play();
    await settle();
    expect(fake.all('attachAudio')).toHaveLength(2);
    // Together with what it is in, also inside of a shadow tree.
    const inner = document.createElement('div').attachShadow({ mode: 'open' });
    document.body.append(inner.host);
    box.remove();
    await settle();
    expect(element.paused).toBe(true);
    inner.append(element);
    await element.play();
    await settle();
    element.remove();
    await settle();
    expect([element.paused, fake.all('detachAudio').length]).toEqual([true, 3]);
  });

  it('goes on when it is only moved, and when it never was in the document', async () => {
    const { stream } = remote('audio');
    const [moved, apart] = [make('audio', stream), make('audio', stream)];
    const box = document.createElement('div');
    document.body.append(moved, box);
    await Promise.all([moved.play(), apart.play()]);
    moved.remove();
    box.append(moved);
    await settle();
    expect([moved.paused, apart.paused]).toEqual([false, false]);
    expect(fake.all('detachAudio')).toEqual([]);
    apart.pause();
  });

  it('takes its picture along, and shows one again when it is played in its place', async () => {
    const { id, stream } = remote('video');
    const element = make('video', stream);
    document.body.append(element);
    const played = element.play();
    await settle();
    deliver(id);
    await played;
    expect(document.querySelectorAll('canvas')).toHaveLength(1);
    element.remove();
    await settle();
    expect(document.querySelectorAll('canvas')).toHaveLength(0);
    expect(fake.all('detachVideo')).toHaveLength(1);
    document.body.append(element);
    void element.play();
    await settle();
    deliver(id);
    expect(document.querySelectorAll('canvas')).toHaveLength(1);
  });

  it('is held by nothing but the page', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    let listeners = 0;
    const restore = count((change) => (listeners += change));
    // The track and its stream stay, as those of a connection do.
    const [video, audio] = [remote('video'), remote('audio')];
    const held = await (async (): Promise<WeakRef<object>[]> => {
      const elements = [make('video', video.stream), make('audio', audio.stream)];
      document.body.append(...elements);
      const played = elements.map((element) => element.play());
      await settle();
      deliver(video.id);
      await Promise.all(played);
      expect(listeners).toBeGreaterThan(0);
      for (const element of elements) element.remove();
      // One that was never in the document and never played.
      elements.push(make('audio', audio.stream));
      await settle();
      return elements.map((element) => new WeakRef(element));
    })();
    expect(listeners).toBe(0);
    await vi.waitFor(() => {
      collect();
      expect(held.map((ref) => ref.deref() === undefined)).toEqual([true, true, true]);
    }, PATIENCE);
    expect(fake.all('detachAudio')).toHaveLength(fake.all('attachAudio').length);
    expect(fake.all('detachVideo')).toHaveLength(fake.all('attachVideo').length);
    restore();
  });
});

describe('a frame callback', () => {
  it('waits for the next picture of whatever the element shows then', async () => {
    const [first, second] = [remote('video'), remote('video')];
    const element = make('video', first.stream);
    document.body.append(element);
    const told: number[] = [];
    element.requestVideoFrameCallback((_, { presentedFrames }) => told.push(presentedFrames));
    await settle();
    element.srcObject = second.stream;
    await settle();
    deliver(first.id);
    expect(told).toEqual([]);
    deliver(second.id);
    deliver(second.id);
    expect(told).toEqual([1]);
    // A picture of the webview's own.
    element.requestVideoFrameCallback(() => told.push(0));
    element.srcObject = new NativeStream([new NativeTrack('video')]) as never;
    nativeFrames.get(element)?.(0, {} as VideoFrameCallbackMetadata);
    expect(told).toEqual([1, 0]);
  });

  it('does not come once it is cancelled, even by another of the same picture', async () => {
    const { id, stream } = remote('video');
    const element = make('video');
    document.body.append(element);
    const told: string[] = [];
    const cancel: number[] = [];
    element.requestVideoFrameCallback(() => {
      told.push('first');
      for (const handle of cancel) element.cancelVideoFrameCallback(handle);
    });
    cancel.push(element.requestVideoFrameCallback(() => told.push('cancelled by the first')));
    const early = element.requestVideoFrameCallback(() => told.push('cancelled before'));
    element.srcObject = stream;
    element.cancelVideoFrameCallback(early);
    await settle();
    deliver(id);
    deliver(id);
    expect(told).toEqual(['first']);
  });
});

describe('a stream in an element', () => {
  it('goes on by itself when it becomes active again, if the element plays by itself', async () => {
    const { core, stream } = remote('audio');
    const [automatic, manual] = [make('audio'), make('audio')];
    automatic.autoplay = true;
    for (const element of [automatic, manual]) element.srcObject = stream;
    document.body.append(automatic, manual);
    await manual.play();
    const seen = eventsOf(automatic, 'ended', 'playing');
    await settle();
    core.end();
    await settle();
    expect([automatic.ended, manual.ended]).toEqual([true, true]);
    const again = remote('audio');
    stream.addTrack(again.core.track);
    await settle();
    expect([automatic.ended, automatic.paused]).toEqual([false, false]);
    expect([manual.ended, manual.paused]).toEqual([true, true]);
    expect(seen).toEqual(['playing', 'ended', 'playing']);
    const heard = (): number =>
      fake.all('attachAudio').filter((op) => op.track === again.id).length;
    expect(heard()).toBe(1);
    await manual.play();
    await settle();
    expect([manual.ended, heard()]).toEqual([false, 2]);
  });

  it('does not end while one track makes place for another', async () => {
    const { core, stream } = remote('audio');
    const element = make('audio', stream);
    document.body.append(element);
    await element.play();
    stream.removeTrack(core.track);
    stream.addTrack(remote('audio').core.track);
    await settle();
    expect([element.ended, element.paused]).toEqual([false, false]);
  });

  it('of tracks of the webview is followed by the webview', async () => {
    const [first, second] = [new NativeTrack('video'), new NativeTrack('audio')];
    const stream = new MediaStream([first as never]);
    const element = make('video', stream);
    document.body.append(element);
    const played = nativeSources.get(element) as NativeStream;
    expect(played.getTracks()).toEqual([first]);
    expect(element.srcObject).toBe(stream);
    stream.addTrack(second as never);
    stream.removeTrack(first as never);
    expect(played.getTracks()).toEqual([second]);
    // And by us as soon as there is one of ours in it.
    const ours = remote('video');
    stream.addTrack(ours.core.track);
    await settle();
    expect(nativeSources.get(element)).toBeNull();
    expect(element.srcObject).toBe(stream);
    expect(fake.all('attachVideo').map(({ track }) => track)).toEqual([ours.id]);
    stream.removeTrack(ours.core.track);
    await settle();
    expect(nativeSources.get(element)).toBe(played);
    expect(fake.all('detachVideo')).toHaveLength(1);
  });
});

describe('a loudspeaker', () => {
  beforeEach(() => {
    const speaker = (deviceId: string): object => ({
      deviceId,
      kind: 'audiooutput',
      groupId: '',
      label: '',
    });
    fake.on('enumerateDevices', () => ({ value: ['a', 'b'].map(speaker) }));
  });

  it('is the one that was chosen last', async () => {
    const { stream } = remote('audio');
    const element = make('audio', stream);
    document.body.append(element);
    await element.play();
    fake.hold('enumerateDevices');
    const changes = [element.setSinkId('a'), element.setSinkId('')];
    await settle();
    await fake.release();
    await Promise.all(changes);
    await settle();
    expect(element.sinkId).toBe('');
    expect(fake.all('updateAudio').map(({ deviceId }) => deviceId)).toEqual(['a', '']);
  });

  it('cannot be chosen for what the webview plays, and says so', async () => {
    const element = make('audio');
    element.setAttribute('src', 'chime.ogg');
    await expect(element.setSinkId('a')).rejects.toMatchObject({ name: 'AbortError' });
    expect(element.sinkId).toBe('');
    await element.setSinkId('');
    await element.setSinkId('default');
    await expect(element.setSinkId('c')).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('is kept for what the element will play', async () => {
    const element = make('audio');
    await element.setSinkId('b');
    expect(element.sinkId).toBe('b');
    element.srcObject = remote('audio').stream;
    document.body.append(element);
    await element.play();
    await settle();
    expect(fake.all('attachAudio').map(({ deviceId }) => deviceId)).toEqual(['b']);
  });
});

describe('pictures that cannot be decoded', () => {
  it.each([
    ['for want of a decoder', 'av1'],
    ['for want of any decoder', 'h264'],
  ] as const)('are told to the page, %s', async (_, codec) => {
    if (codec === 'h264') vi.stubGlobal('VideoDecoder', undefined);
    const { id, stream } = remote('video');
    const [element, later] = [make('video', stream), make('video')];
    document.body.append(element, later);
    const seen = eventsOf(element, 'error', 'playing');
    const played = element.play();
    const refused = expect(played).rejects.toMatchObject({ name: 'NotSupportedError' });
    await settle();
    for (let i = 0; i < 5; i += 1) {
      deliver(id, codec);
      await settle();
    }
    await refused;
    expect(seen).toEqual(['error']);
    expect(element.error?.code).toBe(4);
    expect(element.error?.message).toContain(codec.toUpperCase());
    // No key frame would help, and each costs its sender.
    expect(fake.all('requestKeyFrame')).toEqual([]);
    later.srcObject = stream;
    await settle();
    expect(later.error?.code).toBe(4);
    makeDecoder();
    deliver(id, 'vp8');
    await settle();
    expect([element.error, later.error]).toEqual([null, null]);
    expect(seen).toEqual(['error', 'playing']);
  });

  it('are told when they are damaged for good, and asked for less and less often', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { id, stream } = remote('video');
    const element = make('video', stream);
    document.body.append(element);
    const seen = eventsOf(element, 'error');
    await settle();
    decoding.broken = true;
    const fail = async (count: number): Promise<number> => {
      const before = fake.all('requestKeyFrame').length;
      for (let i = 0; i < count; i += 1) {
        deliver(id, 'vp8');
        await settle();
        vi.advanceTimersByTime(600);
      }
      return fake.all('requestKeyFrame').length - before;
    };
    expect(await fail(2)).toBe(2);
    expect(seen).toEqual([]);
    await fail(1);
    expect(seen).toEqual(['error']);
    await fail(10);
    expect(await fail(20)).toBeLessThan(4);
    decoding.broken = false;
    deliver(id, 'vp8');
    await settle();
    expect(element.error).toBeNull();
    vi.useRealTimers();
  });

  it('are told when the decoder takes them all and gives nothing', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { id, stream } = remote('video');
    const element = make('video', stream);
    document.body.append(element);
    await settle();
    decoding.silent = true;
    for (let i = 0; i < 400; i += 1) {
      deliver(id, 'vp8');
      vi.advanceTimersByTime(33);
    }
    await settle();
    expect(element.error?.code).toBe(4);
    expect(fake.all('requestKeyFrame').length).toBeLessThan(5);
    decoding.silent = false;
    // Another decoder is tried, after a longer time than before.
    for (let i = 0; i < 700; i += 1) {
      deliver(id, 'vp8');
      vi.advanceTimersByTime(33);
    }
    expect(element.error).toBeNull();
    vi.useRealTimers();
  });

  it('are no longer told when another track is shown', async () => {
    const { id, stream } = remote('video');
    const element = make('video', stream);
    document.body.append(element);
    await settle();
    deliver(id, 'av1');
    await settle();
    expect(element.error?.code).toBe(4);
    const [track] = stream.getTracks();
    if (track) stream.removeTrack(track);
    stream.addTrack(remote('video').core.track);
    expect(element.error).toBeNull();
  });
});
