/**
 * `MediaStreamAudioSourceNode` for a stream of ours, in a real audio graph. The sound is not in the
 * page, so the node is silent; analysers behind it are told how loud the track is.
 */
import type { MediaStream } from '../media/stream';
import type { TrackCore } from '../media/track';
import { standsFor } from './graph';
import { followLevel } from './level';

/** Ends watching when the node was thrown away without being disconnected. */
const forgotten = new FinalizationRegistry<Watching>((watching) => watching.end());

/**
 * Watches a track for a node. The track, the context and the registry above hold this for as long as
 * it watches; it does not hold the node, not even by a variable that its functions could see: the
 * node would never be forgotten.
 */
class Watching {
  readonly heard = { level: 0 };
  readonly #context: BaseAudioContext;
  readonly #core: TrackCore;
  #stop: (() => void) | undefined;
  readonly #changed = (): void => {
    if (this.#context.state === 'closed') this.end();
  };

  constructor(context: BaseAudioContext, core: TrackCore) {
    this.#context = context;
    this.#core = core;
  }

  begin(): void {
    if (this.#stop) return;
    this.#stop = followLevel(
      this.#core,
      () => this.#context.state !== 'closed',
      (level) => {
        this.heard.level = level;
      },
    );
    this.#context.addEventListener('statechange', this.#changed);
  }

  end(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.heard.level = 0;
    this.#context.removeEventListener('statechange', this.#changed);
  }
}

/** Makes the node, of which the standard's other attributes are those of a gain node. */
export function levelSource(
  context: BaseAudioContext,
  core: TrackCore,
  stream: MediaStream,
): GainNode {
  const node = context.createGain();
  const watching = new Watching(context, core);
  standsFor(node, watching.heard);
  watching.begin();
  forgotten.register(node, watching);

  const { connect, disconnect } = node as unknown as Record<
    'connect' | 'disconnect',
    (...given: unknown[]) => unknown
  >;
  return Object.defineProperties(node, {
    mediaStream: { value: stream, enumerable: true },
    connect: {
      configurable: true,
      value: (...given: unknown[]): unknown => {
        watching.begin();
        return connect.apply(node, given);
      },
    },
    disconnect: {
      configurable: true,
      value: (...given: unknown[]): void => {
        disconnect.apply(node, given);
        if (given.length === 0) watching.end();
      },
    },
  });
}
