/** Where the packets of a remote track come from (W3C webrtc-pc, section 5.3). */
import { followLevel } from '../audio/level';
import type { TrackCore } from '../media/track';
import type { SynchronizationSource } from '../wire';

/** Who asks is told from then on, until nobody has asked for so many milliseconds. */
const ASKED_FOR = 3_000;
/** A source is forgotten after so many milliseconds without a packet. */
const KNOWN_FOR = 10_000;

/**
 * Asked synchronously and often, while the host is another process: the first question makes it
 * tell, and each is answered with its last word.
 */
export class Sources {
  readonly #track: TrackCore;
  /** With when its packet came. */
  #last: { source: SynchronizationSource; arrived: number } | undefined;
  #stop: (() => void) | undefined;
  #forgotten: ReturnType<typeof setTimeout> | undefined;

  constructor(track: TrackCore) {
    this.#track = track;
  }

  /** Those of the last ten seconds; none before the host has told of one. */
  now(): RTCRtpSynchronizationSource[] {
    if (!this.#track.ended) this.#ask();
    const last = this.#last;
    const now = performance.now();
    if (!last || now - last.arrived > KNOWN_FOR) return [];
    const { source, rtpTimestamp, audioLevel } = last.source;
    const timestamp = performance.timeOrigin + last.arrived;
    return [{ source, rtpTimestamp, timestamp, ...(audioLevel === null ? {} : { audioLevel }) }];
  }

  #ask(): void {
    clearTimeout(this.#forgotten);
    this.#forgotten = setTimeout(() => {
      this.#stop?.();
      this.#stop = undefined;
    }, ASKED_FOR);
    this.#stop ??= followLevel(
      this.#track,
      () => true,
      (_level, source) => {
        if (source) this.#last = { source, arrived: performance.now() - source.age };
      },
    );
  }
}
