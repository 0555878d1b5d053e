import type { Written } from '../../src/call/chat';
import type { FileSaid, Leaving } from './otherSide';
import type {
  CallError,
  ConnectionQuality,
  JoinGrant,
  Switchable,
  TrackSource,
} from '../../src/call/model';
import type { Picture } from '../../src/call/person';
import type { Counted } from '../../src/call/receptionStatistics';
import type { Audible } from '../../src/call/remoteSound';

/** As W3C's statistics call it. */
export const kindOf = (source: TrackSource): 'audio' | 'video' =>
  source === 'camera' || source === 'screen' ? 'video' : 'audio';

/** A track of one of the others. */
export class MemoryTrack implements Audible, Counted, Picture {
  muted = false;
  paused = false;
  counts: Readonly<Record<string, number>> = {};
  readonly elements = new Set<HTMLMediaElement>();

  constructor(
    readonly identity: string,
    readonly source: TrackSource,
  ) {}

  attach(element: HTMLMediaElement): void {
    this.elements.add(element);
  }

  detach(element: HTMLMediaElement): void {
    this.elements.delete(element);
  }

  show(element: HTMLVideoElement): ReturnType<Picture['show']> {
    this.attach(element);
    return { resize: () => undefined, end: () => this.detach(element) };
  }

  getRTCStatsReport(): Promise<RTCStatsReport> {
    const kind = kindOf(this.source);
    const entry = { id: 'in', type: 'inbound-rtp', kind, ...this.counts };
    return Promise.resolve(new Map([['in', entry]]) as unknown as RTCStatsReport);
  }
}

/** One of the others. */
export interface Member {
  /** Another one with each connection. */
  connection: string;
  readonly identity: string;
  readonly name: string;
  readonly tracks: Map<TrackSource, MemoryTrack>;
  quality: ConnectionQuality;
  hand: number | undefined;
}

/** What the user may do. */
export interface Permitted {
  readonly sources: readonly TrackSource[];
  readonly chat: boolean;
  readonly hand: boolean;
}

/** What a call in memory knows of its server, and does there. */
export interface MemoryState {
  readonly members: ReadonlyMap<string, Member>;
  /** Identities, the loudest first. */
  readonly speaking: readonly string[];
  readonly recording: boolean;
  readonly permitted: Permitted;
  /** What the others ask to be allowed, and what was said to that. */
  readonly requests: readonly { readonly identity: string; readonly source: Switchable }[];
  readonly answers: string[];
  readonly moderated: string[];
  readonly written: Written[];
  readonly fileWords: FileSaid[];
  readonly files: Leaving[];
  readonly reactions: string[];
  ownHand: number | undefined;
  readonly deaf: boolean;
  /** With what the user joined, each time. */
  readonly joins: JoinGrant[];
  readonly refusal: CallError | undefined;
  readonly gate: Promise<void> | undefined;
  /** What is found out about who is still there after the user has left. */
  readonly deserted: Promise<boolean>;
  asking: AbortSignal | undefined;
  nextConnection(): string;
  mute(identity: string, source: TrackSource, muted: boolean): void;
  depart(identity: string): void;
  record(on: boolean): void;
  ask(identity: string, source: Switchable, asks?: boolean): void;
}
