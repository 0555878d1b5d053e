/**
 * What a call is, whichever provider carries it.
 *
 * Three things are kept apart: _muted_ is what a participant announces to the others, _enabled_ is
 * the local switch that leads to it, _paused_ means that no data arrives although it should.
 */

/** What a track shows or plays. */
export type TrackSource = 'microphone' | 'camera' | 'screen' | 'screen-audio';
/** Sources that are seen. */
export type PictureSource = 'camera' | 'screen';

/**
 * Why a call is over. `refused`: it broke, and coming back was refused; the code says why. `removed`:
 * somebody put the user out; `ended`: for everyone.
 */
export type EndReason =
  'left' | 'removed' | 'ended' | 'duplicate-identity' | 'connection-lost' | 'refused';

export type CallState =
  | { kind: 'connecting' }
  | { kind: 'connected' }
  /** The connection broke; it is being mended without the user's help. */
  | { kind: 'reconnecting' }
  /** `code` is one of the error table, and there where `reason` is `refused`. */
  | { kind: 'disconnected'; reason: EndReason; code?: string };

/** A track's place in the call. */
export interface TrackView {
  readonly muted: boolean;
  /** Subscribed to, but nothing arrives. */
  readonly paused: boolean;
  /** Name of a format that cannot be shown here, such as `AV1`. */
  readonly unplayable?: string;
}

/** How well a participant's connection does, as the provider judges it. */
export type ConnectionQuality = 'unknown' | 'lost' | 'poor' | 'good' | 'excellent';

/** How large a picture is shown, device pixels: no larger one need be sent. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A picture in an element. */
export interface Attachment {
  /** It is shown in another size from now on; without one, the element's own is followed. */
  resize(size: PictureSize | undefined): void;
  end(): void;
}

/**
 * Somebody in the call, once for each connection: one user may be in twice. The object stays the
 * same as long as they are there, also when their connection is made anew, and so do its `id`,
 * volume and raised hand.
 */
export interface Participant {
  /** Unique within the call: of the connection that they came with. */
  readonly id: string;
  /** The user. Not unique. */
  readonly identity: string;
  readonly name: string;
  readonly local: boolean;
  /** What is published; absent: nothing of that source. */
  readonly tracks: Readonly<Partial<Record<TrackSource, TrackView>>>;
  readonly speaking: boolean;
  /**
   * How loud they speak, as the provider heard it last: 0 to 1, of the loudest sound that there is (linear). It is
   * asked again and again, as `subscribe` does not tell of it; 0 where the provider says nothing.
   */
  readonly level: number;
  /**
   * How loud they are at this moment, by what arrives of them: 0 to 1, linear. Sooner than the two above;
   * undefined, or not there at all: it is not known.
   */
  readonly loudness?: () => number | undefined;
  readonly quality: ConnectionQuality;
  /** Milliseconds since 1970 of when the hand was raised; absent: it is not. */
  readonly handRaised: number | undefined;
  /** Of the sound played here, 0 to 1. */
  readonly volume: number;
  /** Calls back after each change of any of the above, and of nothing else. */
  subscribe(listener: () => void): () => void;
  setVolume(volume: number): void;
  /** Shows a picture in an element, and follows every change of it until ended. */
  attach(source: PictureSource, element: HTMLVideoElement, size?: PictureSize): Attachment;
}

/** A file that a message offers, and how far it is. */
export interface FileState {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Media type, as whoever offers it says; empty: none. */
  readonly type: string;
  /**
   * `offered`: nothing of it is here, and it can be asked for; `failed`: it broke off, and can be asked for
   * again; `gone`: it cannot be had any more.
   */
  readonly state: 'offered' | 'arriving' | 'here' | 'failed' | 'gone';
  /** Bytes that have arrived. */
  readonly received: number;
  /** What is in it: of what has arrived, and of one's own. */
  readonly content: Blob | undefined;
  /** To how many it is on its way, of one's own. */
  readonly sending: number;
}

export interface ChatMessage {
  /** Counts up from 0; those missing before the first one are no longer kept. */
  readonly id: number;
  readonly from: string;
  readonly local: boolean;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How many were left out here because they came too fast; then there is no text. */
  readonly omitted: number;
  /** Of one's own; those of others are `sent`. What failed can be sent again. */
  readonly delivery: 'sending' | 'sent' | 'failed';
  /** What it is called everywhere in the call; absent: nothing can be answered here. */
  readonly key?: string;
  /** Key of the message that it answers, which may not be kept here. */
  readonly replyTo?: string;
  /** Only these two can read it: the user and whoever has this name. */
  readonly privateWith?: string;
  /** It offers a file; the text then says so to clients that know of none. */
  readonly file?: FileState;
}

/** What somebody said, as it was written down. */
export interface Caption {
  /** Counts up; those missing before the first one are no longer kept. */
  readonly id: number;
  readonly from: string;
  readonly local: boolean;
  readonly text: string;
  /** It may still become another text. */
  readonly interim: boolean;
  /** Milliseconds since 1970 of when it began, and of when its text changed last. */
  readonly at: number;
  readonly changed: number;
}

