/**
 * Audio contexts that open no device before something could be heard.
 *
 * SDKs make an `AudioContext` for each track, to see whether it is silent. On WebKitGTK each one
 * connects to the sound server and keeps a thread busy, while our tracks' sound never is in the
 * page. So a context, and what measures a track in it, is only made real when the page does
 * anything else with it; until then the level that the host reports answers.
 */
import { isOurs, toNative } from '../media/stream';
import type { MediaStream } from '../media/stream';
import { coreOf } from '../media/track';
import type { TrackCore } from '../media/track';
import { queueTask } from '../surface';
import { AnalyserSettings, LevelReader } from './analyser';
import type { Heard } from './graph';
import { followLevel } from './level';
import { levelSource } from './source';

type Behaviour = Record<PropertyKey, unknown>;

/** What stands in for a native object, and how to get that one. */
const natives = new WeakMap<object, () => object>();

/** The native object behind a stand-in; anything else as it is. */
export function unwrap(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (natives.get(value)?.() ?? value) : value;
}

const prototypeOf = (of: object): object | null => Reflect.getPrototypeOf(of);

/** Finds a property of a platform object's interface. */
function described(target: object, key: PropertyKey): PropertyDescriptor | undefined {
  for (let at: object | null = target; at; at = prototypeOf(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, key);
    if (descriptor) return descriptor;
  }
  return undefined;
}

/**
 * An object of the given interface: `behaviour` answers until there is a native one, which `real`
 * makes; `always` goes on answering then.
 */
function standIn<T extends object>(
  prototype: object,
  always: Behaviour,
  behaviour: Behaviour,
  native: () => object | undefined,
  real: () => object,
): T {
  const target = Object.create(prototype) as object;
  const own = (key: PropertyKey): Behaviour | undefined => {
    if (key in always) return always;
    return native() === undefined && key in behaviour ? behaviour : undefined;
  };
  const proxy = new Proxy(target, {
    get(_, key): unknown {
      const answering = own(key);
      if (answering) return Reflect.get(answering, key);
      const descriptor = described(target, key);
      if (descriptor === undefined || typeof key === 'symbol' || key === 'constructor') {
        return descriptor?.value as unknown;
      }
      // To ask whether there is a method is not to use it.
      if (typeof descriptor.value === 'function') {
        return (...given: unknown[]): unknown => {
          const found = real();
          const method = Reflect.get(found, key) as (...given: unknown[]) => unknown;
          return method.apply(found, given.map(unwrap));
        };
      }
      if (descriptor.get === undefined) return descriptor.value as unknown;
      const found = real();
      return Reflect.get(found, key, found) as unknown;
    },
    set(_, key, value): boolean {
      const answering = own(key);
      if (answering) return Reflect.set(answering, key, value);
      if (described(target, key)?.set) {
        const found = real();
        return Reflect.set(found, key, value, found);
      }
      return Reflect.set(target, key, value);
    },
  });
  natives.set(proxy, real);
  return proxy as T;
}

/** The track behind a stream of ours, if the stream has to be answered here. */
function measured(stream: unknown): { core: TrackCore; stream: MediaStream } | undefined {
  if (!isOurs(stream) || toNative(stream)) return undefined;
  const [track] = stream.getAudioTracks();
  const core = track && coreOf(track);
  if (!core) throw new DOMException('The stream has no audio track', 'InvalidStateError');
  return { core, stream };
}

/** A context's stand-in. */
export class LazyContext {
  readonly proxy: AudioContext;
  readonly #create: () => AudioContext;
  readonly #events = new EventTarget();
  /** Those that have to be made real together with the context, if the page still holds them. */
  readonly connected = new Set<WeakRef<LazySource>>();
  #native: AudioContext | undefined;
  #state: AudioContextState = 'suspended';
  /** The page has said which state it wants. */
  #stateChosen = false;
  #handler: ((event: Event) => unknown) | null = null;

