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
import { BaseCall } from '../base';
import type { Written } from '../chat';
import type { FileWire } from '../files';
import {
  CallError,
  type LiveKitGrant,
  type LocalMedia,
  type PictureSource,
  type Rights,
  type Statistics,
  type TrackSource,
  type TrackView,
} from '../model';
import { ownPicture, type Picture } from '../person';
import type { Presence } from '../roster';
import { Scope } from '../scope';
import { captures, INPUTS, isInput, SOURCES } from '../sources';
import { CHANGES, newRoom } from './connection';
import { endReason, joinError } from './errors';
import { listenToFiles, openFile, sayOfFile } from './files';
import { listenToTranscripts } from './transcripts';
import { OwnTrack } from './ownTrack';
import { HAND, knownOf, leaveUnseen, presenceOf } from './presence';
import { Publishing } from './publishing';
import { listenToSignals, REACTION_TOPIC, sayMessage } from './signals';
import { rightsOf } from './rights';
import { SDK_SOURCES } from './sources';

/** In these states a room knows nobody, not even the local participant. */
const UNCONNECTED: ReadonlySet<ConnectionState> = new Set([
  ConnectionState.Disconnected,
  ConnectionState.Connecting,
]);

/** A call that outlives the SDK's connections: when one is beyond mending, the next is made. */
export class LiveKitCall extends BaseCall {
  rights: Rights = rightsOf(undefined, captures());

  readonly #grants: () => Promise<LiveKitGrant>;
  readonly #own = new Map<TrackSource, OwnTrack>();
  #publishing: Publishing | undefined;
  #room: Room | undefined;
  #connection = new Scope();
  /** The scope of the connection that stands; its end is not that of a try to join. */
  #established: Scope | undefined;
  /** Oneself, as the last connection knew it. */
  #me: Omit<Presence, 'tracks' | 'pictures'> | undefined;

