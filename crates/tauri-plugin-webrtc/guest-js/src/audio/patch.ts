/** Puts our audio contexts in the place of the page's. */
import { isOurs, toNative } from '../media/stream';
import { LevelReader } from './analyser';
import type { Reading } from './analyser';
import { connected, disconnected, levelAt } from './graph';
import { LazyContext, realSource, unwrap } from './lazy';

type Constructor = new (...given: unknown[]) => object;
type Method = (...given: unknown[]) => unknown;

/** Patches the page's audio contexts and nodes. */
export function patchAudio(scope: typeof globalThis): void {
  const known = scope as unknown as Record<string, unknown>;
  const contexts = new Set(
    ['AudioContext', 'webkitAudioContext'].map((name) => known[name]).filter(isConstructor),
  );
  if (contexts.size === 0) return;
  for (const context of contexts) {
    patchSource(context.prototype as AudioContext);
    const prototype = context.prototype as object;
    const lazy: Constructor = new Proxy(context, {
      // A subclass has behaviour of its own, which only a native object can have.
      construct: (native, given: unknown[], target): object =>
        target.prototype === prototype
          ? new LazyContext(scope, prototype, () => make(native, given)).proxy
          : (Reflect.construct(native, given, target) as object),
    });
    for (const name of ['AudioContext', 'webkitAudioContext']) {
      if (known[name] === context) define(scope, name, lazy);
    }
    define(prototype, 'constructor', lazy);
  }
  patchNodes(scope);
}

function isConstructor(value: unknown): value is Constructor {
  return typeof value === 'function';
}

const make = (native: Constructor, given: unknown[]): AudioContext =>
  Reflect.construct(native, given) as AudioContext;

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { configurable: true, writable: true, value });
}

/** A context that is real already knows our streams, too. */
function patchSource(prototype: AudioContext): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the context below
  const native = prototype.createMediaStreamSource;
  define(prototype, 'createMediaStreamSource', function (this: AudioContext, stream: unknown) {
    const ours = realSource(this, stream);
    if (ours) return ours;
    const passed = isOurs(stream) ? toNative(stream) : stream;
    return native.call(this, passed as globalThis.MediaStream);
  });
}

/** Native nodes may be given ours: in their constructors, and to be connected to. */
function patchNodes(scope: typeof globalThis): void {
  const { AudioNode } = scope as Partial<typeof globalThis>;
  if (!AudioNode) return;
  const follow = { connect: connected, disconnect: cut } as const;
  for (const name of ['connect', 'disconnect'] as const) {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the node below
    const native = AudioNode.prototype[name] as Method;
    define(AudioNode.prototype, name, function (this: AudioNode, ...given: unknown[]) {
      const passed = given.map(unwrap);
      const answer = native.apply(this, passed);
      follow[name](this, passed[0] as object);
      return answer === undefined ? undefined : given[0];
    });
  }
  const known = scope as unknown as Record<string, unknown>;
  for (const name of Object.getOwnPropertyNames(scope)) {
    const native = name.endsWith('Node') ? known[name] : undefined;
    if (!isConstructor(native) || !(native.prototype instanceof AudioNode)) continue;
    const patched = new Proxy(native, {
      construct: (target, given: unknown[], as) =>
        Reflect.construct(target, given.map(unwrap), as) as object,
    });
    define(scope, name, patched);
  }
  patchAnalyser(scope);
}

/** `to` is a node, the number of an output, or nothing. */
function cut(from: AudioNode, to: object | number | undefined): void {
  if (typeof to === 'object') disconnected(from, to);
  else if (to === undefined || from.numberOfOutputs === 1) disconnected(from);
}

type Samples = Float32Array | Uint8Array;

/** How what an analyser sees of our tracks joins what it sees of the rest. */
const JOINED: Record<keyof Reading, (native: number, ours: number) => number> = {
  getFloatTimeDomainData: (native, ours) => native + ours,
  getByteTimeDomainData: (native, ours) => Math.max(0, Math.min(255, native + ours - 128)),
  getFloatFrequencyData: Math.max,
  getByteFrequencyData: Math.max,
};

/** Real analysers are told how loud the tracks are that lead to them. */
function patchAnalyser({ AnalyserNode, GainNode }: Partial<typeof globalThis>): void {
  if (!AnalyserNode) return;
  const readers = new WeakMap<AnalyserNode, LevelReader>();
  const gainOf = (node: object): number =>
    GainNode && node instanceof GainNode ? node.gain.value : 1;
  const readerOf = (node: AnalyserNode): LevelReader => {
    let reader = readers.get(node);
    if (!reader) {
      reader = new LevelReader(node, () => levelAt(node, gainOf));
      readers.set(node, reader);
    }
    return reader;
  };
  const prototype = AnalyserNode.prototype as unknown as Record<keyof Reading, Method>;
  for (const [name, joined] of Object.entries(JOINED) as [keyof Reading, typeof Math.max][]) {
    const native = prototype[name];
    define(prototype, name, function (this: AnalyserNode, into: Samples) {
      native.call(this, into);
      if (this.context.state !== 'running' || levelAt(this, gainOf) === 0) return;
      const ours = into.slice() as Samples;
      readerOf(this)[name](ours as never);
      for (let i = 0; i < into.length; i += 1) into[i] = joined(into[i] ?? 0, ours[i] ?? 0);
    });
  }
}
