import { Listeners } from './listeners';
import type { Scope } from './scope';

/** A remote audio track, as the adapter has it. */
export interface Audible {
  /** Begins to play in an element. */
  attach(element: HTMLMediaElement): unknown;
  /** Ends that. */
  detach(element: HTMLMediaElement): unknown;
}

/** Plays remote sound on one chosen loudspeaker, each track in an element of its own. */
export class RemoteSound {
  /** The webview plays nothing before the user has done something. */
  blocked = false;
  /** Told when `blocked` changes. */
  readonly changed = new Listeners();
  readonly #playing = new Map<Audible, { element: HTMLMediaElement; volume: () => number }>();
  #speaker: string;

  constructor(scope: Scope, speaker: string) {
    this.#speaker = speaker;
    scope.add(() => {
      for (const track of [...this.#playing.keys()]) this.stop(track);
    });
  }

  async useSpeaker(deviceId: string): Promise<void> {
    if (deviceId === this.#speaker) return;
    this.#speaker = deviceId;
    await Promise.all([...this.#playing.values()].map(({ element }) => this.#route(element)));
  }

  /** `volume`, 0 to 1, is asked now and whenever {@link retune} is called. */
  play(track: Audible, volume: () => number): void {
    if (this.#playing.has(track)) return;
    const element = document.createElement('audio');
    element.style.display = 'none';
    element.volume = volume();
    document.body.append(element);
    this.#playing.set(track, { element, volume });
    void this.#begin(track, element);
  }

  stop(track: Audible): void {
    const element = this.#playing.get(track)?.element;
    if (element === undefined) return;
    this.#playing.delete(track);
    track.detach(element);
    element.remove();
  }

  retune(): void {
    for (const { element, volume } of this.#playing.values()) element.volume = volume();
  }

  /** From within a gesture of the user's. */
  async unblock(): Promise<void> {
    this.#block(false);
    await Promise.all([...this.#playing.values()].map(({ element }) => this.#start(element)));
  }

  /** On the chosen loudspeaker from the first sound on: the default one may be somebody else's. */
  async #begin(track: Audible, element: HTMLMediaElement): Promise<void> {
    await this.#route(element);
    if (this.#playing.get(track)?.element !== element) return;
    track.attach(element);
    await this.#start(element);
  }

  async #start(element: HTMLMediaElement): Promise<void> {
    try {
      await element.play();
    } catch (thrown) {
      // Anything else passes: it was taken away meanwhile, or begins with its first sound.
      if (thrown instanceof Error && thrown.name === 'NotAllowedError') this.#block(true);
    }
  }

  #block(blocked: boolean): void {
    if (blocked === this.blocked) return;
    this.blocked = blocked;
    this.changed.tell();
  }

  /** Done here and not by an SDK, which may believe that no Safari can. */
  async #route(element: HTMLMediaElement): Promise<void> {
    if (!('setSinkId' in element)) return;
    const speaker = this.#speaker;
    try {
      await element.setSinkId(speaker);
    } catch {
      // The loudspeaker is gone: the system's default plays on, unless another was chosen since.
      if (speaker === this.#speaker) await element.setSinkId('');
    }
  }
}
