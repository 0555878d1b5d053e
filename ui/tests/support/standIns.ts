import { vi } from 'vitest';

import { Listeners } from '../../src/call/listeners';
import type {
  Attachment,
  Call,
  CallEvent,
  CallState,
  ChatMessage,
  ConnectionQuality,
  LiveKitGrant,
  Measurement,
  Participant,
  Rights,
  Statistics,
  TrackSource,
  TrackView,
} from '../../src/call/model';
import type { MissedRing } from '../../src/app/missed.svelte';
import type { Failure } from '../../src/errors/failure';
import type {
  AccountState,
  Diagnosis,
  Explained,
  HistoryEntry,
  Meeting,
  MeetingSession,
  SessionsState,
} from '../../src/platform/platform';

/** As the user's file has it. */
export function setting(
  key: Explained['key'],
  value: Explained['value'],
  more: Partial<Explained> = {},
): Explained {
  return {
    key,
    value,
    layer: 'user',
    source: '',
    locked: false,
    editable: true,
    applies: 'now',
    afterRestart: false,
    ignored: [],
    ...more,
  };
}

type Quality = NonNullable<HistoryEntry['quality']>;

export const meeting: Meeting = {
  id: 'm1',
  provider: 'livekit',
  room: 'tea',
  title: 'Tea time',
  serverUrl: 'wss://media.test',
  source: 'dev',
  session: null,
};

export const grant: LiveKitGrant = {
  provider: 'livekit',
  token: 'a.b.c',
  serverUrl: 'wss://media.test',
  identity: 'me',
  room: 'tea',
};

/** No backend, unless a test says so. */
export function accountState(more: Partial<AccountState> = {}): AccountState {
  return {
    backend: null,
    user: null,
    ways: { paste: true, link: true, browser: true },
    kept: 'keyring',
    waiting: false,
    fault: null,
    ...more,
  };
}

export const backend = { profile: 'convex', title: 'Fixers', host: 'fixers.test' };
export const signedIn = accountState({ backend, user: { id: 'u1', name: 'Dana Ortiz' } });

export function meetingSession(id: string, more: Partial<MeetingSession> = {}): MeetingSession {
  return {
    id,
    offerId: 'offer',
    requestId: 'request',
    requesterId: 'amina',
    offererId: 'u1',
    callId: id,
    status: 'active',
    createdAt: Date.now(),
    endedAt: null,
    title: `Piano ${id}`,
    otherParty: 'Amina',
    role: 'offerer',
    ...more,
  };
}

export function sessionsState(
  sessions: MeetingSession[] | null = null,
  more: Partial<SessionsState> = {},
): SessionsState {
  return {
    sessions,
    ringing: [],
    missed: [],
    ringtone: false,
    answeredElsewhere: [],
    fault: null,
    ...more,
  };
}

/** What the home screen shows and can do, before anything was heard. */
export function homeView() {
  return {
    busy: false,
    version: '1.2.3',
    ownName: '',
    begin: undefined as (() => Promise<void>) | undefined,
    recent: [] as readonly HistoryEntry[],
    missed: [] as readonly MissedRing[],
    dismissMissed: vi.fn<(id: string) => void>(),
    account: {
      state: undefined as AccountState | undefined,
      failure: undefined as Failure | undefined,
      busy: false,
      signInPaste: vi.fn<(text: string) => Promise<boolean>>().mockResolvedValue(true),
      signInBrowser: vi.fn<() => Promise<boolean>>().mockResolvedValue(true),
      signInLink: vi.fn<() => Promise<boolean>>().mockResolvedValue(true),
      cancel: vi.fn<() => Promise<void>>().mockResolvedValue(),
      signOut: vi.fn<() => Promise<boolean>>().mockResolvedValue(true),
    },
    signOutAndErase: vi.fn<() => Promise<void>>().mockResolvedValue(),
    sessions: undefined as SessionsState | undefined,
    openInput: vi.fn<(input: string) => Promise<void>>().mockResolvedValue(),
    openSession: vi.fn<(id: string) => Promise<void>>().mockResolvedValue(),
    cancelSession: vi.fn<(id: string) => Promise<void>>().mockResolvedValue(),
    openScreen: vi.fn<(name: 'history' | 'settings') => void>(),
  };
}

/** What a test says of a participant. */
interface Seen extends Partial<Record<TrackSource, TrackView | undefined>> {
  readonly name?: string;
  readonly local?: boolean;
  readonly speaking?: boolean;
  readonly level?: number;
  readonly quality?: ConnectionQuality;
  readonly handRaised?: number;
}

const SOURCES: ReadonlySet<string> = new Set(['microphone', 'camera', 'screen', 'screen-audio']);

/** A participant who is as a test says. */
export class Someone implements Participant {
  readonly id: string;
  name: string;
  local = false;
  tracks: Participant['tracks'] = { microphone: { muted: false, paused: false } };
  speaking = false;
  level = 0;
  quality: ConnectionQuality = 'unknown';
  handRaised: number | undefined;
  volume = 1;
  readonly setVolume = vi.fn<Participant['setVolume']>();
  readonly attachment = { resize: vi.fn<Attachment['resize']>(), end: vi.fn<Attachment['end']>() };
  readonly attach = vi.fn<Participant['attach']>(() => this.attachment);
  readonly #listeners = new Listeners();

