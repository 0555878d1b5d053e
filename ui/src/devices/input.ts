import { CallError, type InputRole } from '../call/model';
import { deviceFailure, type Failure } from '../errors/failure';
import { SOUNDS, type Sound } from './sound';

const camera = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
} as const;

/** A device that went away or came back, by its label. */
export interface DeviceNotice {
  readonly kind: 'gone' | 'back';
  readonly device: string;
  /** What is in use now; empty: nothing. */
  readonly using: string;
}

/** What the user wants of an input, and how far that is; away: it went by itself and is not back. */
export type Switch = 'off' | 'opening' | 'on' | 'away';

/** A device that went away while in use. */
interface Lost {
  readonly id: string;
  readonly label: string;
  /** Taken again by itself, unless the user switched off meanwhile: then it is only offered. */
  readonly returns: boolean;
  /** It was said that it is back. */
  readonly offered: boolean;
}

interface Surroundings {
  /** What is done to a microphone's sound. */
  sound: () => Sound;
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
  /** What is done to its sound is not what was asked for, and needs another opening. */
  #stale = false;
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
  #lost: Lost | undefined;
  /** Ids that were listed before. */
  #known: readonly string[] = [];
  #closed = false;
  #opening = false;
  /** Is not even kept open: nobody may have it. */
  #shut = false;
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

