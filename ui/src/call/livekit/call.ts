import {
  ConnectionState,
  RoomEvent,
  Track,
  type DisconnectReason,
  type Participant as SdkParticipant,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
} from 'livekit-client';

import { redact } from '../../errors/redact';
import { isSameList } from '../../lib/lists';
import { Chat, LONGEST_MESSAGE } from '../chat';
import { comeBack, type End } from '../comeBack';
import { Listeners } from '../listeners';
import {
  CallError,
  type Call,
  type CallEvent,
  type CallState,
  type ChatMessage,
  type InputRole,
  type LiveKitGrant,
  type LocalMedia,
  type Participant,
  type PictureSource,
  type Rights,
  type Statistics,
  type Switchable,
  type TrackSource,
  type TrackView,
} from '../model';
import { ownPicture, type Picture } from '../person';
import { Reception } from '../reception';
import { Roster, type Presence } from '../roster';
import { Scope } from '../scope';
import { Sound } from '../sound';
import { captures, isInput, SOURCES } from '../sources';
import { CHANGES, newRoom } from './connection';
import { endReason, joinError } from './errors';
import { OwnTrack } from './ownTrack';
import { HAND, knownOf, presenceOf } from './presence';
import { Publishing } from './publishing';
import { CHAT_TOPIC, listenToSignals, REACTION_TOPIC } from './signals';
import { rightsOf, SDK_SOURCES } from './sources';

/** In these states a room knows nobody, not even the local participant. */
const UNCONNECTED: ReadonlySet<ConnectionState> = new Set([
  ConnectionState.Disconnected,
  ConnectionState.Connecting,
]);

const INPUTS: readonly InputRole[] = ['microphone', 'camera'];

type State = Exclude<CallState, { kind: 'disconnected' }>;

/** A call that outlives the SDK's connections: when one is beyond mending, the next is made. */
export class LiveKitCall implements Call {
  state: CallState = { kind: 'connecting' };
  speakers: readonly Participant[] = [];
  since: number | undefined;
  problem: CallError | undefined;
  asked: readonly InputRole[] = [];
  rights: Rights = rightsOf(undefined, captures());
  recording = false;
  captioning = false;

