/**
 * What the adapter uses of Stream's SDK, so that a build without the SDK has something to be checked
 * against, and tests know all that a double has to do. With the SDK installed the compiler compares
 * it with the SDK's own types, where `connection.ts` makes a client.
 */

import type { TrackSource } from '../model';
import { SOURCES } from '../sources';

/** RxJS's observable. */
export interface Flow<T> {
  subscribe(next: (value: T) => void): { unsubscribe(): void };
}

/** Tracks as the media server numbers them. */
export const TRACK_TYPES = { microphone: 1, camera: 2, screen: 3, 'screen-audio': 4 } as const;
export type SdkTrackType = (typeof TRACK_TYPES)[TrackSource];

export function sourceOf(type: number): TrackSource | undefined {
  return SOURCES.find((source) => TRACK_TYPES[source] === type);
}

export type SdkState =
  | 'unknown'
  | 'idle'
  | 'ringing'
  | 'joining'
  | 'joined'
  | 'left'
  | 'reconnecting'
  | 'migrating'
  | 'reconnecting-failed'
  | 'offline';

/** One connection of a user. */
export interface SdkParticipant {
  readonly sessionId: string;
  readonly userId: string;
  readonly name: string;
  readonly publishedTracks: readonly number[];
  readonly pausedTracks?: readonly number[] | undefined;
  readonly isLocalParticipant?: boolean | undefined;
  readonly isSpeaking: boolean;
  readonly audioLevel: number;
  /** 0 unknown, 1 poor, 2 good, 3 excellent. */
  readonly connectionQuality: number;
  readonly audioStream?: MediaStream | undefined;
  readonly videoStream?: MediaStream | undefined;
  readonly screenShareStream?: MediaStream | undefined;
  readonly screenShareAudioStream?: MediaStream | undefined;
}

interface SdkUser {
  readonly id: string;
  readonly name?: string | undefined;
}

/** Events of media server and coordinator that are listened to, by name. */
export interface SdkEvents {
  /** 1 ended, 2 live ended, 3 kicked, 4 session ended. */
  callEnded: { readonly reason: number };
  error: {
    readonly error?: { readonly code: number; readonly message: string } | undefined;
    readonly reconnectStrategy: number;
  };
  /** `cause`: 1 by themselves, 2 permission revoked, 3 moderation. */
  trackUnpublished: {
    readonly sessionId: string;
    readonly type: number;
    readonly cause: number;
  };
  'call.ended': { readonly call_cid: string };
  'call.blocked_user': { readonly call_cid: string; readonly user: SdkUser };
  'call.kicked_user': { readonly call_cid: string; readonly user: SdkUser };
  'call.reaction_new': {
    readonly call_cid: string;
    readonly reaction: {
      readonly emoji_code?: string | undefined;
      readonly custom?: Readonly<Record<string, unknown>> | undefined;
      readonly user: SdkUser;
    };
  };
  'call.permission_request': {
    readonly call_cid: string;
    readonly permissions: readonly string[];
    readonly user: SdkUser;
  };
  /** Of any user of the call's. */
  'call.permissions_updated': {
    readonly call_cid: string;
    readonly own_capabilities: readonly string[];
    readonly user: SdkUser;
  };
  'call.closed_caption': {
    readonly call_cid: string;
    /** The user is who speaks. */
    readonly closed_caption: {
      readonly id: string;
      readonly text: string;
      readonly translated?: boolean;
      readonly user: SdkUser;
    };
  };
  custom: {
    readonly call_cid: string;
    readonly custom: Readonly<Record<string, unknown>>;
    readonly user: SdkUser;
  };
}

/** A peer connection of the SDK's. */
export interface SdkConnection {
  getStats(of?: MediaStreamTrack): Promise<RTCStatsReport>;
}

/** That by which one publishes. */
export interface SdkPublisher extends SdkConnection {
  /** Those that are on a sender. */
  getPublishedTracks(): MediaStreamTrack[];
}

