/**
 * What a call is, whichever provider carries it.
 *
 * Three things are kept apart: _muted_ is what a participant announces to the others, _enabled_ is
 * the local switch that leads to it, _paused_ means that no data arrives although it should.
 */

/** Why a call is over. The strings are codes of the error table, except `left`. */
export type EndReason =
  'left' | 'removed' | 'ended' | 'duplicate-identity' | 'connection-lost' | ErrorCodeText;
type ErrorCodeText = string & {};

export type CallState =
  | { kind: 'connecting' }
  | { kind: 'connected' }
  /** The connection broke; it is being mended without the user's help. */
  | { kind: 'reconnecting' }
  | { kind: 'disconnected'; reason: EndReason };

/** A track's place in the call. */
export interface TrackView {
  readonly muted: boolean;
  /** Subscribed to, but nothing arrives. */
  readonly paused: boolean;
  /** Name of a format that cannot be shown here, such as `AV1`. */
  readonly unplayable?: string;
}

export interface Participant {
  /** Unique within the call. */
  readonly identity: string;
  readonly name: string;
  readonly local: boolean;
  /** Absent: no microphone published. */
  readonly microphone: TrackView | undefined;
  /** Absent: no camera published. */
  readonly camera: TrackView | undefined;
  readonly speaking: boolean;
  /**
   * Shows the camera in an element; the returned function ends that. It follows every change of the
   * camera; another function comes only with another connection, and then has to be called anew.
   */
  readonly showCamera: (element: HTMLVideoElement) => () => void;
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
}

export type InputRole = 'microphone' | 'camera';
export type DeviceRole = InputRole | 'speaker';

/** What a camera or microphone gives to a call. */
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
  input(role: InputRole): InputState;
  /** Resolves when it is as wanted; rejects if it was to be opened and cannot be. */
  enable(role: InputRole, enabled: boolean): Promise<void>;
  /** Output device id; empty: the system's default. */
  readonly speaker: string;
  /** Calls back after each change of any of the above. */
  subscribe(listener: () => void): () => void;
}

/** How a call goes. Counts are of all that was received since it began; absent: it is not known. */
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

/** A call that was joined. */
export interface Call {
  readonly state: CallState;
  /** The local participant first, then the others in the order of their coming. */
  readonly participants: readonly Participant[];
  readonly messages: readonly ChatMessage[];
  /** Milliseconds since 1970; undefined until connected for the first time. */
  readonly since: number | undefined;
  /** What last went wrong without ending the call, such as a camera that cannot be shown. */
  readonly problem: CallError | undefined;
  /** What the host asks to be switched on. Only the user can: it stays off until they do. */
  readonly asked: readonly InputRole[];
  /** Calls back after each change of any of the above. */
  subscribe(listener: () => void): () => void;
  setMicrophoneEnabled(enabled: boolean): Promise<void>;
  setCameraEnabled(enabled: boolean): Promise<void>;
  /** The user does not want what the host asked for. */
  decline(role: InputRole): void;
  sendMessage(text: string): Promise<void>;
  /** What ended keeps counting. Soon there, and never rejects. */
  measure(): Promise<Measurement>;
  /** Ends it for the local participant. */
  leave(): Promise<void>;
}

/** What a backend hands out for one meeting. */
export interface MeetingToken {
  readonly token: string;
  readonly serverUrl: string;
  readonly identity: string;
  readonly room: string;
}

/** Fetches a fresh token each time: none is kept for later. */
export type TokenProvider = () => Promise<MeetingToken>;

/** Where calls come from. */
export interface CallProvider {
  /** The only way to a {@link ConnectedUser}, and so to a call: connect first, then join. */
  connectUser(tokens: TokenProvider): Promise<ConnectedUser>;
}

/** Somebody whose token is there and valid. */
export interface ConnectedUser {
  readonly identity: string;
  /**
   * Joins the room that the token is for. Rejects when `signal` is aborted, and then nobody is left
   * there for others to see.
   */
  join(media: LocalMedia, signal?: AbortSignal): Promise<Call>;
}

/** Something failed that the user is told of: `code` is one of the error table. */
export class CallError extends Error {
  readonly code: string;
  readonly detail: string | undefined;

  constructor(code: string, detail?: string) {
    super(detail === undefined ? code : `${code}: ${detail}`);
    this.name = 'CallError';
    this.code = code;
    this.detail = detail;
  }
}