  get switch(): Switch {
    if (!this.#enabled) return 'off';
    if (this.track !== undefined) return 'on';
    return this.#lost !== undefined && !this.#opening ? 'away' : 'opening';
  }

  /**
   * Rejects if it was to be opened and cannot be.
   *
   * @throws CallError with the code for what `getUserMedia` rejected with.
   */
  async enable(enabled: boolean): Promise<void> {
    const lost = this.#lost;
    // Whoever switches on takes what is back by then; after "off" nothing comes back by itself.
    if (lost !== undefined && (!enabled || !this.#enabled))
      this.#lost = { ...lost, returns: enabled && this.#ids().includes(lost.id) };
    this.#enabled = enabled;
    if (enabled) this.#shut = false;
    this.failure = undefined;
    if (!enabled) this.notice = undefined;
    // Silent at once, whatever else is under way, and closed at once if it does not stay open.
    if (this.track !== undefined) this.track.enabled = enabled;
    if (!enabled && this.#wish() === undefined) this.#drop();
    this.#around.changed();
    await this.follow();
    const failure = this.#failed();
    if (enabled && failure !== undefined) throw new CallError(failure.code, failure.detail);
  }

  /** Off, and open no longer, also where it would stay open while it is off. */
  async shut(): Promise<void> {
    this.#shut = true;
    await this.enable(false);
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

  /** Something else is to be done to its sound: while it is open, or by opening it anew. */
  async resound(): Promise<void> {
    const { track } = this;
    if (track === undefined) return;
    const sound = this.#around.sound();
    // Who refuses leaves it as it is, which is seen below.
    await track.applyConstraints({ ...sound }).catch(() => undefined);
    if (this.track !== track) return;
    const now = track.getSettings();
    const obeyed = SOUNDS.every((name) => now[name] === undefined || now[name] === sound[name]);
    if (obeyed) return;
    this.#stale = true;
    await this.follow();
  }

  /** What is back and only offered takes its place again. */
  async takeBack(): Promise<void> {
    this.notice = undefined;
    this.#refused = undefined;
    if (this.#lost !== undefined) this.#lost = { ...this.#lost, returns: true };
    this.#around.changed();
    await this.follow();
  }

  /** The list of devices is another. */
  async relisted(): Promise<void> {
    const ids = this.#ids();
    const refused = this.#refused;
    if (refused !== undefined && !(ids.includes(refused) && this.#known.includes(refused)))
      this.#refused = undefined;
    this.#known = ids;
    this.#offer(ids);
    await this.follow();
  }

  /** A call has begun: from now on nothing comes on that was shown as off. */
  entered(): void {
    if (this.switch !== 'away') return;
    this.#enabled = false;
    this.#around.changed();
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

  #ids(): string[] {
    return this.#around.listed().map(({ deviceId }) => deviceId);
  }

  /** Says once that what went away is back, where it does not come back by itself. */
  #offer(ids: readonly string[]): void {
    const lost = this.#lost;
    if (lost === undefined) return;
    const isBack = ids.includes(lost.id);
    if (isBack === lost.offered || (isBack && this.#enabled && lost.returns)) return;
    this.#lost = { ...lost, offered: isBack };
    if (isBack) {
      const using = this.#enabled ? (this.track?.label ?? '') : '';
      this.notice = { kind: 'back', device: lost.label, using };
    } else if (this.notice?.kind === 'back') {
      this.notice = undefined;
    }
    this.#around.changed();
  }

  /** Id of the device that should be open, empty for the system's default; undefined: none. */
  #wish(): string | undefined {
    if (this.#closed) return undefined;
    const wish = this.#wanted();
    if (this.#enabled) return wish;
    const stays = this.staysOpen && !this.#shut && this.track !== undefined;
    return stays && this.#openedAs === wish ? wish : undefined;
  }

  #wanted(): string {
    const lost = this.#lost;
    if (lost?.returns === true && lost.id !== this.#refused && this.#ids().includes(lost.id))
      return lost.id;
    return this.#chosen !== '' && this.#isThere(this.#chosen) ? this.#chosen : '';
  }

  #isThere(id: string): boolean {
    if (id === this.#refused) return false;
    const ids = this.#ids();
    // Before anything is open browsers tell no ids; then trying tells.
    return ids.includes(id) || ids.every((each) => each === '');
  }

  async #compare(): Promise<void> {
    const wish = this.#wish();
    // What is silent is opened anew once it is wanted.
    const anew = this.#stale && !this.#enabled;
    if (wish === undefined || anew || this.track?.readyState === 'ended') this.#drop();
    if (wish === undefined || anew || this.#isRight(wish)) return;
    this.#opening = true;
    this.#around.changed();
    try {
      this.#adopt(await this.#openBeside(wish), wish);
    } catch (thrown) {
      this.#fail(thrown, wish);
    } finally {
      this.#opening = false;
      this.#around.changed();
    }
    // What was wanted may have changed meanwhile.
    if (this.#wish() !== wish && this.failure === undefined) await this.#compare();
  }

  #isRight(wish: string): boolean {
    return this.track !== undefined && this.#openedAs === wish && !this.#stale;
  }

  /** What works is let go only once the other one is open. */
  async #openBeside(id: string): Promise<MediaStreamTrack> {
    const before = this.track;
    const same =
      before !== undefined && (before.getSettings().deviceId === id || this.#openedAs === id);
    // Many a device can be opened only once.
    if (same) this.#drop();
    try {
      return await this.#open(id);
    } catch (thrown) {
      // The system's default may be the one that is open.
      if (id !== '' || before === undefined || this.track !== before) throw thrown;
      this.#drop();
      return await this.#open(id);
    }
  }

  async #open(id: string): Promise<MediaStreamTrack> {
    const wanted = id === '' ? {} : { deviceId: { exact: id } };
    const stream = await navigator.mediaDevices.getUserMedia(
      this.#role === 'camera'
        ? { video: { ...camera, ...wanted } }
        : { audio: { ...this.#around.sound(), ...wanted } },
    );
    const [track] = stream.getTracks();
    if (track === undefined) throw new DOMException('no track', 'NotFoundError');
    return track;
  }

  #adopt(track: MediaStreamTrack, wish: string): void {
    // Not wanted any more by the time that it opened; none is opened in order to be silent.
    if (this.#closed || !this.#enabled) {
      track.stop();
      return;
    }
    track.addEventListener('ended', () => this.#ended(track));
    const before = this.track;
    this.track = track;
    before?.stop();
    this.failure = undefined;
    this.#stale = false;
    this.#openedAs = wish;
    const lost = this.#lost;
    if (lost === undefined) return;
    if (wish === lost.id) {
      this.#lost = undefined;
      // It counts as what it was chosen by.
      this.#openedAs = this.#wanted();
      this.notice = { kind: 'back', device: lost.label, using: track.label };
    } else if (this.notice?.kind === 'gone') {
      this.notice = { ...this.notice, using: track.label };
    }
  }

  #fail(thrown: unknown, wish: string): void {
    // Nobody waits for it any more.
    if (this.#closed || !this.#enabled) return;
    const failure = deviceFailure(this.#role, thrown);
    const missing = failure.code === `no-${this.#role}`;
    if (wish !== '' && (missing || this.track !== undefined)) {
      this.#refused = wish;
      if (this.track === undefined) return;
      // What works goes on, and counts as what was wanted instead.
      this.#openedAs = this.#wanted();
      // That one is gone and which one is used instead is said already, and is still true.
      if (!missing && this.notice?.kind !== 'gone') this.failure = failure;
      return;
    }
    this.failure = failure;
    // What is shown as off stays off; only what went away by itself comes back by itself.
    if (this.#lost?.returns !== true) this.#enabled = false;
  }

  #ended(track: MediaStreamTrack): void {
    if (this.track !== track) return;
    const { label } = track;
    this.track = undefined;
    if (this.#lost?.returns !== true) {
      const id = track.getSettings().deviceId ?? '';
      this.#lost = { id, label, returns: this.#enabled, offered: false };
    }
    this.notice = { kind: 'gone', device: label, using: '' };
    this.#around.changed();
    this.#around.ended();
  }

  #drop(): void {
    const { track } = this;
    if (track === undefined) return;
    this.track = undefined;
    this.#stale = false;
    track.stop();
    this.#around.changed();
  }
}