/** How a message is meant. */
export interface MessageOptions {
  /** Key of the message that it answers. */
  readonly replyTo?: string | undefined;
  /** For this participant alone: see the right `write-privately`. */
  readonly to?: Participant | undefined;
}

/** What happens in a call once, rather than lasts. */
export type CallEvent =
  | { readonly kind: 'joined' | 'left'; readonly participant: Participant }
  | { readonly kind: 'reaction'; readonly participant: Participant; readonly emoji: string }
  | { readonly kind: 'hand'; readonly participant: Participant; readonly raised: boolean }
  /** Somebody with the right to it switched something of the user's off. */
  | { readonly kind: 'moderated'; readonly source: TrackSource }
  /** Nothing ended, but the user should know: a code of the error table. */
  | { readonly kind: 'warning'; readonly error: CallError };

/** What the user may do in a call. */
export type CallAction =
  | 'microphone'
  | 'camera'
  | 'screen'
  | 'chat'
  | 'write-privately'
  | 'send-files'
  | 'react'
  | 'raise-hand'
  | 'mute-others'
  | 'remove-others'
  | 'permit-others'
  | 'end-for-all'
  | 'record'
  | 'caption';

/** Who does not let the user: the provider has no such thing, the grant or the webview. */
export type Hindrance = 'provider' | 'grant' | 'webview';

/** What is not listed may be done. */
export type Rights = Readonly<Partial<Record<CallAction, Hindrance>>>;

export type InputRole = 'microphone' | 'camera';
export type DeviceRole = InputRole | 'speaker';
/** What the user can switch on and off. */
export type Switchable = InputRole | 'screen';

/** Somebody else asks to be allowed to show or say something. */
export interface PermissionRequest {
  readonly participant: Participant;
  readonly source: Switchable;
}

/** What a camera, a microphone or a shared screen gives to a call. */
export interface InputState {
  /** Of the device that is open; absent: none is. */
  readonly track: MediaStreamTrack | undefined;
  /** The local switch. A microphone may be open, and silent, while it is off. */
  readonly enabled: boolean;
}

/**
 * The devices of whoever joins. They belong to who made them: a call shows the others what they
 * give, also when that changes, and opens, closes or stops none.
 */
export interface LocalMedia {
  input(source: TrackSource): InputState;
  /** Resolves when it is as wanted; rejects if it was to be opened and cannot be. */
  enable(source: Switchable, enabled: boolean): Promise<void>;
  /** Off, and not even open, as nobody gets it: a microphone is, while it is only muted. */
  shut(source: Switchable): Promise<void>;
  /** Output device id; empty: the system's default. */
  readonly speaker: string;
  /** Calls back after each change of any of the above. */
  subscribe(listener: () => void): () => void;
}

/** How something goes. Counts are of all that was received since it began; absent: not known. */
export interface Measurement {
  /** To the media server and back, the last that is known, milliseconds. */
  readonly roundTripMs: number | undefined;
  readonly packetsReceived: number | undefined;
  readonly packetsLost: number | undefined;
  /** Of the largest picture, pixels. */
  readonly receivedHeight: number | undefined;
  /** How often a picture froze (W3C webrtc-stats `freezeCount`). */
  readonly freezes: number | undefined;
  /** How long all of that took, milliseconds. */
  readonly frozenMs: number | undefined;
}

