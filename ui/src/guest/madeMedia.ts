import type { InputRole, InputState, LocalMedia } from '../call/model';

/** Tracks that the page makes itself: they are there from the beginning, and never go away. */
export class MadeMedia implements LocalMedia {
  readonly speaker = '';
  readonly #tracks: Readonly<Record<InputRole, MediaStreamTrack | undefined>>;
  readonly #off = new Set<InputRole>();
  readonly #listeners = new Set<() => void>();

  constructor(tracks: Readonly<Record<InputRole, MediaStreamTrack | undefined>>) {
    this.#tracks = tracks;
  }

  input(role: InputRole): InputState {
    return { track: this.#tracks[role], enabled: !this.#off.has(role) };
  }

  enable(role: InputRole, enabled: boolean): Promise<void> {
    if (enabled) this.#off.delete(role);
    else this.#off.add(role);
    const track = this.#tracks[role];
    if (track !== undefined) track.enabled = enabled;
    for (const listener of [...this.#listeners]) listener();
    return Promise.resolve();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
