import {
  ConnectionQuality,
  ConnectionState,
  DisconnectReason,
  ParticipantEvent,
  RoomEvent,
  Track,
  TrackEvent,
} from 'livekit-client';

import type { LiveKitGrant } from '../../src/call/model';
import { Emitter } from './emitter';
import {
  Handlers,
  SentStream,
  type ByteHandler,
  type HowSent,
  type Reader,
  type SentBytes,
  type SentText,
  type TextHandler,
} from './textStreams';

/**
 * A media server in memory, behind classes that stand in for the SDK's: what the adapter is tested
 * against. It does what the SDK does at its surface, also the awkward parts: giving up empties the
 * room without saying who left.
 *
 * A test imports the SDK before this: its stand-in is made of this file, which imports it too.
 */

/** What a track shows or plays on; both kinds of track share it. */
export class FakeTrack extends Emitter {
  readonly elements = new Set<HTMLMediaElement>();
  streamState = Track.StreamState.Active;
  /** What its statistics are, and whether they can be had. */
  stats: object[] | Error | undefined;
  /** What they wait for. */
  counting: Promise<void> | undefined;

  constructor(readonly kind: Track.Kind) {
    super();
  }

  attach(element: HTMLMediaElement = new Audio()): HTMLMediaElement {
    this.elements.add(element);
    return element;
  }

  async getRTCStatsReport(): Promise<ReadonlyMap<number, object> | undefined> {
    const { stats } = this;
    await this.counting;
    if (stats instanceof Error) throw stats;
    return stats && new Map(stats.entries());
  }

  detach(element?: HTMLMediaElement): void {
    if (element === undefined) this.elements.clear();
    else this.elements.delete(element);
  }
}

class FakeLocalTrack extends FakeTrack {
  isMuted = false;
  sender: object | undefined;

  constructor(
    kind: Track.Kind,
    public mediaStreamTrack: MediaStreamTrack,
    _constraints: object | undefined,
    provided = true,
  ) {
    super(kind);
    // The SDK would open and stop devices by itself.
    if (!provided) throw new Error('whose track is it?');
    world().localTracks.push(this);
    mediaStreamTrack.addEventListener('ended', () => {
      if (this.mediaStreamTrack !== mediaStreamTrack) return;
      this.emit(TrackEvent.Ended, this);
      if (this.sender) void this.mute();
    });
  }

  mute(): Promise<this> {
    return this.#become(true);
  }

  unmute(): Promise<this> {
    return this.#become(false);
  }

  stop(): void {
    this.mediaStreamTrack.stop();
  }

  stopMonitor(): void {}

  replaceTrack(media: MediaStreamTrack): Promise<this> {
    if (this.sender === undefined) throw new Error('unable to replace an unpublished track');
    this.mediaStreamTrack = media;
    media.enabled = !this.isMuted;
    return Promise.resolve(this);
  }

  async #become(muted: boolean): Promise<this> {
    // Behind a lock.
    await Promise.resolve();
    this.isMuted = muted;
    this.mediaStreamTrack.enabled = !muted;
    this.emit(muted ? TrackEvent.Muted : TrackEvent.Unmuted, this);
    return this;
  }
}

class FakeLocalAudioTrack extends FakeLocalTrack {
  constructor(media: MediaStreamTrack, constraints?: object, provided?: boolean) {
    super(Track.Kind.Audio, media, constraints, provided);
  }
}

class FakeLocalVideoTrack extends FakeLocalTrack {
  constructor(media: MediaStreamTrack, constraints?: object, provided?: boolean) {
    super(Track.Kind.Video, media, constraints, provided);
  }
}

interface Publication {
  readonly source: Track.Source;
  readonly isMuted: boolean;
  readonly track: FakeTrack | undefined;
}

class FakeParticipant extends Emitter {
  readonly publications = new Map<Track.Source, Publication>();
  isSpeaking = false;
  audioLevel = 0;
  connectionQuality = ConnectionQuality.Unknown;
  attributes: Readonly<Record<string, string>> = {};
  /** Another one with each connection. */
  readonly sid = world().nextSid();

