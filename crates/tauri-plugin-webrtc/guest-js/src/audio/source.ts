/**
 * `MediaStreamAudioSourceNode` for a stream of ours, in a real audio graph. The node plays noise
 * at the track's level, which is what meters and silence detectors look at. It is heard only if
 * the page connects it to the speakers itself.
 */
import type { MediaStream } from '../media/stream';
import type { TrackCore } from '../media/track';
import { followLevel, noise } from './level';

/** Seconds of noise that are played over and over. */
const NOISE_SECONDS = 2;
/** Time constant with which the level follows, in seconds. */
const SMOOTHING = 0.02;

/** Ends watching when the node was thrown away without being disconnected. */
const forgotten = new FinalizationRegistry<() => void>((stop) => stop());

/** Makes the node, of which the standard's other attributes are those of a gain node. */
export function levelSource(
  context: BaseAudioContext,
  core: TrackCore,
  stream: MediaStream,
): GainNode {
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
  let stop: (() => void) | undefined;
  const begin = (): void => {
    stop ??= followLevel(core, () => context.state !== 'closed', follow);
  };
  const end = (): void => {
    stop?.();
    stop = undefined;
  };
  begin();
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
