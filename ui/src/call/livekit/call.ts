import {
  ConnectionState,
  RoomEvent,
  VideoPreset,
  Room,
  type DataPacket_Kind,
  type DisconnectReason,
  type RemoteParticipant,
} from 'livekit-client';

import { failure } from '../../errors/failure';
import { patientRetry } from '../backoff';
import { Chat, LONGEST_MESSAGE } from '../chat';
import {
  CallError,
  type Call,
  type CallState,
  type ChatMessage,
  type EndReason,
  type InputRole,
  type LocalMedia,
  type Measurement,
  type MeetingToken,
  type Participant,
  type TokenProvider,
  type TrackView,
} from '../model';
import { Scope } from '../scope';
import { endReason, joinError } from './errors';
import { OwnTrack } from './ownTrack';
import { participantView, type OwnTracks } from './participant';
import { Publishing, ROLES } from './publishing';
import { Reception } from './reception';
import { Sound } from './sound';

const CHAT_TOPIC = 'chat';

/** Codes beside those of tokens that another try does not change. */
const REFUSALS: ReadonlySet<string> = new Set([
  'backend-not-signed-in',
  'sign-in-expired',
  'meeting-completed',
  'meeting-cancelled',
  'meeting-not-found',
  'dev-mode-off',
  'dev-secret-missing',
]);

/** Below the camera's own size; at its frame rate, where the SDK's presets have 20 a second. */
const LAYERS = [new VideoPreset(320, 180, 180_000, 30), new VideoPreset(640, 360, 500_000, 30)];

/** After any of these the views of the participants are made anew. */
const CHANGES = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantNameChanged,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.TrackStreamStateChanged,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.ActiveSpeakersChanged,
] as const;

/** In these states a room knows nobody, not even the local participant. */
const UNCONNECTED: ReadonlySet<ConnectionState> = new Set([
  ConnectionState.Disconnected,
  ConnectionState.Connecting,
]);

function newRoom(): Room {
  return new Room({
    adaptiveStream: true,
    dynacast: true,
    // A reconnection publishes the same tracks again.
    stopLocalTrackOnUnpublish: false,
    disconnectOnPageLeave: true,
    webAudioMix: false,
    publishDefaults: {
      simulcast: true,
      videoCodec: 'vp8',
      videoEncoding: { maxBitrate: 1_700_000, maxFramerate: 30 },
      videoSimulcastLayers: LAYERS,
      dtx: true,
      red: false,
    },
  });
}

/** A call that outlives the SDK's connections: when one is beyond mending, the next is made. */
export class LiveKitCall implements Call {
  state: CallState = { kind: 'connecting' };
  participants: readonly Participant[] = [];
  since: number | undefined;
  problem: CallError | undefined;
  asked: readonly InputRole[] = [];

  readonly #tokens: TokenProvider;
  readonly #media: LocalMedia;
  readonly #listeners = new Set<() => void>();
  readonly #life = new Scope();
  readonly #chat = new Chat(() => this.#tell(), this.#life);
  readonly #own = new Map<InputRole, OwnTrack>();
  #publishing: Publishing | undefined;
  /** Being announced to the others; the local participant sees them already. */
  readonly #announced: OwnTracks = (role) =>
    this.#publishing?.announces(role) === true ? this.#own.get(role)?.sdk : undefined;
  #room: Room | undefined;
  readonly #reception = new Reception();
  #sound: Sound | undefined;
  #connection = new Scope();
  /** The scope of the connection that stands; its end is not that of a try to join. */
  #established: Scope | undefined;

  constructor(tokens: TokenProvider, media: LocalMedia) {
    this.#tokens = tokens;
    this.#media = media;
    this.#life.add(media.subscribe(() => this.#followMedia()));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get messages(): readonly ChatMessage[] {
    return this.#chat.messages;
  }