  constructor(
    readonly room: FakeRoom,
    readonly isLocal: boolean,
    public identity: string,
    public name: string,
  ) {
    super();
  }

  getTrackPublication(source: Track.Source): Publication | undefined {
    return this.publications.get(source);
  }

  /** Events of a participant are also its room's. */
  tell(event: string, ...values: unknown[]): void {
    this.emit(event, ...values);
    this.room.emit(event, ...values, this);
  }
}

interface Permissions {
  readonly canPublish: boolean;
  /** 1: the camera, 2: the microphone, 3: the screen, 4: its sound; none: every source. */
  readonly canPublishSources: readonly number[];
  readonly canPublishData?: boolean;
  readonly canUpdateMetadata?: boolean;
}

const SOURCES: readonly Track.Source[] = [
  Track.Source.Unknown,
  Track.Source.Camera,
  Track.Source.Microphone,
  Track.Source.ScreenShare,
  Track.Source.ScreenShareAudio,
];

const PICTURES: ReadonlySet<Track.Source> = new Set([
  Track.Source.Camera,
  Track.Source.ScreenShare,
]);

class FakeLocalParticipant extends FakeParticipant {
  permissions: Permissions = world().permissions;

  may(source: Track.Source): boolean {
    const { canPublish, canPublishSources: sources } = this.permissions;
    return canPublish && (sources.length === 0 || sources.includes(SOURCES.indexOf(source)));
  }

  constructor(room: FakeRoom) {
    super(room, true, '', '');
  }

  async publishTrack(
    track: FakeLocalTrack,
    { source }: { source: Track.Source },
  ): Promise<Publication> {
    if (!this.may(source)) throw new Error('failed to publish track, insufficient permissions');
    await world().publishing;
    track.sender = {};
    const told = (muted: boolean): void => {
      if (this.publications.get(source)?.track !== track) return;
      world().announced.set(source, muted);
      this.tell(muted ? RoomEvent.TrackMuted : RoomEvent.TrackUnmuted, publication);
    };
    track.on(TrackEvent.Muted, () => told(true));
    track.on(TrackEvent.Unmuted, () => told(false));
    world().announced.set(source, track.isMuted);
    const publication = {
      source,
      track,
      get isMuted() {
        return track.isMuted;
      },
    };
    this.publications.set(source, publication);
    this.tell(RoomEvent.LocalTrackPublished, publication);
    return publication;
  }

  async unpublishTrack(track: FakeLocalTrack): Promise<void> {
    await Promise.resolve();
    const publication = [...this.publications.values()].find((each) => each.track === track);
    if (publication !== undefined) this.withdraw(publication);
  }

  /** By the client itself or by the server. */
  withdraw(publication: Publication): void {
    if (publication.track instanceof FakeLocalTrack) publication.track.sender = undefined;
    this.publications.delete(publication.source);
    world().announced.delete(publication.source);
    this.tell(RoomEvent.LocalTrackUnpublished, publication);
  }

  async publishData(payload: Uint8Array, { topic }: { topic: string }): Promise<void> {
    await world().sending;
    world().sent.push({ topic, text: new TextDecoder().decode(payload) });
  }

  async sendText(text: string, options: SentText): Promise<void> {
    await world().sending;
    world().texts.push({ ...options, text });
  }

  async streamBytes(options: SentBytes): Promise<SentStream> {
    await world().sending;
    const stream = new SentStream(options, () => world().sending);
    world().streams.push(stream);
    return stream;
  }

  setAttributes(attributes: Record<string, string>): Promise<void> {
    if (this.permissions.canUpdateMetadata === false)
      return Promise.reject(new Error('does not have permission to update own metadata'));
    this.attributes = { ...this.attributes, ...attributes };
    this.tell(RoomEvent.ParticipantAttributesChanged, attributes);
    return Promise.resolve();
  }
}

