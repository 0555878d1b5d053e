import { Listeners } from '../call/listeners';
import type { InputState, LocalMedia, Switchable, TrackSource } from '../call/model';

type Tracks = Readonly<Partial<Record<TrackSource, MediaStreamTrack>>>;

/** Tracks that the page makes itself: they are there from the beginning, and never go away. */
export class MadeMedia implements LocalMedia {
  readonly speaker = '';
  readonly #tracks: Tracks;
  readonly #off: Set<TrackSource>;
  readonly #listeners = new Listeners();

  /** `off`: what is off until it is switched on. */
  constructor(tracks: Tracks, off: readonly Switchable[] = []) {
    this.#tracks = tracks;
    this.#off = new Set(off);
  }

  input(source: TrackSource): InputState {
    const enabled = !this.#off.has(source);
    // A screen that is not shared gives nothing.
    const track = source === 'screen' && !enabled ? undefined : this.#tracks[source];
    return { track, enabled };
  }

  enable(source: Switchable, enabled: boolean): Promise<void> {
    if (enabled) this.#off.delete(source);
    else this.#off.add(source);
    const track = this.#tracks[source];
    if (track !== undefined) track.enabled = enabled;
    this.#listeners.tell();
    return Promise.resolve();
  }

  shut(source: Switchable): Promise<void> {
    return this.enable(source, false);
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }
}