export interface SdkCallState {
  readonly callingState: SdkState;
  readonly callingState$: Flow<SdkState>;
  readonly rawParticipants: readonly SdkParticipant[];
  readonly rawParticipants$: Flow<readonly SdkParticipant[]>;
  readonly ownCapabilities: readonly string[];
  readonly ownCapabilities$: Flow<readonly string[]>;
  /** Of the call as one picture, of each participant by themselves, and of what is sent, as it is. */
  readonly recording$: Flow<boolean>;
  readonly individualRecording$: Flow<boolean>;
  readonly rawRecording$: Flow<boolean>;
  readonly captioning$: Flow<boolean>;
}

export interface SdkCall {
  readonly cid: string;
  readonly state: SdkCallState;
  readonly publisher?: SdkPublisher | undefined;
  readonly subscriber?: SdkConnection | undefined;
  readonly camera: { disable(): Promise<void> };
  readonly microphone: {
    disable(): Promise<void>;
    disableSpeakingWhileMutedNotification(): Promise<void>;
  };
  readonly audioBindingsWatchdog: { setEnabled(enabled: boolean): void } | undefined;
  readonly permissionsContext: { canRequest(permission: PublishPermission): boolean };
  /** The SDK's own leaves go through this property of the call. */
  leave: (options?: { readonly message?: string }) => Promise<void>;
  on<E extends keyof SdkEvents>(event: E, listener: (event: SdkEvents[E]) => void): () => void;
  join(options: {
    readonly create: boolean;
    readonly maxJoinRetries: number;
    readonly joinResponseTimeout: number;
  }): Promise<void>;
  publish(stream: MediaStream, type: SdkTrackType): Promise<void>;
  stopPublish(...types: SdkTrackType[]): Promise<void>;
  bindVideoElement(
    element: HTMLVideoElement,
    sessionId: string,
    type: 'videoTrack' | 'screenShareTrack',
  ): (() => void) | undefined;
  setViewport(element: HTMLElement): (() => void) | undefined;
  setPreferredIncomingVideoResolution(
    size: { width: number; height: number } | undefined,
    sessionIds: string[],
  ): void;
  sendCustomEvent(payload: Record<string, unknown>): Promise<unknown>;
  sendReaction(reaction: {
    type: string;
    emoji_code: string;
    custom: Record<string, unknown>;
  }): Promise<unknown>;
  requestPermissions(request: { permissions: PublishPermission[] }): Promise<unknown>;
  grantPermissions(userId: string, permissions: PublishPermission[]): Promise<unknown>;
  revokePermissions(userId: string, permissions: PublishPermission[]): Promise<unknown>;
  muteUser(userId: string, type: SdkMuteType): Promise<unknown>;
  kickUser(request: { user_id: string }): Promise<unknown>;
  endCall(): Promise<unknown>;
  startRecording(): Promise<unknown>;
  /** Without a kind: of the call as one picture. */
  stopRecording(kind?: SdkRecordingKind): Promise<unknown>;
  startClosedCaptions(): Promise<unknown>;
  stopClosedCaptions(): Promise<unknown>;
}

export type SdkRecordingKind = 'composite' | 'individual' | 'raw';
export type SdkMuteType = 'audio' | 'video' | 'screenshare' | 'screenshare_audio';
export type PublishPermission = 'send-audio' | 'send-video' | 'screenshare';

export interface SdkClient {
  connectUser(user: { id: string; name?: string }, token: () => Promise<string>): Promise<unknown>;
  disconnectUser(timeoutMs?: number): Promise<void>;
  call(type: string, id: string): SdkCall;
}

export interface SdkClientOptions {
  readonly apiKey: string;
  readonly options: {
    readonly baseURL?: string;
    readonly locationHintUrl?: string;
    readonly maxConnectUserRetries: number;
    readonly clientEventsReportingEnabled: boolean;
    readonly devicePersistence: { readonly enabled: boolean };
    readonly logOptions: {
      readonly default: {
        readonly level: 'warn';
        readonly sink: (level: string, message: string, ...data: unknown[]) => void;
      };
    };
  };
}

export interface Sdk {
  readonly StreamVideoClient: new (options: SdkClientOptions) => SdkClient;
}
