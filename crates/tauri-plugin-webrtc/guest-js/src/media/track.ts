/** `MediaStreamTrack` (W3C mediacapture-main, section 4.3) over a track of the host. */
import { invalidState } from '../errors';
import { defineHandlers, nameInterface } from '../surface';
import type { EventHandler } from '../surface';
import { host } from '../transport';
import type { TrackEvent } from '../transport';
import type { Kind, LocalTrack, TrackSettings } from '../wire';
import { copyConstraints, toWire } from './constraints';

/** What `contentHint` may be. */
const HINTS: Readonly<Record<Kind, readonly string[]>> = {
  audio: ['', 'speech', 'speech-recognition', 'music'],
  video: ['', 'motion', 'detail', 'text'],
};

/** What is behind a track, for the other parts of the polyfill. */
export class TrackCore {
  readonly kind: Kind;
  readonly remote: boolean;
  id: string;
  label: string;
  enabled = true;
  contentHint = '';
  muted: boolean;
  ended = false;
  /** Of the device: the same object for all who share it. */
  settings: TrackSettings;
  constraints: MediaTrackConstraints = {};
  /** The track that the page sees. */
  readonly track: MediaStreamTrack;
  /** Told when `enabled`, `muted` or `ended` changes. */
  readonly observers = new Set<() => void>();
  #hostId: number | undefined;
  #bound: ((hostId: number) => void)[] = [];
  #unlisten: (() => void) | undefined;

  constructor(kind: Kind, remote: boolean, label: string, id: string = crypto.randomUUID()) {
    this.kind = kind;
    this.remote = remote;
    this.label = label;
    this.id = id;
    // W3C webrtc-pc: a receiver's track is muted until media arrives.
    this.muted = remote;
    this.settings = { deviceId: '', groupId: '' };
    this.track = new MediaStreamTrack(KEY, this);
  }

  /** Host's id, once known. */
  get hostId(): number | undefined {
    return this.#hostId;
  }

