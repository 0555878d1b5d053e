/** `MediaStream` (W3C mediacapture-main, section 4.2). May hold tracks of the webview as well. */
import { defineHandlers, nameInterface } from '../surface';
import type { EventHandler } from '../surface';
import { MediaStreamTrack, coreOf } from './track';

/** A track of ours or of the webview: what a stream needs to know of it is the same. */
export type AnyTrack = MediaStreamTrack | globalThis.MediaStreamTrack;

let native: (new (tracks?: globalThis.MediaStreamTrack[]) => globalThis.MediaStream) | undefined;

/** Sets the webview's own class: its instances count as streams too. */
export function setNativeStream(constructor: typeof native): void {
  native = constructor;
}

/** `MediaStreamTrackEvent`. */
export class MediaStreamTrackEvent extends Event {
  readonly track: AnyTrack;

  constructor(type: string, init: EventInit & { track: AnyTrack }) {
    super(type, init);
    this.track = init.track;
  }
}
nameInterface(MediaStreamTrackEvent, 'MediaStreamTrackEvent');

interface StreamCore {
  id: string;
  tracks: Set<AnyTrack>;
  /** Told when tracks come or go. */
  observers: Set<() => void>;
}
const streams = new WeakMap<object, StreamCore>();

function coreOfStream(stream: object): StreamCore {
  const core = streams.get(stream);
  if (!core) throw new TypeError('Illegal invocation');
  return core;
}

export class MediaStream extends EventTarget {
  declare onaddtrack: EventHandler<MediaStreamTrackEvent>;
  declare onremovetrack: EventHandler<MediaStreamTrackEvent>;

  constructor(source?: MediaStream | globalThis.MediaStream | Iterable<AnyTrack>) {
    super();
    const tracks = new Set<AnyTrack>();
    streams.set(this, { id: crypto.randomUUID(), tracks, observers: new Set() });
    if (source === undefined) return;
    const given = 'getTracks' in source ? source.getTracks() : source;
    for (const track of given) {
      if (!(track instanceof MediaStreamTrack)) throw new TypeError('not a MediaStreamTrack');
      tracks.add(track);
    }
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    return streams.has(value) || (native !== undefined && value instanceof native);
  }

  get id(): string {
    return coreOfStream(this).id;
  }

  get active(): boolean {
    return this.getTracks().some((track) => track.readyState === 'live');
  }

  getTracks(): AnyTrack[] {
    return [...coreOfStream(this).tracks];
  }

  getAudioTracks(): AnyTrack[] {
    return this.getTracks().filter((track) => track.kind === 'audio');
  }

  getVideoTracks(): AnyTrack[] {
    return this.getTracks().filter((track) => track.kind === 'video');
  }

  getTrackById(id: string): AnyTrack | null {
    return this.getTracks().find((track) => track.id === id) ?? null;
  }

  addTrack(track: AnyTrack): void {
    if (!(track instanceof MediaStreamTrack)) throw new TypeError('not a MediaStreamTrack');
    change(this, (tracks) => tracks.add(track));
  }

  removeTrack(track: AnyTrack): void {
    change(this, (tracks) => tracks.delete(track));
  }

  clone(): MediaStream {
    return new MediaStream(this.getTracks().map((track) => track.clone()));
  }
}
defineHandlers(MediaStream.prototype, ['addtrack', 'removetrack']);
nameInterface(MediaStream, 'MediaStream');

function change(stream: MediaStream, edit: (tracks: Set<AnyTrack>) => void): boolean {
  const core = coreOfStream(stream);
  const before = core.tracks.size;
  edit(core.tracks);
  if (core.tracks.size === before) return false;
  for (const observer of [...core.observers]) observer();
  return true;
}

/** True for streams made by this polyfill. */
export function isOurs(value: unknown): value is MediaStream {
  return typeof value === 'object' && value !== null && streams.has(value);
}

/** A stream of a remote description. */
export function remoteStream(id: string): MediaStream {
  const stream = new MediaStream();
  coreOfStream(stream).id = id;
  return stream;
}

/** Adds a track as the platform does: with an event. */
export function addRemoteTrack(stream: MediaStream, track: MediaStreamTrack): void {
  if (change(stream, (tracks) => tracks.add(track))) {
    stream.dispatchEvent(new MediaStreamTrackEvent('addtrack', { track }));
  }
}

/** Removes a track as the platform does: with an event. */
export function removeRemoteTrack(stream: MediaStream, track: MediaStreamTrack): void {
  if (change(stream, (tracks) => tracks.delete(track))) {
    stream.dispatchEvent(new MediaStreamTrackEvent('removetrack', { track }));
  }
}

/** Tells `observer` of tracks that come or go. Returns what ends it. */
export function observeStream(stream: MediaStream, observer: () => void): () => void {
  const { observers } = coreOfStream(stream);
  observers.add(observer);
  return () => observers.delete(observer);
}

const twins = new WeakMap<MediaStream, globalThis.MediaStream>();

/**
 * The webview's stream for one that holds only tracks of the webview, and follows it; undefined
 * while there are others, or none.
 */
export function toNative(stream: MediaStream): globalThis.MediaStream | undefined {
  const tracks = nativeTracks(stream);
  if (!native || tracks.length === 0 || tracks.length < stream.getTracks().length) return undefined;
  let twin = twins.get(stream);
  if (!twin) {
    twin = new native(tracks);
    twins.set(stream, twin);
    observeStream(stream, () => follow(stream));
  }
  return twin;
}

function nativeTracks(stream: MediaStream): globalThis.MediaStreamTrack[] {
  return stream
    .getTracks()
    .filter((track): track is globalThis.MediaStreamTrack => coreOf(track) === undefined);
}

function follow(stream: MediaStream): void {
  const twin = twins.get(stream);
  if (!twin) return;
  const tracks = nativeTracks(stream);
  for (const track of twin.getTracks()) if (!tracks.includes(track)) twin.removeTrack(track);
  for (const track of tracks) twin.addTrack(track);
}