class FakeRoom extends Emitter {
  isRecording = world().recording;
  state = ConnectionState.Disconnected;
  readonly localParticipant = new FakeLocalParticipant(this);
  readonly remoteParticipants = new Map<string, FakeParticipant>();

  constructor() {
    super();
    world().rooms.push(this);
  }

  readonly texts = new Handlers<TextHandler>();
  readonly bytes = new Handlers<ByteHandler>();
  readonly registerTextStreamHandler = this.texts.add.bind(this.texts);
  readonly unregisterTextStreamHandler = this.texts.remove.bind(this.texts);
  readonly registerByteStreamHandler = this.bytes.add.bind(this.bytes);
  readonly unregisterByteStreamHandler = this.bytes.remove.bind(this.bytes);

  #cancel = (): void => undefined;

  async connect(url: string, token: string): Promise<void> {
    this.state = ConnectionState.Connecting;
    world().connects.push({ url, token });
    await Promise.race([
      world().gate,
      new Promise<void>((_, reject) => {
        this.#cancel = () => reject(new Error('Client initiated disconnect'));
      }),
    ]);
    const refusal = world().refusal;
    if (refusal !== undefined) {
      this.end();
      throw refusal;
    }
    this.localParticipant.identity = 'me';
    this.localParticipant.name = 'Me';
    this.state = ConnectionState.Connected;
    for (const [identity, name] of world().members) this.admit(identity, name);
  }

  disconnect(stopTracks = true): Promise<void> {
    this.#cancel();
    if (stopTracks) {
      for (const { track } of this.localParticipant.publications.values()) {
        if (track instanceof FakeLocalTrack) track.stop();
      }
    }
    this.end(DisconnectReason.CLIENT_INITIATED);
    return Promise.resolve();
  }

  admit(identity: string, name: string): void {
    const participant = new FakeParticipant(this, false, identity, name);
    this.remoteParticipants.set(identity, participant);
    this.emit(RoomEvent.ParticipantConnected, participant);
  }

  end(reason?: DisconnectReason): void {
    if (this.state === ConnectionState.Disconnected) return;
    this.remoteParticipants.clear();
    const own = [...this.localParticipant.publications.values()];
    this.localParticipant.publications.clear();
    this.state = ConnectionState.Disconnected;
    this.emit(RoomEvent.Disconnected, reason);
    // The SDK takes the tracks back in the background.
    for (const publication of own) {
      if (publication.track instanceof FakeLocalTrack) publication.track.sender = undefined;
      this.localParticipant.emit(ParticipantEvent.LocalTrackUnpublished, publication);
    }
  }
}

/** The server, and the levers of a test. */
export class World {
  readonly rooms: FakeRoom[] = [];
  readonly localTracks: FakeLocalTrack[] = [];
  readonly connects: { url: string; token: string }[] = [];
  readonly sent: { topic: string; text: string }[] = [];
  /** Text and byte streams that went to the others. */
  readonly texts: (SentText & { readonly text: string })[] = [];
  readonly streams: SentStream[] = [];
  /** What the server was told of the own tracks: whether they are muted. */
  readonly announced = new Map<Track.Source, boolean>();
  readonly members = new Map<string, string>();
  recording = false;
  /** Of the own token. */
  permissions: Permissions = { canPublish: true, canPublishSources: [] };
  /** What connecting rejects with. */
  refusal: Error | undefined;
  /** What connecting waits for. */
  gate: Promise<void> | undefined;
  /** What publishing waits for; if it rejects, so does publishing. */
  publishing: Promise<void> | undefined;
  /** What sending data waits for; if it rejects, so does sending. */
  sending: Promise<void> | undefined;
  #issued = 0;
  #sids = 0;

  /** A grant provider's answer; each is another. */
  readonly token = (): Promise<LiveKitGrant> => {
    this.#issued += 1;
    return Promise.resolve({
      provider: 'livekit',
      token: `token-${this.#issued}`,
      serverUrl: 'wss://media.test',
      identity: 'me',
      room: 'tea',
    });
  };

