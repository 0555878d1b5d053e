import { CallError, type InputState } from '../call/model';
import { captures } from '../call/sources';
import { screenFailure } from '../errors/failure';

/** What is on a screen moves little; its words have to be read. */
const CONSTRAINTS = { video: { frameRate: { ideal: 15 } }, audio: true } as const;

/** A screen or window that the user shares, with its sound where the system gives that. */
export class SharedScreen {
  readonly #changed: () => void;
  #tracks: readonly MediaStreamTrack[] = [];
  /** Counts what was wanted: what comes late is not wanted any more. */
  #wishes = 0;
  #closed = false;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  input(source: 'screen' | 'screen-audio'): InputState {
    const kind = source === 'screen' ? 'video' : 'audio';
    const track = this.#tracks.find((each) => each.kind === kind);
    return { track, enabled: track !== undefined };
  }

  /**
   * Asks the user what to share. Whoever then chooses nothing has changed their mind, which is no
   * failure.
   *
   * @throws CallError if it cannot be shared.
   */
  async enable(enabled: boolean): Promise<void> {
    this.#wishes += 1;
    if (!enabled) this.#take([]);
    else if (this.#tracks.length === 0) await this.#open(this.#wishes);
  }

  /** For good. */
  close(): void {
    this.#closed = true;
    this.#take([]);
  }

  async #open(wish: number): Promise<void> {
    if (!captures()) throw new CallError('screen-unsupported');
    let tracks: MediaStreamTrack[];
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(CONSTRAINTS);
      tracks = stream.getTracks();
    } catch (thrown) {
      const failed = screenFailure(thrown);
      // Nobody waits for it any more, or the user has changed their mind.
      if (failed === undefined || this.#closed || wish !== this.#wishes) return;
      throw new CallError(failed.code, failed.detail);
    }
    if (this.#closed || wish !== this.#wishes) {
      for (const track of tracks) track.stop();
      return;
    }
    this.#take(tracks);
  }

  #take(tracks: readonly MediaStreamTrack[]): void {
    const before = this.#tracks;
    if (tracks.length === 0 && before.length === 0) return;
    this.#tracks = tracks;
    for (const track of before) track.stop();
    const picture = tracks.find(({ kind }) => kind === 'video');
    // The user has ended it by the browser's own button, or the window was closed.
    picture?.addEventListener('ended', () => {
      if (this.#tracks === tracks) this.#take([]);
    });
    this.#changed();
  }
}
