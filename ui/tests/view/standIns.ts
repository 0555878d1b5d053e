import { vi } from 'vitest';

import type { Call, CallState, ChatMessage, Measurement, Participant } from '../../src/call/model';
import type { Failure } from '../../src/errors/failure';
import type {
  AccountState,
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
    ringtone: false,
    answeredElsewhere: [],
    fault: null,
    ...more,
  };
}

/** What the home screen asks for, before anything was heard. */
export function homeApp() {
  return {
    busy: false,
    version: '1.2.3',
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
    meetings: { state: undefined as SessionsState | undefined },
    open: vi.fn<(input: string) => Promise<void>>().mockResolvedValue(),
    joinSession: vi.fn<(id: string) => Promise<void>>().mockResolvedValue(),
    cancelSession: vi.fn<(id: string) => Promise<void>>().mockResolvedValue(),
    doctor: vi.fn<() => void>(),
  };
}

export function someone(identity: string, more: Partial<Participant> = {}): Participant {
  return {
    identity,
    name: identity,
    local: false,
    microphone: { muted: false, paused: false },
    camera: undefined,
    speaking: false,
    showCamera: () => () => undefined,
    ...more,
  };
}

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

/** A call that is in whatever state a test puts it. */
export class ShownCall implements Call {
  state: CallState = { kind: 'connected' };
  participants: readonly Participant[] = [someone('me', { local: true })];
  messages: readonly ChatMessage[] = [];
  since: number | undefined;
  problem: Call['problem'];
  asked: Call['asked'] = [];
  readonly setMicrophoneEnabled = vi.fn<Call['setMicrophoneEnabled']>().mockResolvedValue();
  readonly setCameraEnabled = vi.fn<Call['setCameraEnabled']>().mockResolvedValue();
  readonly decline = vi.fn<Call['decline']>();
  readonly sendMessage = vi.fn<Call['sendMessage']>().mockResolvedValue();
  readonly measure = vi.fn<Call['measure']>().mockResolvedValue(measurement());
  readonly leave = vi.fn<Call['leave']>().mockResolvedValue();
  readonly #listeners = new Set<() => void>();

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(
    more: Partial<Pick<Call, 'state' | 'participants' | 'messages' | 'since' | 'asked'>>,
  ): void {
    Object.assign(this, more);
    for (const listener of [...this.#listeners]) listener();
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }
}

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