  /** Connects for the first time, unless told not to meanwhile. */
  async join(token: MeetingToken, signal?: AbortSignal): Promise<void> {
    const abort = (): void => void this.leave();
    signal?.addEventListener('abort', abort);
    try {
      if (signal?.aborted === true) abort();
      await this.#connect(token);
    } catch (thrown) {
      this.#finish('connection-lost');
      throw joinError(thrown);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async setMicrophoneEnabled(enabled: boolean): Promise<void> {
    await this.#set('microphone', enabled);
  }

  async setCameraEnabled(enabled: boolean): Promise<void> {
    await this.#set('camera', enabled);
  }

  decline(role: InputRole): void {
    this.asked = this.asked.filter((each) => each !== role);
    this.#tell();
  }

  async sendMessage(text: string): Promise<void> {
    const payload = new TextEncoder().encode(text);
    if (payload.length > LONGEST_MESSAGE)
      throw new CallError('internal', 'the message is too long');
    const local = this.#room?.localParticipant;
    if (local === undefined) return;
    await local.publishData(payload, { reliable: true, topic: CHAT_TOPIC });
    this.#chat.sent({ identity: local.identity, name: local.name ?? '' }, text);
  }

  async measure(): Promise<Measurement> {
    const own = [...this.#own.values()];
    return await this.#reception.measure(own.map(({ sdk }) => sdk));
  }

  async leave(): Promise<void> {
    const room = this.#room;
    this.#finish('left');
    await room?.disconnect(false);
  }

  /** By the user. */
  async #set(role: InputRole, enabled: boolean): Promise<void> {
    if (this.#left()) return;
    this.decline(role);
    await this.#media.enable(role, enabled);
    await this.#publishing?.follow(role);
    this.#update();
  }

  /** By the host or for want of a permission: what is to be on is asked of the user. */
  #wish(role: InputRole, on: boolean): void {
    this.decline(role);
    if (on) this.asked = [...this.asked, role];
    // It is to be closed, whatever becomes of that.
    else this.#media.enable(role, false).catch(() => undefined);
    this.#tell();
  }

  #followMedia(): void {
    const { speaker } = this.#media;
    void this.#sound?.useSpeaker(speaker);
    for (const role of ROLES) {
      const { track, enabled } = this.#media.input(role);
      // At once, even if the others are just being shown the track.
      if (track === undefined || !enabled) void this.#own.get(role)?.set(false);
      // It is on as it was asked to be.
      else this.asked = this.asked.filter((each) => each !== role);
    }
    this.#publishing?.begin();
    this.#update();
  }

  #make(role: InputRole, media: MediaStreamTrack): OwnTrack {
    const own = new OwnTrack(role, media, (on) => this.#wish(role, on));
    this.#own.set(role, own);
    return own;
  }

  async #connect(token: MeetingToken): Promise<void> {
    if (this.#left()) throw new CallError('connection-lost');
    this.#connection.end();
    // In the one before.
    this.asked = [];
    const scope = (this.#connection = new Scope());
    const room = (this.#room = newRoom());
    this.#sound = new Sound(room, scope, this.#media.speaker);
    this.#reception.listen(room, scope);
    this.#listen(room, scope);
    try {
      await room.connect(token.serverUrl, token.token);
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
      input: (role: InputRole) => this.#media.input(role),
      track: (role: InputRole) => this.#own.get(role),
      make: (role: InputRole, media: MediaStreamTrack) => this.#make(role, media),
      switchOff: (role: InputRole) => this.#wish(role, false),
    };
    this.#publishing = new Publishing(room, scope, own, {
      changed: () => this.#update(),
      failed: (error) => {
        this.problem = error;
        this.#tell();
      },
    });
    this.#publishing.begin();
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
      } else this.#finish(end);
    };
    const data = (
      payload: Uint8Array,
      from?: RemoteParticipant,
      _kind?: DataPacket_Kind,
      topic?: string,
    ): void => {
      if (topic !== CHAT_TOPIC || from === undefined) return;
      this.#chat.received({ identity: from.identity, name: from.name ?? '' }, payload);
    };
    room.on(RoomEvent.Reconnecting, reconnecting);
    room.on(RoomEvent.SignalReconnecting, reconnecting);
    room.on(RoomEvent.Reconnected, reconnected);
    room.on(RoomEvent.Disconnected, disconnected);
    room.on(RoomEvent.DataReceived, data);
    scope.add(() => {
      room.off(RoomEvent.Reconnecting, reconnecting);
      room.off(RoomEvent.SignalReconnecting, reconnecting);
      room.off(RoomEvent.Reconnected, reconnected);
      room.off(RoomEvent.Disconnected, disconnected);
      room.off(RoomEvent.DataReceived, data);
    });
  }

  /** The SDK has given up: a fresh token and a fresh connection, until it works. */
  async #comeBack(): Promise<void> {
    this.#become({ kind: 'reconnecting' });
    const start = Date.now();
    for (let attempt = 0; !this.#left(); attempt += 1) {
      const delay = patientRetry.delay(attempt, Date.now() - start);
      if (delay === undefined) break;
      await this.#life.pause(delay);
      if (this.#left()) return;
      try {
        const token = await this.#tokens();
        if (this.#left()) return;
        await this.#connect(token);
        return;
      } catch (thrown) {
        if (this.#left()) return;
        // What fetches tokens rejects with an object that has a code, the SDK with an error.
        const { code } = thrown instanceof Error ? joinError(thrown) : failure(thrown);
        // A refusal stays one, however often one asks; what may pass is tried again.
        if (code.startsWith('token-') || REFUSALS.has(code)) {
          this.#finish(code);
          return;
        }
      }
    }
    this.#finish('connection-lost');
  }

  /** Asked anew after every wait: the user may have left meanwhile. */
  #left(): boolean {
    return this.#life.ended;
  }

  #become(state: CallState): void {
    if (this.state.kind === 'disconnected') return;
    this.state = state;
    this.#update();
  }

  #finish(reason: EndReason): void {
    this.#become({ kind: 'disconnected', reason });
    this.#connection.end();
    this.#life.end();
  }

  #update(): void {
    const room = this.#room;
    if (room === undefined || UNCONNECTED.has(room.state)) {
      this.participants = this.#alone();
    } else {
      const remote = [...room.remoteParticipants.values()];
      this.participants = [
        participantView(room.localParticipant, this.#announced),
        ...remote.map((participant) => participantView(participant)),
      ];
    }
    this.#tell();
  }

  /**
   * Oneself between two connections, where the SDK knows of no track, but the switches work: they
   * are those of the devices, which outlive connections.
   */
  #alone(): Participant[] {
    const me = this.participants.find(({ local }) => local);
    if (me === undefined) return [];
    const view = (role: InputRole): TrackView | undefined => {
      const { track, enabled } = this.#media.input(role);
      return track && { muted: !enabled, paused: false };
    };
    return [{ ...me, microphone: view('microphone'), camera: view('camera'), speaking: false }];
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