  constructor(grants: () => Promise<LiveKitGrant>, media: LocalMedia) {
    super(media);
    this.#grants = grants;
    this.life.add(() => this.#connection.end());
  }

  /** Connects for the first time, unless told not to meanwhile. */
  async join(grant: LiveKitGrant, signal?: AbortSignal): Promise<void> {
    const abort = (): void => void this.leave();
    signal?.addEventListener('abort', abort);
    try {
      if (signal?.aborted === true) abort();
      await this.#connect(grant);
    } catch (thrown) {
      this.finish({ reason: 'connection-lost' });
      throw joinError(thrown);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  mute(): Promise<void> {
    return refuse();
  }

  remove(): Promise<void> {
    return refuse();
  }

  answer(): Promise<void> {
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
    return await this.reception.statistics([...this.#own.values()].map(({ sdk }) => sdk));
  }

  async leave(): Promise<void> {
    const room = this.#room;
    this.finish({ reason: 'left' });
    await room?.disconnect(false);
  }

  /** Participants cannot ask. */
  deserted(): Promise<boolean> {
    return Promise.resolve(false);
  }

  protected async post(written: Written): Promise<void> {
    await sayMessage(this.#standing(), written);
  }

  protected readonly wire: FileWire = {
    say: (word, to) => sayOfFile(this.#standing(), word, to),
    open: (key, offer, to) => openFile(this.#standing(), key, offer, to),
  };

  protected postReaction(emoji: string): Promise<void> {
    return this.#ask(this.#react(emoji));
  }

  protected async showHand(): Promise<void> {
    const local = this.#room?.localParticipant;
    if (local === undefined) throw new CallError('connection-lost');
    await this.#ask(local.setAttributes({ [HAND]: String(this.hand ?? '') }));
  }

  protected async follow(source: TrackSource): Promise<void> {
    await this.#publishing?.follow(source);
  }

  protected followMedia(): void {
    for (const role of INPUTS) {
      const { track, enabled } = this.media.input(role);
      // At once, even if the others are just being shown the track.
      if (track === undefined || !enabled) void this.#own.get(role)?.set(false);
    }
    this.#publishing?.begin();
  }

  protected want(): boolean {
    // Participants of LiveKit cannot ask each other.
    return false;
  }

  /** Where something can be said. */
  #standing(): Room {
    const room = this.#room;
    if (room === undefined || UNCONNECTED.has(room.state)) throw new CallError('connection-lost');
    return room;
  }

  async #react(emoji: string): Promise<void> {
    const payload = new TextEncoder().encode(emoji);
    const options = { reliable: true, topic: REACTION_TOPIC };
    await this.#standing().localParticipant.publishData(payload, options);
  }

  /** What the server or the SDK says to the user's wish, in our words. */
  async #ask(answer: Promise<unknown>): Promise<void> {
    try {
      await answer;
    } catch (thrown) {
      if (thrown instanceof CallError) throw thrown;
      const said = redact(thrown instanceof Error ? thrown.message : String(thrown));
      throw new CallError('action-refused', said);
    }
  }

  /** The host's: what is to be on is asked of the user. */
  #wish(source: TrackSource, on: boolean): void {
    if (!on) this.switchOff(source, true);
    else if (isInput(source)) {
      this.asked = [...this.asked.filter((each) => each !== source), source];
      this.tell();
    }
  }

  async #connect(grant: LiveKitGrant): Promise<void> {
    if (this.left()) throw new CallError('connection-lost');
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
      if (this.left() || room.state === ConnectionState.Disconnected) {
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
      input: (source: TrackSource) => this.input(source),
      track: (source: TrackSource) => this.#own.get(source),
      make: (source: TrackSource, media: MediaStreamTrack) => {
        const made = new OwnTrack(source, media, (on) => this.#wish(source, on));
        this.#own.set(source, made);
        return made;
      },
      shut: (source: TrackSource, moderated: boolean) => this.switchOff(source, moderated, true),
    };
    this.#publishing = new Publishing(room, scope, own, {
      changed: () => this.update(),
      failed: (error) => {
        this.problem = error;
        this.tell();
      },
    });
    this.recording = room.isRecording;
    this.#permit(room);
    this.#publishing.begin();
    // The others have lost it with the connection before.
    if (this.rights['raise-hand'] !== undefined) this.hand = undefined;
    if (this.hand !== undefined) this.showHand().catch(() => undefined);
    this.become({ kind: 'connected' });
  }

  #listen(room: Room, scope: Scope): void {
    const update = (): void => this.update();
    for (const event of CHANGES) {
      room.on(event, update);
      scope.add(() => room.off(event, update));
    }
    const reconnecting = (): void => this.become({ kind: 'reconnecting' });
    const reconnected = (): void => this.become({ kind: 'connected' });
    const disconnected = (reason?: DisconnectReason): void => {
      // While joining, for the first time or again, `#connect` itself reports what went wrong; the
      // SDK announces a failed try here as well, just before it rejects.
      if (this.#established !== scope || scope.ended) return;
      const end = endReason(reason);
      if (end === undefined) {
        scope.end();
        void this.#comeBack();
      } else this.finish({ reason: end });
    };
    const permitted = (): void => this.#permit(room);
    const speakers = (loudest: SdkParticipant[]): void =>
      this.speak(loudest.map((each) => (each.isLocal ? this.roster.me : this.roster.of(each.sid))));
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
    const heard = new Map<RemoteTrack, string>();
    const end = (track: RemoteTrack): void => {
      heard.delete(track);
      this.sound.stop(track);
      this.reception.end(track);
    };
    const subscribed = (
      track: RemoteTrack,
      _: RemoteTrackPublication,
      { sid }: RemoteParticipant,
    ): void => {
      heard.set(track, sid);
      this.reception.begin(track, () => this.roster.of(sid)?.id);
      if (track.kind === Track.Kind.Video) leaveUnseen(track);
      else this.sound.play(track, () => this.roster.of(sid)?.volume ?? 1);
    };
    room.on(RoomEvent.TrackSubscribed, subscribed);
    room.on(RoomEvent.TrackUnsubscribed, end);
    scope.add(() => {
      room.off(RoomEvent.TrackSubscribed, subscribed);
      room.off(RoomEvent.TrackUnsubscribed, end);
      for (const track of [...heard.keys()]) end(track);
    });
    listenToFiles(room, scope, this.files);
    listenToTranscripts(room, scope, {
      heard: (spoken) => {
        this.spoken.heard(spoken);
        if (this.captioning) return;
        this.captioning = true;
        this.tell();
      },
      withdraw: (...segment) => this.spoken.withdraw(...segment),
    });
    listenToSignals(room, scope, {
      message: (from, text, about) => this.chat.received(from, text, about),
      reaction: ({ sid }, emoji) => {
        const participant = this.roster.of(sid);
        if (participant !== undefined) this.events.tell({ kind: 'reaction', participant, emoji });
      },
      recording: (on) => {
        this.recording = on;
        this.tell();
      },
    });
  }

  #permit({ localParticipant }: Room): void {
    this.rights = rightsOf(localParticipant.permissions, captures());
    this.shutForbidden();
    this.tell();
  }

  /** The SDK has given up. */
  async #comeBack(): Promise<void> {
    const again = async (): Promise<void> => {
      const grant = await this.#grants();
      if (!this.left()) await this.#connect(grant);
    };
    await this.comeBack(again, joinError);
  }

  protected update(): void {
    if (this.left()) return;
    const room = this.#room;
    // Who is there already has not just come: nobody is looked at before all are known.
    const standing = this.#established === this.#connection;
    if (room === undefined || !standing || UNCONNECTED.has(room.state)) {
      this.speakers = [];
      this.roster.alone(this.#me && this.#presence({ ...this.#me, speaking: false, level: 0 }));
      return;
    }
    this.#me = knownOf(room.localParticipant);
    const others = [...room.remoteParticipants.values()];
    this.roster.update(this.#presence(this.#me, room), others.map(presenceOf));
    this.sound.retune();
  }

  /** Oneself: the devices' switches count, also where the SDK knows of no track. */
  #presence(me: Omit<Presence, 'tracks' | 'pictures'>, room?: Room): Presence {
    const tracks: Partial<Record<TrackSource, TrackView>> = {};
    const pictures: Partial<Record<PictureSource, Picture>> = {};
    for (const source of SOURCES) {
      const { track, enabled } = this.input(source);
      const published = room?.localParticipant.getTrackPublication(SDK_SOURCES[source]);
      const outlook = room === undefined ? 'coming' : this.#publishing?.outlook(source);
      if (published !== undefined) tracks[source] = { muted: published.isMuted, paused: false };
      else if (track !== undefined && outlook !== undefined)
        tracks[source] = { muted: !enabled, paused: outlook === 'failing' };
      else continue;
      if (track !== undefined && (source === 'camera' || source === 'screen'))
        pictures[source] = ownPicture(track);
    }
    return { ...me, handRaised: this.hand, tracks, pictures };
  }
}

function refuse(): Promise<never> {
  return Promise.reject(
    new CallError('action-refused', 'participants of LiveKit do not do that themselves'),
  );
}