/** How much of a picture is sent or received at present. Absent: not known. */
export interface Layer {
  /** As the provider calls it, such as `h`; empty: it has no name. */
  readonly name: string;
  readonly bitsPerSecond: number | undefined;
  /** Pixels. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly framesPerSecond: number | undefined;
}

/** How one track does, since somebody asked before. Absent: not known. */
export interface Flow extends Omit<Layer, 'name'> {
  readonly direction: 'received' | 'sent';
  /** The id of whose it is; of what is sent there is none. */
  readonly participant: string | undefined;
  readonly kind: 'audio' | 'video';
  /** Such as `VP8`. */
  readonly codec: string | undefined;
  readonly lossPercent: number | undefined;
  readonly jitterMs: number | undefined;
  /** How long what is received waits until it is played or shown, milliseconds. */
  readonly delayMs: number | undefined;
  /** Of what is sent in several sizes at once; otherwise empty. */
  readonly layers: readonly Layer[];
}

/** How a call goes. */
export interface Statistics {
  /** Since the one before, which somebody else may have asked for; of the first: since the start. */
  readonly now: Measurement;
  /** What is received from whoever is there, by their id. */
  readonly participants: ReadonlyMap<string, Measurement>;
  /** Of the whole call, also of what ended. */
  readonly totals: Measurement;
  /** Of each track that is received or sent now. */
  readonly flows: readonly Flow[];
}

/** A call that was joined. */
export interface Call {
  readonly state: CallState;
  /** The local participant first, then the others in the order of their coming. */
  readonly participants: readonly Participant[];
  /** Who speaks, the loudest first. */
  readonly speakers: readonly Participant[];
  readonly messages: readonly ChatMessage[];
  /** Milliseconds since 1970; undefined until connected for the first time. */
  readonly since: number | undefined;
  /** What last went wrong without ending the call, such as a camera that cannot be shown. */
  readonly problem: CallError | undefined;
  /** What the host asks to be switched on. Only the user can: it stays off until they do. */
  readonly asked: readonly InputRole[];
  /** What others ask the user to allow, who may; each until it is answered, or they are gone. */
  readonly requests: readonly PermissionRequest[];
  readonly rights: Rights;
  /** The provider keeps what is seen or heard, whoever asked it to. */
  readonly recording: boolean;
  /** What is said is being written down. */
  readonly captioning: boolean;
  /** What was, in the order of its beginning. */
  readonly captions: readonly Caption[];
  /** The webview plays no sound before the user has done something: see `unblockAudio`. */
  readonly audioBlocked: boolean;
  /**
   * Calls back after each change of any of the above; what changes of one participant is told by
   * that one alone.
   */
  subscribe(listener: () => void): () => void;
  /** Calls back for each event. */
  listen(listener: (event: CallEvent) => void): () => void;
  enable(source: Switchable, enabled: boolean): Promise<void>;
  /** The user does not want what the host asked for. */
  decline(role: InputRole): void;
  /** Has to be called from within a gesture of the user's. */
  unblockAudio(): Promise<void>;
  /** Resolves when it was sent, or is `failed` in `messages`. */
  sendMessage(text: string, options?: MessageOptions): Promise<void>;
  /** Sends one that failed again. */
  resend(id: number): Promise<void>;
  /** Offers a file of at most 50 million bytes; resolves as `sendMessage` does. */
  sendFile(file: File, options?: MessageOptions): Promise<void>;
  /** Asks for the file of a message; resolves when it is here, or `failed`, or `gone`. */
  fetchFile(id: number): Promise<void>;
  /** The file of a message is to come no further; one's own can be had by nobody any more. */
  cancelFile(id: number): Promise<void>;
  react(emoji: string): Promise<void>;
  raiseHand(raised: boolean): Promise<void>;
  /** These reject with `action-refused` where the server does not let the user. */
  mute(participant: Participant, source: TrackSource): Promise<void>;
  remove(participant: Participant): Promise<void>;
  /** Allows it or not. */
  answer(request: PermissionRequest, granted: boolean): Promise<void>;
  endForAll(): Promise<void>;
  /** Begins or ends the recording; `recording` changes once the provider says so. */
  record(on: boolean): Promise<void>;
  /** Begins or ends it for everybody; `captioning` changes once the provider says so. */
  caption(on: boolean): Promise<void>;
  /** What ended keeps counting. Soon there, and never rejects. */
  statistics(): Promise<Statistics>;
  /** Ends it for the local participant. */
  leave(): Promise<void>;
  /**
   * After leaving: whether nobody is there any more. Two who leave at once each see the other there, and
   * so does who leaves while another's app dies: the server is asked for a while, and not once more after
   * `signal`. False also if it cannot be asked.
   */
  deserted(signal: AbortSignal): Promise<boolean>;
}

/** What a backend hands out for one meeting of LiveKit. */
export interface LiveKitGrant {
  readonly provider: 'livekit';
  readonly token: string;
  readonly serverUrl: string;
  readonly identity: string;
  readonly room: string;
}

/** What a backend, the settings and the meeting say of one call of Stream. */
export interface StreamGrant {
  readonly provider: 'stream';
  readonly token: string;
  /** Public: says whose app it is. */
  readonly apiKey: string;
  readonly identity: string;
  /** What the others call the user; empty: as the server knows them. */
  readonly name: string;
  readonly callType: string;
  readonly callId: string;
  /** Makes the call where there is none yet. */
  readonly create: boolean;
  /** Of the coordinator; absent: Stream's own. */
  readonly baseUrl?: string;
}

export type JoinGrant = LiveKitGrant | StreamGrant;

/** Fetches a fresh grant each time: none is kept for later. */
export type GrantProvider<Grant extends JoinGrant = JoinGrant> = () => Promise<Grant>;

/** Where calls come from. */
export interface CallProvider<Grant extends JoinGrant = JoinGrant> {
  /** The only way to a {@link ConnectedUser}, and so to a call: connect first, then join. */
  connectUser(grants: GrantProvider<Grant>, signal?: AbortSignal): Promise<ConnectedUser>;
}

/** Somebody whose grant is there and valid. */
export interface ConnectedUser {
  readonly identity: string;
  /**
   * Joins the call that the grant is for. Rejects when `signal` is aborted, and then nobody is left
   * there for others to see.
   */
  join(media: LocalMedia, signal?: AbortSignal): Promise<Call>;
  /** Gives the connection up; a call that was joined with it is left. */
  close(): Promise<void>;
}

/** Something failed that the user is told of: `code` is one of the error table. */
export class CallError extends Error {
  readonly code: string;
  readonly detail: string | undefined;
  /** Another try may help, also where others of this code stay. */
  readonly passes: boolean;

  constructor(code: string, detail?: string, passes = false) {
    super(detail === undefined ? code : `${code}: ${detail}`);
    this.name = 'CallError';
    this.code = code;
    this.detail = detail;
    this.passes = passes;
  }
}