  /** Ties the track to the host's. Later calls change nothing. */
  bind(hostId: number): void {
    if (this.#hostId !== undefined) return;
    this.#hostId = hostId;
    this.#unlisten = host().listenTrack(hostId, {
      event: (event) => this.#event(event),
      lost: () => this.end(),
    });
    const bound = this.#bound;
    this.#bound = [];
    for (const callback of bound) callback(hostId);
  }

  /** Runs `callback` with the host's id, now or as soon as it is known. */
  whenBound(callback: (hostId: number) => void): void {
    if (this.#hostId === undefined) this.#bound.push(callback);
    else callback(this.#hostId);
  }

  /** Ends the track by something other than `stop()`: fires `ended`. */
  end(): void {
    if (this.ended) return;
    this.#finish();
    this.track.dispatchEvent(new Event('ended'));
  }

  /** Ends the track by `stop()`: no event. */
  stop(): void {
    if (this.ended) return;
    if (!this.remote && this.#hostId !== undefined) {
      host().post({ op: 'stopTrack', track: this.#hostId });
    }
    this.#finish();
  }

  setMuted(muted: boolean): void {
    if (this.ended || this.muted === muted) return;
    this.muted = muted;
    this.#changed();
    this.track.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }

  setEnabled(enabled: boolean): void {
    if (this.enabled === enabled) return;
    this.enabled = enabled;
    // A remote track is silenced where it is shown: its clones share the host's track.
    if (!this.remote && !this.ended && this.#hostId !== undefined) {
      host().post({ op: 'setTrackEnabled', track: this.#hostId, enabled });
    }
    this.#changed();
  }

  setContentHint(hint: string): void {
    // What is not known of this kind is ignored (W3C mst-content-hint, section 3).
    if (hint === this.contentHint || !HINTS[this.kind].includes(hint)) return;
    this.contentHint = hint;
    if (!this.remote && !this.ended && this.#hostId !== undefined) {
      host().post({ op: 'setContentHint', track: this.#hostId, hint });
    }
  }

  clone(): TrackCore {
    const clone = new TrackCore(this.kind, this.remote, this.label);
    clone.settings = this.settings;
    clone.constraints = { ...this.constraints };
    clone.muted = this.muted;
    if (this.ended) {
      clone.#finish();
    } else if (this.remote) {
      this.whenBound((hostId) => {
        if (!clone.ended) clone.bind(hostId);
      });
    } else if (this.#hostId !== undefined) {
      const id = host().newId();
      host().post({ op: 'cloneTrack', track: this.#hostId, clone: id });
      clone.bind(id);
    }
    if (!this.enabled) clone.setEnabled(false);
    clone.contentHint = this.contentHint;
    return clone;
  }

  #finish(): void {
    this.ended = true;
    this.#unlisten?.();
    this.#bound = [];
    this.#changed();
  }

  #changed(): void {
    for (const observer of [...this.observers]) observer();
  }

  #event(event: TrackEvent): void {
    if (event.event === 'trackEnded') this.end();
    // A track that was taken away is muted in its turn by the description (W3C webrtc-pc, 5.3).
    else if (event.event === 'trackMuted' && !event.muted) this.setMuted(false);
  }
}

/** Keeps pages from constructing tracks. */
const KEY = Symbol('track');
const cores = new WeakMap<object, TrackCore>();
let native: (new () => object) | undefined;

/** The core of one of our tracks; undefined for a track of the webview. */
export function coreOf(track: object): TrackCore | undefined {
  return cores.get(track);
}

/** Sets the webview's own class: its instances count as tracks too. */
export function setNativeTrack(constructor: (new () => object) | undefined): void {
  native = constructor;
}

/** A track of a local device. */
export function localTrack(wire: LocalTrack, constraints: MediaTrackConstraints): TrackCore {
  const core = new TrackCore(wire.kind, false, wire.label);
  core.settings = wire.settings;
  core.constraints = constraints;
  core.bind(wire.track);
  return core;
}

export class MediaStreamTrack extends EventTarget {
  declare onmute: EventHandler;
  declare onunmute: EventHandler;
  declare onended: EventHandler;
  readonly #core: TrackCore;

  constructor(key: symbol, core: TrackCore) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    super();
    this.#core = core;
    cores.set(this, core);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    return cores.has(value) || (native !== undefined && value instanceof native);
  }

  get kind(): Kind {
    return this.#core.kind;
  }

  get id(): string {
    return this.#core.id;
  }

  get label(): string {
    return this.#core.label;
  }

  get enabled(): boolean {
    return this.#core.enabled;
  }

  set enabled(value: boolean) {
    this.#core.setEnabled(Boolean(value));
  }

  get contentHint(): string {
    return this.#core.contentHint;
  }

  set contentHint(value: string) {
    this.#core.setContentHint(String(value));
  }

  get muted(): boolean {
    return this.#core.muted;
  }

  get readyState(): 'live' | 'ended' {
    return this.#core.ended ? 'ended' : 'live';
  }

  stop(): void {
    this.#core.stop();
  }

  clone(): MediaStreamTrack {
    return this.#core.clone().track;
  }

  getSettings(): TrackSettings {
    return { ...this.#core.settings };
  }

  getConstraints(): MediaTrackConstraints {
    return copyConstraints(this.#core.constraints);
  }

  getCapabilities(): MediaTrackCapabilities {
    const { deviceId, groupId, width, height, frameRate, sampleRate, channelCount } =
      this.#core.settings;
    const capabilities: MediaTrackCapabilities = { deviceId, groupId };
    if (width !== undefined) capabilities.width = { min: 1, max: width };
    if (height !== undefined) capabilities.height = { min: 1, max: height };
    if (frameRate !== undefined) capabilities.frameRate = { min: 0, max: frameRate };
    if (sampleRate !== undefined) capabilities.sampleRate = { min: sampleRate, max: sampleRate };
    if (channelCount !== undefined) capabilities.channelCount = { min: 1, max: channelCount };
    const { displaySurface, cursor } = this.#core.settings;
    if (displaySurface !== undefined) capabilities.displaySurface = displaySurface;
    if (cursor !== undefined) Object.assign(capabilities, { cursor: ['always', 'never'] });
    // What is done to sound is done by the host, so each can be switched.
    for (const name of ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const) {
      if (this.#core.settings[name] !== undefined) capabilities[name] = [true, false];
    }
    return capabilities;
  }

  async applyConstraints(constraints: MediaTrackConstraints = {}): Promise<void> {
    const core = this.#core;
    const { hostId } = core;
    if (core.ended) throw invalidState('The track has ended');
    if (!core.remote && hostId !== undefined) {
      const settings = await host().request({
        op: 'applyConstraints',
        track: hostId,
        constraints: toWire(constraints),
      });
      Object.assign(core.settings, settings);
    }
    core.constraints = copyConstraints(constraints);
  }
}
defineHandlers(MediaStreamTrack.prototype, ['mute', 'unmute', 'ended']);
nameInterface(MediaStreamTrack, 'MediaStreamTrack');
