import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { beforeEach, describe, expect, it, vi } from 'vitest';

import { patchAudio } from '../src/audio/patch';
import { MediaDevices } from '../src/media/devices';
import type { MediaStream } from '../src/media/stream';
import { FIRST_HOST_ID, FakeHost, settle } from './fake-host';

/** An audio graph of the webview, of which each node gives out one sample. */
class Node {
  readonly numberOfOutputs = 1;
  readonly #inputs = new Set<Node>();
  readonly #outputs = new Set<Node>();
  constructor(readonly context: Context) {}
  connect(to: Node): Node {
    if (!(to instanceof Node)) throw new TypeError('not a node');
    this.#outputs.add(to);
    to.#inputs.add(this);
    return to;
  }
  disconnect(to?: Node): void {
    for (const node of to ? [to] : [...this.#outputs]) {
      this.#outputs.delete(node);
      node.#inputs.delete(this);
    }
  }
  /** What comes out. */
  get sample(): number {
    return [...this.#inputs].reduce((sum, node) => sum + node.sample, 0);
  }
}

class Gain extends Node {
  readonly gain = { value: 1 };
  override get sample(): number {
    return super.sample * this.gain.value;
  }
}

class Oscillator extends Node {
  override get sample(): number {
    return 0.25;
  }
}

class Analyser extends Node {
  fftSize = 2048;
  minDecibels = -100;
  maxDecibels = -30;
  smoothingTimeConstant = 0;
  getFloatTimeDomainData(into: Float32Array): void {
    into.fill(this.sample);
  }
  getByteTimeDomainData(into: Uint8Array): void {
    into.fill(128 + 128 * this.sample);
  }
  getFloatFrequencyData(into: Float32Array): void {
    into.fill(this.sample === 0 ? -Infinity : -20);
  }
  getByteFrequencyData(into: Uint8Array): void {
    into.fill(this.sample === 0 ? 0 : 200);
  }
}

class Context extends EventTarget {
  state = 'running';
  readonly #destination = new Node(this);
  get destination(): Node {
    return this.#destination;
  }
  createGain(): Gain {
    return new Gain(this);
  }
  createOscillator(): Oscillator {
    return new Oscillator(this);
  }
  createAnalyser(): Analyser {
    return new Analyser(this);
  }
  createMediaStreamSource(stream: unknown): Node {
    throw new TypeError(`${String(stream)} is no stream of the webview`);
  }
  suspend = (): Promise<void> => Promise.resolve();
  resume = (): Promise<void> => Promise.resolve();
  close(): Promise<void> {
    this.state = 'closed';
    this.dispatchEvent(new Event('statechange'));
    return Promise.resolve();
  }
}

const scope = {
  AudioContext: Context,
  AudioNode: Node,
  GainNode: Gain,
  AnalyserNode: Analyser,
  MediaStreamAudioSourceNode: class extends Node {},
} as unknown as typeof globalThis;
patchAudio(scope);

/** For the collector, which takes its time. */
const PATIENCE = { timeout: 60_000 };

let fake: FakeHost;
let stream: MediaStream;
beforeEach(async () => {
  fake = new FakeHost();
  stream = await new MediaDevices().getUserMedia({ audio: true });
});

async function loud(level: number): Promise<void> {
  await fake.emit({ event: 'audioLevel', track: FIRST_HOST_ID, level, source: null });
}

function decibels(analyser: AnalyserNode): number {
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  const squares = samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length;
  return 10 * Math.log10(squares);
}

type Made = AudioContext & { destination: { sample: number } };

describe.each([
  ['made by the page', (): Made => new scope.AudioContext() as Made],
  ['of a subclass', (): Made => new (class extends scope.AudioContext {})() as Made],
])('a real context, %s', (_, make) => {
  it('gives silence of our tracks to the loudspeaker, never noise, and leaves the rest', async () => {
    const context = make();
    const source = context.createMediaStreamSource(stream as never);
    const [gain, analyser] = [context.createGain(), context.createAnalyser()];
    source.connect(analyser);
    analyser.connect(gain);
    source.connect(gain).connect(context.destination);
    await settle();
    await loud(0.5);
    expect(context.destination.sample).toBe(0);
    context.createOscillator().connect(gain);
    expect(context.destination.sample).toBe(0.25);
    await context.close();
  });

  it('shows analysers how loud our tracks are, wherever they are', async () => {
    const context = make();
    const source = context.createMediaStreamSource(stream as never);
    const [gain, near, far] = [
      context.createGain(),
      context.createAnalyser(),
      context.createAnalyser(),
    ];
    source.connect(near);
    source.connect(gain).connect(far);
    gain.connect(context.destination);
    gain.gain.value = 0.1;
    await settle();
    expect([decibels(near), decibels(far)]).toEqual([-Infinity, -Infinity]);
    await loud(0.1);
    expect(decibels(near)).toBeGreaterThan(-24);
    expect(decibels(near)).toBeLessThan(-16);
    expect(decibels(far) - decibels(near)).toBeGreaterThan(-24);
    expect(decibels(far) - decibels(near)).toBeLessThan(-16);
    const bytes = new Uint8Array(far.frequencyBinCount || 1024);
    near.getByteFrequencyData(bytes);
    expect(Math.max(...bytes)).toBeGreaterThan(80);
    near.getByteTimeDomainData(bytes);
    expect(Math.max(...bytes)).toBeGreaterThan(128);
    // What else leads there is seen as before.
    context.createOscillator().connect(far);
    near.getByteFrequencyData(bytes);
    expect(decibels(far)).toBeGreaterThan(-13);
    expect(decibels(far)).toBeLessThan(-11);

    source.disconnect(near);
    expect(decibels(near)).toBe(-Infinity);
    gain.disconnect();
    expect(context.destination.sample).toBe(0);
    source.disconnect();
    await settle();
    expect(fake.all('watchLevel').map(({ on }) => on)).toEqual([true, false]);
    await context.close();
  });

  it('keeps nothing of two hundred participants who were measured and left', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const context = make();
    const held = Array.from({ length: 200 }, () => {
      const source = context.createMediaStreamSource(stream as never);
      source.connect(context.createAnalyser());
      return new WeakRef<object>(source);
    });
    await settle();
    await vi.waitFor(() => {
      collect();
      expect(held.filter((ref) => ref.deref())).toHaveLength(0);
      expect(fake.all('watchLevel').map(({ on }) => on)).toEqual([true, false]);
    }, PATIENCE);
    await context.close();
  });
});