  constructor(scope: typeof globalThis, prototype: object, create: () => AudioContext) {
    this.#create = create;
    const events = this.#events;
    const { AnalyserNode, MediaStreamAudioSourceNode } = scope;
    const always: Behaviour = {
      addEventListener: events.addEventListener.bind(events),
      removeEventListener: events.removeEventListener.bind(events),
      dispatchEvent: events.dispatchEvent.bind(events),
    };
    Object.defineProperty(always, 'onstatechange', {
      get: () => this.#handler,
      set: (value: unknown) => {
        this.#handler = typeof value === 'function' ? (value as (event: Event) => unknown) : null;
      },
    });
    const behaviour: Behaviour = {
      currentTime: 0,
      baseLatency: 0,
      outputLatency: 0,
      createAnalyser: () => new LazyAnalyser(this, AnalyserNode.prototype).proxy,
      createMediaStreamSource: (stream: unknown) => {
        const found = measured(stream);
        return found
          ? new LazySource(this, MediaStreamAudioSourceNode.prototype, found).proxy
          : this.real().createMediaStreamSource(stream as globalThis.MediaStream);
      },
      resume: () => this.#ask('running'),
      suspend: () => this.#ask('suspended'),
      close: () => this.#ask('closed'),
    };
    Object.defineProperty(behaviour, 'state', { get: () => this.#state });
    this.proxy = standIn<AudioContext>(
      prototype,
      always,
      behaviour,
      () => this.#native,
      () => this.real(),
    );
    events.addEventListener('statechange', (event) => this.#handler?.call(this.proxy, event));
    // Nothing keeps it from running, since it is not heard (Web Audio API, section 1.2.1).
    queueTask(() => {
      if (this.#state === 'suspended' && !this.#stateChosen) this.#become('running');
    });
  }

  get native(): AudioContext | undefined {
    return this.#native;
  }

  /** Whether what is measured here moves. */
  get running(): boolean {
    return this.#state === 'running';
  }

  /** The native context, made now if need be with all that is connected in it. */
  real(): AudioContext {
    if (this.#native) return this.#native;
    const native = this.#create();
    this.#native = native;
    native.addEventListener('statechange', () => this.#tell());
    for (const source of this.connected) source.deref()?.real();
    this.connected.clear();
    if (this.#stateChosen && this.#state === 'suspended') void native.suspend();
    if (this.#state === 'closed') void native.close();
    return native;
  }

  #ask(state: AudioContextState): Promise<void> {
    if (this.#state === 'closed') {
      return Promise.reject(new DOMException('The context is closed', 'InvalidStateError'));
    }
    this.#stateChosen = true;
    return new Promise((resolve) => {
      queueTask(() => {
        this.#become(state);
        resolve();
      });
    });
  }

  #become(state: AudioContextState): void {
    // It may have become real while this was under way.
    if (this.#native) {
      if (state === 'suspended') void this.#native.suspend();
      if (state === 'closed') void this.#native.close();
      return;
    }
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    if (state === 'closed') for (const source of [...this.connected]) source.deref()?.end();
    this.#tell();
  }

  #tell(): void {
    this.#events.dispatchEvent(new Event('statechange'));
  }
}

/** What standard attributes of a node say here. */
function nodeBehaviour(context: LazyContext, inputs: number): Behaviour {
  return { context: context.proxy, numberOfInputs: inputs, numberOfOutputs: 1 };
}

const analysers = new WeakMap<object, LazyAnalyser>();

class LazyAnalyser {
  readonly proxy: AnalyserNode;
  readonly inputs = new Set<LazySource>();
  readonly #context: LazyContext;
  readonly #settings = new AnalyserSettings();
  #native: AnalyserNode | undefined;

  constructor(context: LazyContext, prototype: object) {
    this.#context = context;
    const reader = new LevelReader(this.#settings, () => this.#level());
    const behaviour = nodeBehaviour(context, 1);
    for (const name of [
      'fftSize',
      'minDecibels',
      'maxDecibels',
      'smoothingTimeConstant',
      'frequencyBinCount',
    ] as const) {
      Object.defineProperty(behaviour, name, {
        get: () => this.#settings[name],
        set: (value: unknown) => Reflect.set(this.#settings, name, Number(value)),
      });
    }
    for (const name of [
      'getFloatTimeDomainData',
      'getByteTimeDomainData',
      'getFloatFrequencyData',
      'getByteFrequencyData',
    ] as const) {
      behaviour[name] = (reader[name] as (into: unknown) => void).bind(reader);
    }
    // Nothing was connected, or it would be real.
    behaviour['disconnect'] = () => undefined;
    this.proxy = standIn<AnalyserNode>(
      prototype,
      {},
      behaviour,
      () => (context.native ? this.real() : undefined),
      () => this.real(),
    );
    analysers.set(this.proxy, this);
  }

  get context(): LazyContext {
    return this.#context;
  }

  real(): AnalyserNode {
    const context = this.#context.real();
    if (this.#native) return this.#native;
    const native = context.createAnalyser();
    const { fftSize, minDecibels, maxDecibels, smoothingTimeConstant } = this.#settings;
    this.#native = Object.assign(native, { fftSize, smoothingTimeConstant });
    // Each is checked against the other, which may still be the default.
    native.minDecibels = Math.min(minDecibels, native.minDecibels);
    Object.assign(native, { maxDecibels, minDecibels });
    return native;
  }

  #level(): number {
    if (!this.#context.running) return 0;
    const squares = [...this.inputs].reduce((sum, { heard }) => sum + heard.level ** 2, 0);
    return Math.sqrt(squares);
  }
}

/** Ends watching a track when what measured it was thrown away without being disconnected. */
const forgotten = new FinalizationRegistry<() => void>((stop) => stop());

/** Apart from the node, so that nothing of it is held: stops watching, and takes it off the list. */
function stopping(stop: () => void, list: LazyContext['connected'], node: WeakRef<LazySource>) {
  return (): void => {
    stop();
    list.delete(node);
  };
}

class LazySource {
  readonly proxy: MediaStreamAudioSourceNode;
  /** Nothing that outlives the node may hold more of it than this. */
  readonly heard: Heard = { level: 0 };
  readonly #context: LazyContext;
  readonly #measured: { core: TrackCore; stream: MediaStream };
  readonly #outputs = new Set<LazyAnalyser>();
  readonly #self = new WeakRef<LazySource>(this);
  #native: AudioNode | undefined;
  #stop: (() => void) | undefined;

  constructor(
    context: LazyContext,
    prototype: object,
    source: { core: TrackCore; stream: MediaStream },
  ) {
    this.#context = context;
    this.#measured = source;
    const behaviour = {
      ...nodeBehaviour(context, 0),
      mediaStream: source.stream,
      connect: (to: unknown, ...rest: unknown[]) => this.#connect(to, rest),
      disconnect: (...from: unknown[]) => this.#disconnect(from),
    };
    this.proxy = standIn<MediaStreamAudioSourceNode>(
      prototype,
      {},
      behaviour,
      () => (context.native ? this.real() : undefined),
      () => this.real(),
    );
  }

  real(): AudioNode {
    const context = this.#context.real();
    if (this.#native) return this.#native;
    const native = levelSource(context, this.#measured.core, this.#measured.stream);
    this.#native = native;
    for (const analyser of this.#outputs) native.connect(analyser.real());
    this.end();
    return native;
  }

  /** Stops following the track. */
  end(): void {
    this.#stop?.();
    this.#stop = undefined;
    forgotten.unregister(this);
    this.heard.level = 0;
  }

  #connect(to: unknown, rest: unknown[]): unknown {
    const analyser = typeof to === 'object' && to !== null ? analysers.get(to) : undefined;
    if (!analyser || analyser.context !== this.#context || rest.length > 0) {
      const native = this.real() as { connect(...given: unknown[]): unknown };
      native.connect(unwrap(to), ...rest);
      return to;
    }
    this.#outputs.add(analyser);
    analyser.inputs.add(this);
    this.#context.connected.add(this.#self);
    if (!this.#stop) this.#follow();
    return to;
  }

  #follow(): void {
    const { heard } = this;
    const stop = followLevel(
      this.#measured.core,
      () => true,
      (level) => {
        heard.level = level;
      },
    );
    this.#stop = stopping(stop, this.#context.connected, this.#self);
    forgotten.register(this, this.#stop, this);
  }

  #disconnect(from: unknown[]): void {
    for (const analyser of [...this.#outputs]) {
      if (from.length > 0 && analyser.proxy !== from[0]) continue;
      this.#outputs.delete(analyser);
      analyser.inputs.delete(this);
    }
    if (this.#outputs.size === 0) this.end();
  }
}

/** `createMediaStreamSource` of a context that is real. */
export function realSource(context: BaseAudioContext, stream: unknown): AudioNode | undefined {
  const found = measured(stream);
  return found && levelSource(context, found.core, found.stream);
}