  constructor(
    readonly identity: string,
    seen: Seen,
  ) {
    this.id = `of ${identity}`;
    this.name = identity;
    this.change(seen);
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Tracks that are given as undefined are published no longer. */
  change(seen: Seen): void {
    const tracks = new Map(Object.entries(this.tracks));
    for (const [key, value] of Object.entries(seen)) {
      if (!SOURCES.has(key)) Object.assign(this, { [key]: value as unknown });
      else if (value === undefined) tracks.delete(key);
      else tracks.set(key, value as TrackView);
    }
    this.tracks = Object.fromEntries(tracks);
    this.#listeners.tell();
  }
}

export const someone = (identity: string, seen: Seen = {}): Someone => new Someone(identity, seen);

/** Nothing is known, unless a test says so. */
export function measurement(more: Partial<Measurement> = {}): Measurement {
  return {
    roundTripMs: undefined,
    packetsReceived: undefined,
    packetsLost: undefined,
    receivedHeight: undefined,
    freezes: undefined,
    frozenMs: undefined,
    ...more,
  };
}

export function statistics(totals: Measurement = measurement()): Statistics {
  return { now: measurement(), participants: new Map(), totals, flows: [] };
}

/** A call that is in whatever state a test puts it. */
export class ShownCall implements Call {
  state: CallState = { kind: 'connected' };
  participants: readonly Participant[] = [someone('me', { local: true })];
  speakers: readonly Participant[] = [];
  messages: readonly ChatMessage[] = [];
  since: number | undefined;
  problem: Call['problem'];
  asked: Call['asked'] = [];
  requests: Call['requests'] = [];
  rights: Rights = {};
  recording = false;
  captioning = false;
  captions: Call['captions'] = [];
  audioBlocked = false;
  readonly enable = vi.fn<Call['enable']>().mockResolvedValue();
  readonly decline = vi.fn<Call['decline']>();
  readonly unblockAudio = vi.fn<Call['unblockAudio']>().mockResolvedValue();
  readonly sendMessage = vi.fn<Call['sendMessage']>().mockResolvedValue();
  readonly resend = vi.fn<Call['resend']>().mockResolvedValue();
  readonly sendFile = vi.fn<Call['sendFile']>().mockResolvedValue();
  readonly fetchFile = vi.fn<Call['fetchFile']>().mockResolvedValue();
  readonly cancelFile = vi.fn<Call['cancelFile']>().mockResolvedValue();
  readonly react = vi.fn<Call['react']>().mockResolvedValue();
  readonly raiseHand = vi.fn<Call['raiseHand']>().mockResolvedValue();
  readonly mute = vi.fn<Call['mute']>().mockResolvedValue();
  readonly remove = vi.fn<Call['remove']>().mockResolvedValue();
  readonly answer = vi.fn<Call['answer']>().mockResolvedValue();
  readonly endForAll = vi.fn<Call['endForAll']>().mockResolvedValue();
  readonly record = vi.fn<Call['record']>().mockResolvedValue();
  readonly caption = vi.fn<Call['caption']>().mockResolvedValue();
  readonly statistics = vi.fn<Call['statistics']>().mockResolvedValue(statistics());
  readonly leave = vi.fn<Call['leave']>().mockResolvedValue();
  readonly deserted = vi.fn<Call['deserted']>().mockResolvedValue(false);
  readonly #listeners = new Listeners();
  readonly #events = new Listeners<[CallEvent]>();

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  listen(listener: (event: CallEvent) => void): () => void {
    return this.#events.add(listener);
  }

  change(more: Partial<Pick<Call, Shown>>): void {
    Object.assign(this, more);
    this.#listeners.tell();
  }

  tell(event: CallEvent): void {
    this.#events.tell(event);
  }

  get listenerCount(): number {
    return this.#listeners.size + this.#events.size;
  }
}

type Shown =
  | 'state'
  | 'participants'
  | 'messages'
  | 'since'
  | 'asked'
  | 'requests'
  | 'rights'
  | 'recording'
  | 'captioning'
  | 'captions'
  | 'audioBlocked';

export function quality(more: Partial<Quality> = {}): Quality {
  return {
    reconnections: 0,
    roundTripMs: 40,
    lossPercent: 0.2,
    receivedHeight: 720,
    freezes: 0,
    frozenMs: 0,
    ...more,
  };
}

export function entry(more: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    id: 1,
    title: 'Tea time',
    room: 'tea',
    provider: 'livekit',
    profile: null,
    sessionId: null,
    participants: ['Amina'],
    startedAt: 1_795_255_200_000,
    endedAt: 1_795_255_200_000 + 25 * 60_000,
    endReason: 'left',
    quality: null,
    ...more,
  };
}

/** Of a token for LiveKit that is good for another five minutes. */
export function diagnosis(more: Partial<Diagnosis> = {}): Diagnosis {
  const now = Date.now() / 1000;
  return {
    healthy: true,
    kind: 'livekit',
    algorithm: 'HS256',
    key: 'devkey',
    identity: 'ann',
    name: null,
    room: 'tea',
    issuedAt: now - 300,
    notBefore: null,
    expiresAt: now + 310,
    secondsLeft: 310,
    grants: [
      { name: 'roomJoin', given: true, allows: 'join the room' },
      { name: 'roomAdmin', given: false, allows: 'mute and remove others' },
    ],
    findings: [],
    ...more,
  };
}