  nextSid(): string {
    this.#sids += 1;
    return `PA_${this.#sids}`;
  }

  get issued(): number {
    return this.#issued;
  }

  /** The room that was made last. */
  get room(): FakeRoom {
    const room = this.rooms.at(-1);
    if (room === undefined) throw new Error('no room');
    return room;
  }

  /** Holds connecting up until the returned function is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.gate = new Promise((resolve) => (release = resolve));
    return release;
  }

  arrive(identity: string, name = ''): void {
    this.members.set(identity, name);
    if (this.rooms.at(-1)?.state === ConnectionState.Connected) this.room.admit(identity, name);
  }

  depart(identity: string): void {
    const participant = this.of(identity);
    this.members.delete(identity);
    this.room.remoteParticipants.delete(identity);
    this.room.emit(RoomEvent.ParticipantDisconnected, participant);
  }

  of(identity: string): FakeParticipant {
    const participant = this.room.remoteParticipants.get(identity);
    if (participant === undefined) throw new Error(`${identity} is not here`);
    return participant;
  }

  /** Published by them and subscribed to by us. */
  publish(identity: string, source: Track.Source, mimeType = ''): FakeTrack {
    const kind = PICTURES.has(source) ? Track.Kind.Video : Track.Kind.Audio;
    const track = new FakeTrack(kind);
    const participant = this.of(identity);
    const publication = { source, track, kind, mimeType, isMuted: false };
    participant.publications.set(source, publication);
    participant.emit(RoomEvent.TrackSubscribed, track, publication);
    this.room.emit(RoomEvent.TrackSubscribed, track, publication, participant);
    return track;
  }

  unpublish(identity: string, source: Track.Source): void {
    const participant = this.of(identity);
    const publication = participant.publications.get(source);
    participant.publications.delete(source);
    participant.emit(RoomEvent.TrackUnsubscribed, publication?.track, publication);
    this.room.emit(RoomEvent.TrackUnsubscribed, publication?.track, publication, participant);
  }

  mute(identity: string, source: Track.Source, isMuted: boolean): void {
    const participant = this.of(identity);
    const publication = participant.publications.get(source);
    if (publication === undefined) throw new Error('nothing to mute');
    participant.publications.set(source, { ...publication, isMuted });
    participant.tell(isMuted ? RoomEvent.TrackMuted : RoomEvent.TrackUnmuted, publication);
  }

  /** The host mutes or unmutes an own track by the server's API; the SDK does as it is told. */
  async host(source: Track.Source, muted: boolean): Promise<void> {
    const track = this.room.localParticipant.publications.get(source)?.track;
    if (!(track instanceof FakeLocalTrack)) throw new Error('nothing to mute');
    this.announced.set(source, muted);
    await (muted ? track.mute() : track.unmute());
  }

  /** The server gives or takes the right to publish; what may be published no more, it takes back. */
  permit(permissions: Permissions): void {
    const local = this.room.localParticipant;
    const before = local.permissions;
    local.permissions = permissions;
    const taken = [...local.publications.values()].filter(({ source }) => !local.may(source));
    local.permissions = before;
    // In this order, each in a message of its own.
    for (const publication of taken) local.withdraw(publication);
    local.permissions = this.permissions = permissions;
    local.tell(RoomEvent.ParticipantPermissionsChanged, before);
  }

  /** The server takes an own track back, and no permission. */
  takeBack(source: Track.Source): void {
    const local = this.room.localParticipant;
    const publication = local.publications.get(source);
    if (publication === undefined) throw new Error('nothing to take back');
    local.withdraw(publication);
  }

  /** The server stops or resumes sending a track for want of bandwidth. */
  pause(identity: string, source: Track.Source, paused: boolean): void {
    const publication = this.of(identity).publications.get(source);
    if (publication?.track === undefined) throw new Error('nothing to pause');
    publication.track.streamState = paused ? Track.StreamState.Paused : Track.StreamState.Active;
    this.of(identity).tell(
      RoomEvent.TrackStreamStateChanged,
      publication,
      publication.track.streamState,
    );
  }

