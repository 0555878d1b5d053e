import { vi } from 'vitest';

import type { Call, CallState, ChatMessage, Participant } from '../../src/call/model';
import type { HistoryEntry, Meeting } from '../../src/platform/platform';

type Quality = NonNullable<HistoryEntry['quality']>;

export const meeting: Meeting = {
  provider: 'livekit',
  room: 'tea',
  title: 'Tea time',
  serverUrl: 'wss://media.test',
  source: 'dev',
  session: null,
};

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

/** A call that is in whatever state a test puts it. */
export class ShownCall implements Call {
  state: CallState = { kind: 'connected' };
  participants: readonly Participant[] = [someone('me', { local: true })];
  messages: readonly ChatMessage[] = [];
  since: number | undefined;
  problem: Call['problem'];
  readonly setMicrophoneEnabled = vi.fn<Call['setMicrophoneEnabled']>().mockResolvedValue();
  readonly setCameraEnabled = vi.fn<Call['setCameraEnabled']>().mockResolvedValue();
  readonly useDevice = vi.fn<Call['useDevice']>().mockResolvedValue();
  readonly sendMessage = vi.fn<Call['sendMessage']>().mockResolvedValue();
  readonly leave = vi.fn<Call['leave']>().mockResolvedValue();
  readonly #listeners = new Set<() => void>();

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(more: Partial<Pick<Call, 'state' | 'participants' | 'messages' | 'since'>>): void {
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
