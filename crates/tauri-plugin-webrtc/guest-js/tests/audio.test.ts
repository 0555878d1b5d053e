import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { LevelReader, AnalyserSettings } from '../src/audio/analyser';
import { LazyContext } from '../src/audio/lazy';
import { spectrum } from '../src/audio/spectrum';
import { MediaDevices } from '../src/media/devices';
import { MediaStream } from '../src/media/stream';
import type { AnyTrack } from '../src/media/stream';
import { coreOf } from '../src/media/track';
import { FakeHost, settle } from './fake-host';

/** A native node that remembers what it is connected to. */
class FakeNode {
  readonly connected: unknown[] = [];
  gain = { value: 1, setTargetAtTime: vi.fn() };
  connect(to: unknown): unknown {
    this.connected.push(to);
    return to;
  }
  disconnect(): void {
    this.connected.length = 0;
  }
  start(): void {
    this.connected.push('started');
  }
}

class FakeAnalyser extends FakeNode {
  declare fftSize: number;
  declare minDecibels: number;
  declare maxDecibels: number;
  getFloatTimeDomainData(into: Float32Array): void {
    into.fill(0.5);
  }
}

// As the platform has them: accessors of the prototype.
for (const name of ['fftSize', 'minDecibels', 'maxDecibels', 'smoothingTimeConstant']) {
  const values = new WeakMap<object, number>();
  Object.defineProperty(FakeAnalyser.prototype, name, {
    get(this: object) {
      return values.get(this) ?? 0;
    },
    set(this: object, value: number) {
      values.set(this, value);
    },
  });
}

class FakeContext extends EventTarget {
  static made: FakeContext[] = [];
  state: AudioContextState = 'running';
  sampleRate = 48_000;
  get currentTime(): number {
    return 7;
  }
  destination = new FakeNode();
  constructor() {
    super();
    FakeContext.made.push(this);
  }
  createGain = (): FakeNode => new FakeNode();
  createAnalyser(): FakeAnalyser {
    return new FakeAnalyser();
  }
  createBufferSource = (): FakeNode => new FakeNode();
  createBuffer = (_: number, length: number): unknown => ({
    length,
    copyToChannel: () => undefined,
  });
  createMediaStreamSource(): FakeNode {
    return new FakeNode();
  }
  createOscillator(): FakeNode {
    return new FakeNode();
  }
  suspend = vi.fn(() => Promise.resolve());
  resume = vi.fn(() => Promise.resolve());
  close = vi.fn(() => Promise.resolve());
}

function lazy(): AudioContext {
  const scope = { AnalyserNode: FakeAnalyser, MediaStreamAudioSourceNode: FakeNode };
  return new LazyContext(
    scope as unknown as typeof globalThis,
    FakeContext.prototype,
    () => new FakeContext() as unknown as AudioContext,
  ).proxy;
}

/** Longest wait for the garbage collector, which needs none of it. */
const PATIENCE = { timeout: 60_000 };

let fake: FakeHost;
let track: AnyTrack;
beforeEach(async () => {
  FakeContext.made = [];
  fake = new FakeHost();
  [track] = await openMicrophone();
});
afterEach(async () => {
  for (const context of FakeContext.made) {
    context.state = 'closed';
    context.dispatchEvent(new Event('statechange'));
  }
  await settle();
});

async function openMicrophone(): Promise<[AnyTrack]> {
  const stream = await new MediaDevices().getUserMedia({ audio: true });
  const [opened] = stream.getAudioTracks();
  if (!opened) throw new Error('no track');
  return [opened];
}

const source = (context: AudioContext): MediaStreamAudioSourceNode =>
  context.createMediaStreamSource(new MediaStream([track]));

async function hear(level: number): Promise<void> {
  const id = await new Promise<number>((resolve) => coreOf(track)?.whenBound(resolve));
  await fake.emit({ event: 'audioLevel', track: id, level, source: null });
}

