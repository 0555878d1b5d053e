/**
 * What the SDK sends of one source: it makes a copy for each time that something is published, and when it
 * makes its connection anew it forgets one now and then. One that is open holds the device, and may be sent.
 * Copies that others make of the same track are theirs.
 */
export class Copies {
  readonly #open = new Set<MediaStreamTrack>();
  #over = false;

  /** A stream of this track for the SDK: copies that are made of what is in it are known. */
  lend(track: MediaStreamTrack): MediaStream {
    const lent = new Proxy(track, {
      // As the track itself would: what is native knows no other `this`.
      get: (_, name) => {
        if (name === 'clone') return () => this.#copy(track);
        const value: unknown = Reflect.get(track, name, track);
        return typeof value === 'function' ? (value.bind(track) as unknown) : value;
      },
      set: (_, name, value) => Reflect.set(track, name, value, track),
    });
    const all = (kind?: string) => () => (kind === undefined || kind === track.kind ? [lent] : []);
    return Object.assign(new MediaStream([track]), {
      getTracks: all(),
      getAudioTracks: all('audio'),
      getVideoTracks: all('video'),
    });
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

  #copy(track: MediaStreamTrack): MediaStreamTrack {
    const copy = MediaStreamTrack.prototype.clone.call(track);
    // The SDK copies what it sends for a second codec, too.
    copy.clone = () => this.#copy(copy);
    this.#open.add(copy);
    if (this.#over) this.keep([]);
    return copy;
  }
}