  readonly #grants: () => Promise<LiveKitGrant>;
  readonly #media: LocalMedia;
  readonly #listeners = new Listeners();
  readonly #events = new Listeners<[CallEvent]>();
  readonly #life = new Scope();
  readonly #roster = new Roster(this.#life);
  readonly #chat = new Chat(
    () => this.#listeners.tell(),
    this.#life,
    (text) => this.#send(CHAT_TOPIC, text),
  );
  readonly #reception = new Reception();
  readonly #sound: Sound;
  readonly #own = new Map<TrackSource, OwnTrack>();
  #publishing: Publishing | undefined;
  #room: Room | undefined;
  #connection = new Scope();
  /** The scope of the connection that stands; its end is not that of a try to join. */
  #established: Scope | undefined;
  /** Oneself, as the last connection knew it. */
  #me: Omit<Presence, 'tracks' | 'pictures'> | undefined;
  /** When the user's hand was raised; a new connection is told of it. */
  #hand: number | undefined;

  constructor(grants: () => Promise<LiveKitGrant>, media: LocalMedia) {
    this.#grants = grants;
    this.#media = media;
    this.#sound = new Sound(this.#life, media.speaker);
    this.#life.add(media.subscribe(() => this.#followMedia()));
    this.#life.add(this.#roster.changed.add(() => this.#listeners.tell()));
    this.#life.add(this.#roster.happened.add((event) => this.#events.tell(event)));
    this.#life.add(this.#roster.volumeChanged.add(() => this.#sound.retune()));
    this.#life.add(this.#sound.changed.add(() => this.#listeners.tell()));
  }

  get participants(): readonly Participant[] {
    return this.#roster.participants;
  }

  get messages(): readonly ChatMessage[] {
    return this.#chat.messages;
  }

  get audioBlocked(): boolean {
    return this.#sound.blocked;
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  listen(listener: (event: CallEvent) => void): () => void {
    return this.#events.add(listener);
  }

  /** Connects for the first time, unless told not to meanwhile. */
  async join(grant: LiveKitGrant, signal?: AbortSignal): Promise<void> {
    const abort = (): void => void this.leave();
    signal?.addEventListener('abort', abort);
    try {
      if (signal?.aborted === true) abort();
      await this.#connect(grant);
    } catch (thrown) {
      this.#finish({ reason: 'connection-lost' });
      throw joinError(thrown);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async enable(source: Switchable, enabled: boolean): Promise<void> {
    if (this.#left()) return;
    if (isInput(source)) this.decline(source);
    // No device is opened that nobody may be shown.
    const hindrance = enabled ? this.rights[source] : undefined;
    if (hindrance === 'grant') throw new CallError('token-publish-missing');
    if (hindrance !== undefined) throw new CallError('internal', `no ${source} here`);
    await this.#media.enable(source, enabled);
    await this.#publishing?.follow(source);
    this.#update();
  }

  decline(role: InputRole): void {
    if (!this.asked.includes(role)) return;
    this.asked = this.asked.filter((each) => each !== role);
    this.#listeners.tell();
  }

  unblockAudio(): Promise<void> {
    return this.#sound.unblock();
  }

  async sendMessage(text: string): Promise<void> {
    if (this.rights.chat !== undefined)
      throw new CallError('server-refused', 'no permission to write');
    if (new TextEncoder().encode(text).length > LONGEST_MESSAGE)
      throw new CallError('internal', 'the message is too long');
    if (this.#me !== undefined) await this.#chat.send(this.#me, text);
  }

  resend(id: number): Promise<void> {
    return this.#chat.resend(id);
  }

  async react(emoji: string): Promise<void> {
    await this.#ask(this.#send(REACTION_TOPIC, emoji));
    const participant = this.#roster.me;
    if (participant !== undefined) this.#events.tell({ kind: 'reaction', participant, emoji });
  }

  async raiseHand(raised: boolean): Promise<void> {
    const local = this.#room?.localParticipant;
    if (local === undefined || this.#left()) return;
    const before = this.#hand;
    this.#hand = raised ? (before ?? Date.now()) : undefined;
    this.#update();
    try {
      await this.#ask(local.setAttributes({ [HAND]: String(this.#hand ?? '') }));
    } catch (thrown) {
      this.#hand = before;
      this.#update();
      throw thrown;
    }
  }

  mute(): Promise<void> {
    return refuse();
  }

  remove(): Promise<void> {
    return refuse();
  }

  endForAll(): Promise<void> {
    return refuse();
  }

  record(): Promise<void> {
    return refuse();
  }

  caption(): Promise<void> {
    return refuse();
  }

  async statistics(): Promise<Statistics> {
    return await this.#reception.statistics([...this.#own.values()].map(({ sdk }) => sdk));
  }

  async leave(): Promise<void> {
    const room = this.#room;
    this.#finish({ reason: 'left' });
    await room?.disconnect(false);
  }

  /** To all others, or rejects. */
  async #send(topic: string, text: string): Promise<void> {
    const room = this.#room;
    if (room === undefined || UNCONNECTED.has(room.state)) throw new CallError('connection-lost');
    const payload = new TextEncoder().encode(text);
    await room.localParticipant.publishData(payload, { reliable: true, topic });
  }

  /** What the server or the SDK says to the user's wish, in our words. */
  async #ask(answer: Promise<unknown>): Promise<void> {
    try {
      await answer;
    } catch (thrown) {
      if (thrown instanceof CallError) throw thrown;
      const said = redact(thrown instanceof Error ? thrown.message : String(thrown));
      throw new CallError('server-refused', said);
    }
  }

  /** By the host or for want of a permission: what is to be on is asked of the user. */
  #wish(source: TrackSource, on: boolean): void {
    // Its picture is what counts.
    if (source === 'screen-audio') return;
    if (isInput(source)) {
      this.asked = this.asked.filter((each) => each !== source);
      if (on) this.asked = [...this.asked, source];
    }
    if (!on) {
      if (this.#media.input(source).enabled) this.#events.tell({ kind: 'moderated', source });
      // It is to be closed, whatever becomes of that.
      this.#media.enable(source, false).catch(() => undefined);
    }
    this.#listeners.tell();
  }

  #followMedia(): void {
    void this.#sound.useSpeaker(this.#media.speaker);
    for (const role of INPUTS) {
      const { track, enabled } = this.#media.input(role);
      // At once, even if the others are just being shown the track.
      if (track === undefined || !enabled) void this.#own.get(role)?.set(false);
      // It is on as it was asked to be.
      else this.decline(role);
    }
    this.#publishing?.begin();
    this.#update();
  }

  async #connect(grant: LiveKitGrant): Promise<void> {
    if (this.#left()) throw new CallError('connection-lost');
    this.#connection.end();
    // In the one before.
    this.asked = [];
    this.captioning = false;
    const scope = (this.#connection = new Scope());
    const room = (this.#room = newRoom());
    this.#listen(room, scope);
    this.#hear(room, scope);
    try {
      await room.connect(grant.serverUrl, grant.token);
      // What ended meanwhile went unheard: nobody listens for it before `#established`.
      if (this.#left() || room.state === ConnectionState.Disconnected) {
        throw new CallError('connection-lost');
      }
    } catch (thrown) {
      scope.end();
      await room.disconnect(false);
      throw thrown;
    }
    this.#established = scope;
    this.since ??= Date.now();
    const own = {
      input: (source: TrackSource) => this.#media.input(source),
      track: (source: TrackSource) => this.#own.get(source),
      make: (source: TrackSource, media: MediaStreamTrack) => {
        const made = new OwnTrack(source, media, (on) => this.#wish(source, on));
        this.#own.set(source, made);
        return made;
      },
      switchOff: (source: TrackSource) => this.#wish(source, false),
    };
    this.#publishing = new Publishing(room, scope, own, {
      changed: () => this.#update(),
      failed: (error) => {
        this.problem = error;
        this.#listeners.tell();
      },
    });
    this.recording = room.isRecording;
    this.#permit(room);
    this.#publishing.begin();
    if (this.#hand !== undefined) this.raiseHand(true).catch(() => undefined);
    this.#become({ kind: 'connected' });
  }

  #listen(room: Room, scope: Scope): void {
    const update = (): void => this.#update();
    for (const event of CHANGES) {
      room.on(event, update);
      scope.add(() => room.off(event, update));
    }
    const reconnecting = (): void => this.#become({ kind: 'reconnecting' });
    const reconnected = (): void => this.#become({ kind: 'connected' });
    const disconnected = (reason?: DisconnectReason): void => {
      // While joining, for the first time or again, `#connect` itself reports what went wrong; the
      // SDK announces a failed try here as well, just before it rejects.
      if (this.#established !== scope || scope.ended) return;
      const end = endReason(reason);
      if (end === undefined) {
        scope.end();
        void this.#comeBack();
      } else this.#finish({ reason: end });
    };
    const permitted = (): void => this.#permit(room);
    const speakers = (loudest: SdkParticipant[]): void => this.#speak(loudest);
    room.on(RoomEvent.Reconnecting, reconnecting);
    room.on(RoomEvent.SignalReconnecting, reconnecting);
    room.on(RoomEvent.Reconnected, reconnected);
    room.on(RoomEvent.Disconnected, disconnected);
    room.on(RoomEvent.ParticipantPermissionsChanged, permitted);
    room.on(RoomEvent.ActiveSpeakersChanged, speakers);
    scope.add(() => {
      room.off(RoomEvent.Reconnecting, reconnecting);
      room.off(RoomEvent.SignalReconnecting, reconnecting);
      room.off(RoomEvent.Reconnected, reconnected);
      room.off(RoomEvent.Disconnected, disconnected);
      room.off(RoomEvent.ParticipantPermissionsChanged, permitted);
      room.off(RoomEvent.ActiveSpeakersChanged, speakers);
    });
  }

  /** Sound, statistics, and what is said beside the tracks. */
  #hear(room: Room, scope: Scope): void {
    const here = new Map<RemoteTrack, string>();
    const end = (track: RemoteTrack): void => {
      here.delete(track);
      this.#sound.stop(track);
      this.#reception.end(track);
    };
    const subscribed = (
      track: RemoteTrack,
      _: RemoteTrackPublication,
      { sid }: RemoteParticipant,
    ): void => {
      here.set(track, sid);
      this.#reception.begin(track, () => this.#roster.of(sid)?.id);
      if (track.kind === Track.Kind.Audio)
        this.#sound.play(track, () => this.#roster.of(sid)?.volume ?? 1);
    };
    room.on(RoomEvent.TrackSubscribed, subscribed);
    room.on(RoomEvent.TrackUnsubscribed, end);
    scope.add(() => {
      room.off(RoomEvent.TrackSubscribed, subscribed);
      room.off(RoomEvent.TrackUnsubscribed, end);
      for (const track of [...here.keys()]) end(track);
    });
    listenToSignals(room, scope, {
      message: ({ identity, name = '' }, payload) =>
        this.#chat.received({ identity, name }, payload),
      reaction: ({ sid }, emoji) => {
        const participant = this.#roster.of(sid);
        if (participant !== undefined) this.#events.tell({ kind: 'reaction', participant, emoji });
      },
      caption: (from, text) => {
        const participant = from && this.#roster.of(from.sid);
        this.#events.tell({ kind: 'caption', participant, text });
        if (this.captioning) return;
        this.captioning = true;
        this.#listeners.tell();
      },
      recording: (on) => {
        this.recording = on;
        this.#listeners.tell();
      },
    });
  }

  #permit({ localParticipant }: Room): void {
    this.rights = rightsOf(localParticipant.permissions, captures());
    this.#listeners.tell();
  }

  #speak(loudest: readonly SdkParticipant[]): void {
    const speakers = loudest.flatMap(({ sid, isLocal }) => {
      const person = isLocal ? this.#roster.me : this.#roster.of(sid);
      return person === undefined ? [] : [person];
    });
    if (isSameList(speakers, this.speakers)) return;
    this.speakers = speakers;
    this.#listeners.tell();
  }

  /** The SDK has given up. */
  async #comeBack(): Promise<void> {
    this.#become({ kind: 'reconnecting' });
    const again = async (): Promise<void> => {
      const grant = await this.#grants();
      if (!this.#left()) await this.#connect(grant);
    };
    const end = await comeBack(this.#life, again, joinError);
    if (end !== undefined) this.#finish(end);
  }

  /** Asked anew after every wait: the user may have left meanwhile. */
  #left(): boolean {
    return this.#life.ended;
  }

  #become(state: State): void {
    if (this.state.kind === 'disconnected') return;
    this.state = state;
    this.#update();
    this.#listeners.tell();
  }

  #finish(end: End): void {
    if (this.state.kind === 'disconnected') return;
    this.state = { kind: 'disconnected', ...end };
    this.#connection.end();
    this.#life.end();
    this.#listeners.tell();
  }

  #update(): void {
    if (this.#left()) return;
    const room = this.#room;
    // Who is there already has not just come: nobody is looked at before all are known.
    const standing = this.#established === this.#connection;
    if (room === undefined || !standing || UNCONNECTED.has(room.state)) {
      this.speakers = [];
      this.#roster.alone(this.#me && this.#presence({ ...this.#me, speaking: false }));
      return;
    }
    this.#me = knownOf(room.localParticipant);
    const others = [...room.remoteParticipants.values()];
    this.#roster.update(this.#presence(this.#me, room), others.map(presenceOf));
    this.#sound.retune();
  }

  /** Oneself: the devices' switches count, also where the SDK knows of no track. */
  #presence(me: Omit<Presence, 'tracks' | 'pictures'>, room?: Room): Presence {
    const tracks: Partial<Record<TrackSource, TrackView>> = {};
    const pictures: Partial<Record<PictureSource, Picture>> = {};
    for (const source of SOURCES) {
      const { track, enabled } = this.#media.input(source);
      const published = room?.localParticipant.getTrackPublication(SDK_SOURCES[source]);
      const outlook = room === undefined ? 'coming' : this.#publishing?.outlook(source);
      if (published !== undefined) tracks[source] = { muted: published.isMuted, paused: false };
      else if (track !== undefined && outlook !== undefined)
        tracks[source] = { muted: !enabled, paused: outlook === 'failing' };
      else continue;
      if (track !== undefined && (source === 'camera' || source === 'screen'))
        pictures[source] = ownPicture(track);
    }
    return { ...me, handRaised: this.#hand, tracks, pictures };
  }
}

function refuse(): Promise<never> {
  return Promise.reject(
    new CallError('server-refused', 'participants of LiveKit do not do that themselves'),
  );
}
