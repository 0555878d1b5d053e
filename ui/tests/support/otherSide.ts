import type { Written } from '../../src/call/chat';
import type { FileOffer, FileWord } from '../../src/call/files';
import type {
  CallProvider,
  ConnectionQuality,
  EndReason,
  GrantProvider,
  PictureSource,
  Switchable,
  TrackSource,
} from '../../src/call/model';

/** What the others get of one of the user's own devices. */
export type Sent = 'nothing' | 'silence' | 'live';

/** What of whom is seen or heard. */
export interface Perceived<Source extends TrackSource = TrackSource> {
  readonly identity: string;
  readonly source: Source;
}

/** What others say of a message beside its text. */
export interface Said {
  readonly key?: string;
  readonly replyTo?: string;
  readonly private?: boolean;
  readonly file?: FileOffer;
}

/** What was said of files, and to whom; absent: to all. */
export type FileSaid = FileWord & { readonly to: string | undefined };

/** A file on its way to one of the others. */
export interface Leaving {
  readonly key: string;
  readonly to: string;
  readonly parts: Uint8Array[];
  closed: boolean;
}

/** The server and the others, as a test plays them: one for each provider. */
export interface OtherSide {
  readonly provider: CallProvider;
  /** A fresh grant each time. */
  readonly grants: GrantProvider;
  /** How many were handed out. */
  readonly issued: number;

  /** Whether the user is there for others to see. */
  readonly joined: boolean;
  /** What joining rejects with from now on: a code of the error table. */
  refuse(code: string | undefined): void;
  /** Holds joining up until the returned function is called. */
  hold(): () => void;

  arrive(identity: string, name?: string): void;
  depart(identity: string): void;
  /** They come back with another connection, as who joins anew. */
  rejoin(identity: string): void;
  publish(identity: string, source: TrackSource): void;
  unpublish(identity: string, source: TrackSource): void;
  mute(identity: string, source: TrackSource, muted: boolean): void;
  /** Nothing arrives of it, though it should. */
  pause(identity: string, source: TrackSource, paused: boolean): void;
  /** What is received of it: the counts of one `inbound-rtp` (W3C webrtc-stats). */
  count(identity: string, source: TrackSource, counts: Readonly<Record<string, number>>): void;
  /** The loudest first. */
  speak(...identities: string[]): void;
  quality(identity: string, quality: ConnectionQuality): void;
  /** Milliseconds since 1970. */
  hand(identity: string, raised: number | undefined): void;
  say(identity: string, text: string, about?: Said): void;
  /** One of the others says something of a file. */
  sayOfFile(identity: string, word: FileWord): void;
  /** They send what is in it. */
  sendFile(identity: string, key: string, parts: AsyncIterable<Uint8Array>): void;
  react(identity: string, emoji: string): void;
  /** Somebody's words are written down. */
  caption(identity: string, text: string): void;
  record(on: boolean): void;

  /** What reached the others. */
  readonly messages: readonly string[];
  /** The same, with what was said of them. */
  readonly written: readonly Written[];
  readonly fileWords: readonly FileSaid[];
  readonly files: readonly Leaving[];
  readonly reactions: readonly string[];
  readonly ownHand: number | undefined;
  /** Whether what the user sends reaches nobody. */
  deafen(deaf: boolean): void;
  sent(source: TrackSource): Sent;
  /** What of whom is shown in an element. */
  shown(element: HTMLVideoElement): Perceived<PictureSource> | undefined;
  /** What is heard of the others. */
  readonly heard: readonly Perceived[];

  /** The server allows to publish these only; `chat`: and to write, `hand`: and to raise a hand. */
  permit(sources: readonly TrackSource[], chat: boolean, hand?: boolean): Promise<void>;
  /** Asks whoever may give it for the permission to publish. */
  ask(identity: string, source: Switchable): void;
  /** What the user said to that, such as `allow bo microphone`. */
  readonly answers: readonly string[];
  /** What the user did to others or for all, such as `mute bo microphone`. */
  readonly moderated: readonly string[];
  /** Somebody with the right to it mutes the user, or wants them to be on. */
  host(source: TrackSource, muted: boolean): Promise<void>;

  /** The connection breaks and is mended by itself. */
  interrupt(): void;
  mend(): void;
  /** It is beyond mending: only joining anew helps. */
  breakOff(): void;
  end(reason: Exclude<EndReason, 'left' | 'connection-lost' | 'refused'>): void;
}
