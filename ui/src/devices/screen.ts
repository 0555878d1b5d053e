import { CallError, type InputState } from '../call/model';
import { captures } from '../call/sources';
import { screenFailure } from '../errors/failure';

/** What is on a screen moves little, and its words have to be read; unless it is a film. */
const WAYS = {
  sharp: { hint: 'text', frameRate: { ideal: 15 } },
  fluent: { hint: 'motion', frameRate: { ideal: 30 } },
} as const;

/** What is shared, for whoever tells of it. */
export interface Shared {
  /** Of the window; empty: not known. */
  readonly title: string;
  /** Pictures follow each other fluently, and their words are less sharp. */
  readonly fluent: boolean;
}

/** A screen or window that the user shares, with its sound where the system gives that. */
export class SharedScreen {
  readonly #changed: () => void;
  #tracks: readonly MediaStreamTrack[] = [];
  /** Counts what was wanted: what comes late is not wanted any more. */
  #wishes = 0;
  #closed = false;
  #fluent = false;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  input(source: 'screen' | 'screen-audio'): InputState {
    const kind = source === 'screen' ? 'video' : 'audio';
    const track = this.#tracks.find((each) => each.kind === kind);
    return { track, enabled: track !== undefined };
  }

  get shared(): Shared | undefined {
    const picture = this.#picture;
    return picture && { title: picture.label, fluent: this.#fluent };
  }

  /**
   * Whether pictures are to follow each other fluently, or words to be sharp.
   *
   * @throws what `applyConstraints` rejects with.
   */
  async beFluent(fluent: boolean): Promise<void> {
    const picture = this.#picture;
    if (picture === undefined) return;
    this.#fluent = fluent;
    const { hint, frameRate } = fluent ? WAYS.fluent : WAYS.sharp;
    picture.contentHint = hint;
    this.#changed();
    await picture.applyConstraints({ frameRate });
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

  get #picture(): MediaStreamTrack | undefined {
    return this.#tracks.find(({ kind }) => kind === 'video');
  }

  async #open(wish: number): Promise<void> {
    if (!captures()) throw new CallError('screen-unsupported');
    let tracks: MediaStreamTrack[];
    try {
      const { frameRate } = WAYS.sharp;
      const wanted = { video: { frameRate }, audio: true };
      const stream = await navigator.mediaDevices.getDisplayMedia(wanted);
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
    const picture = this.#picture;
    this.#fluent = false;
    if (picture !== undefined) picture.contentHint = WAYS.sharp.hint;
    // The user has ended it by the browser's own button, or the window was closed.
    picture?.addEventListener('ended', () => {
      if (this.#tracks === tracks) this.#take([]);
    });
    this.#changed();
  }
}
