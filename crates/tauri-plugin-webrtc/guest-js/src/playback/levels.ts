/**
 * `AudioContext.createMediaStreamSource` for streams of ours. Sound does not enter the page: the
 * node plays noise at the track's level, which is what meters and silence detectors look at. It
 * is heard only if the page connects it to the speakers itself.
 */
import { isOurs, toNative } from '../media/stream';
import type { MediaStream } from '../media/stream';
import { coreOf } from '../media/track';
import type { TrackCore } from '../media/track';
import { host } from '../transport';

/** Seconds of noise that are played over and over. */
const NOISE_SECONDS = 2;
/** Time constant with which the level follows, in seconds. */
const SMOOTHING = 0.02;

/** Nodes that listen to a track's level, by the host's id of the track. */
const watchers = new Map<number, number>();

function watch(track: number, on: boolean): void {
  const before = watchers.get(track) ?? 0;
  const now = before + (on ? 1 : -1);
  if (now > 0) watchers.set(track, now);
  else watchers.delete(track);
  if (before === 0 || now === 0) host().post({ op: 'watchLevel', track, on });
}

/**
 * Noise with a root mean square of 1, falling with frequency as speech does. The generator is
 * seeded: what a meter shows depends on the level alone.
 */
export function noise(length: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(length);
  let seed = 0x2545f491;
  let low = 0;
  let squares = 0;
  for (let i = 0; i < length; i += 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const white = seed / 0x80000000 - 1;
    low += 0.2 * (white - low);
    samples[i] = low + 0.2 * white;
    squares += (low + 0.2 * white) ** 2;
  }
  const scale = 1 / Math.sqrt(squares / length);
  for (let i = 0; i < length; i += 1) samples[i] = (samples[i] ?? 0) * scale;
  return samples;
}

/** Ends watching when the node was thrown away without being disconnected. */
const forgotten = new FinalizationRegistry<() => void>((stop) => stop());

function levelSource(context: BaseAudioContext, core: TrackCore, stream: MediaStream): GainNode {
  const buffer = context.createBuffer(1, NOISE_SECONDS * context.sampleRate, context.sampleRate);
  buffer.copyToChannel(noise(buffer.length), 0);
  const player = context.createBufferSource();
  player.buffer = buffer;
  player.loop = true;
  const node = context.createGain();
  node.gain.value = 0;
  player.connect(node);
  player.start();

  // Nothing that outlives the node may hold it, else it is never forgotten.
  const weak = new WeakRef(node);
  const follow = (level: number): void => {
    weak.deref()?.gain.setTargetAtTime(level, context.currentTime, SMOOTHING);
  };
  let stopWatching: (() => void) | undefined;
  const begin = (): void => {
    core.whenBound((track) => {
      if (stopWatching || core.ended || context.state === 'closed') return;
      watch(track, true);
      const unlisten = host().listenTrack(track, {
        event: (event) => {
          if (event.event === 'audioLevel') follow(core.enabled ? event.level : 0);
        },
        lost: () => follow(0),
      });
      stopWatching = () => {
        unlisten();
        watch(track, false);
      };
    });
  };
  const end = (): void => {
    stopWatching?.();
    stopWatching = undefined;
  };
  begin();
  core.track.addEventListener('ended', end);
  context.addEventListener('statechange', () => {
    if (context.state === 'closed') end();
  });
  forgotten.register(node, end);

  const { connect, disconnect } = node as unknown as Record<
    'connect' | 'disconnect',
    (...given: unknown[]) => unknown
  >;
  return Object.defineProperties(node, {
    mediaStream: { value: stream, enumerable: true },
    connect: {
      configurable: true,
      value: (...given: unknown[]): unknown => {
        begin();
        return connect.apply(node, given);
      },
    },
    disconnect: {
      configurable: true,
      value: (...given: unknown[]): void => {
        disconnect.apply(node, given);
        if (given.length === 0) end();
      },
    },
  });
}

/** Patches the page's audio contexts. */
export function patchAudioContexts(scope: typeof globalThis): void {
  const names = ['AudioContext', 'webkitAudioContext'] as const;
  const known = scope as unknown as Partial<Record<(typeof names)[number], typeof AudioContext>>;
  for (const prototype of new Set(names.map((name) => known[name]?.prototype))) {
    if (!prototype) continue;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the context below
    const native = prototype.createMediaStreamSource;
    Object.defineProperty(prototype, 'createMediaStreamSource', {
      configurable: true,
      enumerable: true,
      writable: true,
      value(this: AudioContext, stream: unknown): AudioNode {
        if (!isOurs(stream)) return native.call(this, stream as globalThis.MediaStream);
        const passed = toNative(stream);
        if (passed) return native.call(this, passed);
        const [track] = stream.getAudioTracks();
        const core = track && coreOf(track);
        if (!core) throw new DOMException('The stream has no audio track', 'InvalidStateError');
        return levelSource(this, core, stream);
      },
    });
  }
}