  /** The loudest first. */
  speak(...identities: string[]): void {
    const everyone = [this.room.localParticipant, ...this.room.remoteParticipants.values()];
    for (const each of everyone) {
      const place = identities.indexOf(each.identity);
      each.isSpeaking = place >= 0;
      each.audioLevel = place >= 0 ? 1 / (place + 1) : 0;
    }
    const speakers = identities.flatMap((identity) =>
      everyone.filter((each) => each.identity === identity),
    );
    this.room.emit(RoomEvent.ActiveSpeakersChanged, speakers);
  }

  /** A text stream of LiveKit's chat, in these parts; `broken`: its end does not come. */
  write(
    identity: string,
    parts: readonly string[],
    attributes: Readonly<Record<string, string>> = {},
    { id = crypto.randomUUID(), broken = false, topic = 'lk.chat', closing = {} }: HowSent = {},
  ): void {
    const info = { id, attributes };
    const reader: Reader = {
      info,
      async *[Symbol.asyncIterator]() {
        for (const part of parts) yield await Promise.resolve(part);
        if (broken) throw new Error('disconnected in the middle of sending data');
        info.attributes = { ...attributes, ...closing };
      },
    };
    this.room.texts.of(topic)?.(reader, { identity });
  }

  /** A packet. */
  say(identity: string | undefined, text: string, topic: string): void {
    const from = identity === undefined ? undefined : this.of(identity);
    const payload = new TextEncoder().encode(text);
    this.room.emit(RoomEvent.DataReceived, payload, from, undefined, topic);
  }

  rate(identity: string, quality: ConnectionQuality): void {
    this.of(identity).connectionQuality = quality;
    this.room.emit(RoomEvent.ConnectionQualityChanged, quality, this.of(identity));
  }

  describe(identity: string, attributes: Readonly<Record<string, string>>): void {
    this.of(identity).attributes = attributes;
    this.room.emit(RoomEvent.ParticipantAttributesChanged, attributes, this.of(identity));
  }

  /** In a packet, as before there were text streams. */
  transcribe(identity: string, text: string, { id = text, final = true } = {}): void {
    this.room.emit(RoomEvent.TranscriptionReceived, [{ id, text, final }], this.of(identity));
  }

  /** In a text stream. */
  spell(identity: string, parts: readonly string[], segment: string, final?: boolean): void {
    const attributes = {
      'lk.segment_id': segment,
      ...(final !== undefined && { 'lk.transcription_final': String(final) }),
    };
    this.write(identity, parts, attributes, { topic: 'lk.transcription' });
  }

  record(on: boolean): void {
    this.recording = on;
    const room = this.rooms.at(-1);
    if (room === undefined) return;
    room.isRecording = on;
    room.emit(RoomEvent.RecordingStatusChanged, on);
  }

  /** The connection breaks and the SDK tries to mend it by itself. */
  interrupt(): void {
    this.room.state = ConnectionState.Reconnecting;
    this.room.emit(RoomEvent.Reconnecting);
  }

  mend(): void {
    this.room.state = ConnectionState.Connected;
    this.room.emit(RoomEvent.Reconnected);
  }

  /** The SDK gives up, or the server ends it. */
  end(reason?: DisconnectReason): void {
    this.room.end(reason);
  }
}

let current: World | undefined;

function world(): World {
  if (current === undefined) throw new Error('no world');
  return current;
}

/** A world of its own for each test. */
export function newWorld(): World {
  return (current = new World());
}

/** The SDK with a media server in memory, for `vi.mock`. */
export function inMemory(sdk: typeof import('livekit-client')): object {
  return {
    ...sdk,
    Room: FakeRoom,
    LocalAudioTrack: FakeLocalAudioTrack,
    LocalVideoTrack: FakeLocalVideoTrack,
  };
}