describe('an audio context', () => {
  it('runs by itself, without a device', async () => {
    const context = lazy();
    expect(context.state).toBe('suspended');
    const changes: string[] = [];
    context.addEventListener('statechange', () => changes.push(context.state));
    context.onstatechange = () => changes.push(`handler ${context.state}`);
    await settle();
    expect(changes).toEqual(['handler running', 'running']);
    await context.suspend();
    expect(context.state).toBe('suspended');
    await context.resume();
    await context.close();
    expect(context.state).toBe('closed');
    await expect(context.resume()).rejects.toThrow('closed');
    expect(FakeContext.made).toHaveLength(0);
  });

  it('stays as it was told before it began', async () => {
    const context = lazy();
    await context.suspend();
    await settle();
    expect(context.state).toBe('suspended');
  });

  it('is an AudioContext to those who ask', () => {
    const context = lazy();
    expect(context).toBeInstanceOf(FakeContext);
    expect('setSinkId' in context).toBe(false);
    expect(typeof context.createOscillator).toBe('function');
    expect(FakeContext.made).toHaveLength(0);
  });

  it('measures a track without a device', async () => {
    const context = lazy();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    const node = source(context);
    expect(node.connect(analyser)).toBe(analyser);
    await settle();
    const samples = new Float32Array(analyser.fftSize);
    const bytes = new Uint8Array(analyser.frequencyBinCount);
    analyser.getFloatTimeDomainData(samples);
    expect(samples.every((sample) => sample === 0)).toBe(true);
    await hear(0.1);
    const squares = (): number => {
      analyser.getFloatTimeDomainData(samples);
      return samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length;
    };
    expect(10 * Math.log10(squares())).toBeGreaterThan(-24);
    expect(10 * Math.log10(squares())).toBeLessThan(-16);
    analyser.getByteFrequencyData(bytes);
    expect(Math.max(...bytes)).toBeGreaterThan(80);
    expect(fake.all('watchLevel')).toHaveLength(1);
    node.disconnect();
    expect(squares()).toBe(0);
    await settle();
    expect(fake.all('watchLevel').map(({ on }) => on)).toEqual([true, false]);
    expect(FakeContext.made).toHaveLength(0);
  });

  it('becomes real with all that is connected when something could be heard', async () => {
    const context = lazy();
    const analyser = context.createAnalyser();
    analyser.fftSize = 256;
    analyser.minDecibels = -20;
    analyser.maxDecibels = -10;
    source(context).connect(analyser);
    await settle();
    expect(FakeContext.made).toHaveLength(0);
    context.createOscillator();
    expect(FakeContext.made).toHaveLength(1);
    expect(context.currentTime).toBe(7);
    const samples = new Float32Array(2);
    analyser.getFloatTimeDomainData(samples);
    expect([...samples]).toEqual([0.5, 0.5]);
    expect(analyser).toMatchObject({ fftSize: 256, minDecibels: -20, maxDecibels: -10 });
  });

  it('passes its state on when it becomes real', async () => {
    const context = lazy();
    await context.suspend();
    context.createOscillator();
    expect(FakeContext.made[0]?.suspend).toHaveBeenCalled();
    const changed = vi.fn();
    context.onstatechange = changed;
    FakeContext.made[0]?.dispatchEvent(new Event('statechange'));
    expect(changed).toHaveBeenCalled();
  });

  it('is forgotten with what measures in it when the page holds it no longer', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held = ((): WeakRef<object> => {
      const context = lazy();
      source(context).connect(context.createAnalyser());
      return new WeakRef(context);
    })();
    await settle();
    expect(fake.all('watchLevel').map(({ on }) => on)).toEqual([true]);
    await vi.waitFor(() => {
      collect();
      expect(held.deref()).toBeUndefined();
      expect(fake.all('watchLevel').map(({ on }) => on)).toEqual([true, false]);
    }, PATIENCE);
  });

  it('stops following the track when that is stopped, and reads silence then', async () => {
    const context = lazy();
    const analyser = context.createAnalyser();
    source(context).connect(analyser);
    await settle();
    await hear(0.5);
    track.stop();
    await settle();
    expect(fake.all('watchLevel').map(({ on }) => on)).toEqual([true, false]);
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    expect(samples.every((sample) => sample === 0)).toBe(true);
  });

  it('stops following the track when it is closed', async () => {
    const context = lazy();
    source(context).connect(context.createAnalyser());
    await settle();
    await context.close();
    await settle();
    expect(fake.all('watchLevel').map(({ on }) => on)).toEqual([true, false]);
  });
});

describe('an analyser', () => {
  it('refuses sizes that are no powers of two', () => {
    const settings = new AnalyserSettings();
    for (const size of [0, 31, 48, 65_536, Number.NaN]) {
      expect(() => (settings.fftSize = size), String(size)).toThrow(DOMException);
    }
    expect(settings.fftSize).toBe(2048);
  });

  it('reads silence as silence', () => {
    const reader = new LevelReader(new AnalyserSettings(), () => 0);
    const bytes = new Uint8Array(8);
    reader.getByteTimeDomainData(bytes);
    expect([...bytes]).toEqual(Array(8).fill(128));
    reader.getByteFrequencyData(bytes);
    expect([...bytes]).toEqual(Array(8).fill(0));
    const decibels = new Float32Array(4);
    reader.getFloatFrequencyData(decibels);
    expect([...decibels]).toEqual(Array(4).fill(-Infinity));
  });

  it('finds a tone where it is', () => {
    const size = 1024;
    const tone = Float32Array.from({ length: size }, (_, n) =>
      Math.sin((2 * Math.PI * 64 * n) / size),
    );
    const found = spectrum(tone);
    expect(found.indexOf(Math.max(...found))).toBe(64);
    // Half of the amplitude, times the window's mean of 0.42.
    expect(found[64]).toBeCloseTo(0.21, 2);
  });
});
