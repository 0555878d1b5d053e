/**
 * What the SDK sends of one source: it makes a copy for each time that something is published, and when it
 * makes its connection anew it forgets one now and then. One that is open holds the device, and may be sent.
 */
export class Copies {
  readonly #open = new Set<MediaStreamTrack>();
  #over = false;

  /** Copies that are made of this track from now on are known. */
  watch(track: MediaStreamTrack): void {
    track.clone = () => {
      const copy = MediaStreamTrack.prototype.clone.call(track);
      this.#open.add(copy);
      if (this.#over) this.keep([]);
      return copy;
    };
  }

  /** Ends all but those that are in use. */
  keep(used: readonly MediaStreamTrack[]): void {
    for (const copy of this.#open) {
      if (used.includes(copy)) continue;
      copy.stop();
      this.#open.delete(copy);
    }
  }

  /** Ends all, also those that are still to be made. */
  end(): void {
    this.#over = true;
    this.keep([]);
  }
}
