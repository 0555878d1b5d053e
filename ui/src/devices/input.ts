import { CallError, type InputRole } from '../call/model';
import { deviceFailure, type Failure } from '../errors/failure';

const constraints = {
  camera: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
  microphone: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
} as const;

/** A device that went away or came back, by its label. */
export interface DeviceNotice {
  readonly kind: 'gone' | 'back';
  readonly device: string;
  /** What is in use now; empty: nothing. */
  readonly using: string;
}

interface Surroundings {
  /** The devices of this kind; empty: none are there, or nobody may know yet. */
  listed: () => readonly MediaDeviceInfo[];
  /** Anything of the input is another now. */
  changed: () => void;
  /** A device that was in use has ended by itself. */
  ended: () => void;
}

/**
 * A camera or microphone that the page owns. What is open follows from three things only: whether
 * the user wants it, which device they chose, and whether that is there. Whatever changes one of
 * them lets the next turn compare and act; turns come one after the other, so what was asked for
 * last holds.
 */
export class Input {
  /** Open at present. */
  track: MediaStreamTrack | undefined;
  failure: Failure | undefined;
  notice: DeviceNotice | undefined;
  /** Stays open, but silent, while it is off. */
  staysOpen = false;

  readonly #role: InputRole;
  readonly #around: Surroundings;
  #enabled = false;
  /** Device id; empty: the system's default. */
  #chosen: string;
  /** What the open one was asked for by. */
  #openedAs = '';
  /** Cannot be had although it is chosen, until it is plugged in anew or chosen again. */
  #refused: string | undefined;
  /** Went away while in use; is taken again when it comes back. */
  #lost: { readonly id: string; readonly label: string } | undefined;
  #closed = false;
  #opening = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(role: InputRole, chosen: string, around: Surroundings) {
    this.#role = role;
    this.#chosen = chosen;
    this.#around = around;
  }

  /** What the user wants; it is on once there is a track as well. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /**
   * Rejects if it was to be opened and cannot be.
   *
   * @throws CallError with the code for what `getUserMedia` rejected with.
   */
  async enable(enabled: boolean): Promise<void> {
    this.#enabled = enabled;
    this.failure = undefined;
    if (!enabled) this.notice = undefined;
    // Silent at once, whatever else is under way.
    if (this.track !== undefined) this.track.enabled = enabled;
    this.#around.changed();
    await this.follow();
    const failure = this.#failed();
    if (enabled && failure !== undefined) throw new CallError(failure.code, failure.detail);
  }

  /** The user's choice; it switches nothing on. */
  async choose(id: string): Promise<void> {
    this.#chosen = id;
    this.#refused = undefined;
    this.#lost = undefined;
    this.notice = undefined;
    this.failure = undefined;
    await this.follow();
  }

  /** The list of devices is another. */
  async relisted(): Promise<void> {
    const ids = this.#around.listed().map(({ deviceId }) => deviceId);
    if (this.#refused !== undefined && !ids.includes(this.#refused)) this.#refused = undefined;
    const lost = this.#lost;
    if (lost !== undefined && ids.includes(lost.id) && !this.#enabled) {
      this.notice = { kind: 'back', device: lost.label, using: '' };
      this.#around.changed();
    }
    await this.follow();
  }

  /** A call has begun: from now on nothing comes on that was shown as off. */
  entered(): void {
    if (this.track === undefined && !this.#opening) this.#enabled = false;
  }

  /** For good. */
  close(): void {
    this.#closed = true;
    this.#drop();
  }

  /** Resolves when what is open is what should be. */
  follow(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#compare());
    return this.#turn;
  }

  /** Asked anew after every wait. */
  #failed(): Failure | undefined {
    return this.failure;
  }

  /** Id of the device that should be open, empty for the system's default; undefined: none. */
  #wish(): string | undefined {
    if (this.#closed) return undefined;
    const wanted = this.#lost?.id ?? this.#chosen;
    const wish = wanted === '' || this.#isThere(wanted) ? wanted : '';
    if (this.#enabled) return wish;
    return this.staysOpen && this.track !== undefined && this.#openedAs === wish ? wish : undefined;
  }

  #isThere(id: string): boolean {
    if (id === this.#refused) return false;
    const ids = this.#around.listed().map(({ deviceId }) => deviceId);
    // Before anything is open browsers tell no ids; then trying tells.
    return ids.includes(id) || ids.every((each) => each === '');
  }

  async #compare(): Promise<void> {
    const wish = this.#wish();
    const { track } = this;
    if (track !== undefined && (track.readyState === 'ended' || this.#openedAs !== wish)) {
      // First closed, then opened: many a device can be opened only once.
      this.#drop();
    }
    if (wish === undefined || this.track !== undefined) return;
    try {
      this.#opening = true;
      this.#adopt(await this.#open(wish), wish);
    } catch (thrown) {
      this.#fail(thrown, wish);
    } finally {
      this.#opening = false;
      this.#around.changed();
    }
    // What was wanted may have changed meanwhile.
    if (this.#wish() !== wish && this.failure === undefined) await this.#compare();
  }

  async #open(id: string): Promise<MediaStreamTrack> {
    const wanted = id === '' ? {} : { deviceId: { exact: id } };
    const kind = this.#role === 'camera' ? 'video' : 'audio';
    const stream = await navigator.mediaDevices.getUserMedia({
      [kind]: { ...constraints[this.#role], ...wanted },
    });
    const [track] = stream.getTracks();
    if (track === undefined) throw new DOMException('no track', 'NotFoundError');
    return track;
  }

  #adopt(track: MediaStreamTrack, wish: string): void {
    if (this.#closed) {
      track.stop();
      return;
    }
    track.enabled = this.#enabled;
    track.addEventListener('ended', () => this.#ended(track));
    this.track = track;
    this.failure = undefined;
    this.#openedAs = wish;
    const lost = this.#lost;
    if (lost === undefined) return;
    if (wish === lost.id) {
      // It counts as what it was chosen by.
      this.#openedAs = this.#chosen;
      this.#lost = undefined;
      this.notice = { kind: 'back', device: lost.label, using: track.label };
    } else if (this.notice?.kind === 'gone') {
      this.notice = { ...this.notice, using: track.label };
    }
  }

  #fail(thrown: unknown, wish: string): void {
    const failure = deviceFailure(this.#role, thrown);
    if (wish !== '' && failure.code === `no-${this.#role}`) {
      this.#refused = wish;
      return;
    }
    this.failure = failure;
    // What is shown as off stays off; only what went away by itself comes back by itself.
    if (this.#lost === undefined) this.#enabled = false;
  }

  #ended(track: MediaStreamTrack): void {
    if (this.track !== track) return;
    const { label } = track;
    this.track = undefined;
    this.#lost ??= { id: track.getSettings().deviceId ?? '', label };
    this.notice = { kind: 'gone', device: label, using: '' };
    this.#around.changed();
    this.#around.ended();
  }

  #drop(): void {
    const { track } = this;
    if (track === undefined) return;
    this.track = undefined;
    track.stop();
    this.#around.changed();
  }
}
