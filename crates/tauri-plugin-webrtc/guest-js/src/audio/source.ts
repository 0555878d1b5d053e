/**
 * `MediaStreamAudioSourceNode` for a stream of ours, in a real audio graph. The sound is not in the
 * page, so the node is silent; analysers behind it are told how loud the track is.
 */
import type { MediaStream } from '../media/stream';
import type { TrackCore } from '../media/track';
import { standsFor } from './graph';
import { followLevel } from './level';

/** Ends watching when the node was thrown away without being disconnected. */
const forgotten = new FinalizationRegistry<() => void>((stop) => stop());

/** Makes the node, of which the standard's other attributes are those of a gain node. */
export function levelSource(
  context: BaseAudioContext,
  core: TrackCore,
  stream: MediaStream,
): GainNode {
  const node = context.createGain();
  // Nothing that outlives the node may hold it, else it is never forgotten.
  const heard = { level: 0 };
  standsFor(node, heard);
  let stop: (() => void) | undefined;
  const begin = (): void => {
    if (stop) return;
    stop = followLevel(
      core,
      () => context.state !== 'closed',
      (level) => {
        heard.level = level;
      },
    );
    context.addEventListener('statechange', changed);
  };
  const end = (): void => {
    stop?.();
    stop = undefined;
    heard.level = 0;
    context.removeEventListener('statechange', changed);
  };
  const changed = (): void => {
    if (context.state === 'closed') end();
  };
  begin();
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
