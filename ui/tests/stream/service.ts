import { vi } from 'vitest';

import type {
  Flow,
  Sdk,
  SdkCall,
  SdkCallState,
  SdkClient,
  SdkClientOptions,
  SdkConnection,
  SdkEvents,
  SdkParticipant,
  SdkPublisher,
  SdkRecordingKind,
  SdkState,
  SdkTrackType,
} from '../../src/call/stream/sdk';

/**
 * Stream's service in memory, behind classes that stand in for the SDK's: what the adapter is tested
 * against. It does what the SDK does at its surface, also the awkward parts: a call that was left
 * says nowhere why, and one that was joined anew has forgotten what was published.
 */

/** RxJS's subject that tells its value to whoever subscribes. */
class Value<T> implements Flow<T> {
  readonly #listeners = new Set<(value: T) => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  get size(): number {
    return this.#listeners.size;
  }

  subscribe(next: (value: T) => void): { unsubscribe(): void } {
    this.#listeners.add(next);
    next(this.#value);
    return { unsubscribe: () => void this.#listeners.delete(next) };
  }
}

/** A stream of one track, as far as it is looked at. */
class FakeStream {
  readonly #tracks: MediaStreamTrack[];

  constructor(tracks: MediaStreamTrack[] = []) {
    this.#tracks = tracks;
  }

  getTracks = (): MediaStreamTrack[] => this.#tracks;
  getAudioTracks = (): MediaStreamTrack[] => this.#tracks.filter(({ kind }) => kind === 'audio');
  getVideoTracks = (): MediaStreamTrack[] => this.#tracks.filter(({ kind }) => kind === 'video');
}

/** What a device of the user's gives. */
export const ownTrack = (kind: 'audio' | 'video'): MediaStreamTrack =>
  new FakeTrack(kind) as unknown as MediaStreamTrack;

/** What arrives of somebody else, with statistics. */
export function remoteStream(kind: 'audio' | 'video', stats: object[] = []): MediaStream {
  const track = { kind, readyState: 'live', stats };
  return new FakeStream([track as unknown as MediaStreamTrack]) as unknown as MediaStream;
}

/** As far as the SDK uses it: it sends copies. */
class FakeTrack {
  readonly kind: string;
  /** What this is a copy of. */
  readonly of: MediaStreamTrack | undefined;
  readyState = 'live';
  enabled = true;

  constructor(kind: string, of?: MediaStreamTrack) {
    this.kind = kind;
    this.of = of;
  }

  clone(): FakeTrack {
    const copy = new FakeTrack(this.kind, this as unknown as MediaStreamTrack);
    current.copies.push(copy);
    return copy;
  }

  stop(): void {
    this.readyState = 'ended';
  }
}

const NEEDED: Readonly<Record<SdkTrackType, string>> = {
  1: 'send-audio',
  2: 'send-video',
  3: 'screenshare',
  4: 'screenshare',
};

export const EVERYTHING = [
  ...['send-audio', 'send-video', 'screenshare', 'create-reaction', 'mute-users', 'kick-user'],
  ...['update-call-permissions', 'end-call', 'start-record-call', 'stop-record-call'],
  ...['start-closed-captions-call', 'stop-closed-captions-call'],
];

export function somebody(sessionId: string, more: Partial<SdkParticipant> = {}): SdkParticipant {
  return {
    sessionId,
    userId: sessionId.split('/')[0] ?? '',
    name: '',
    publishedTracks: [],
    isSpeaking: false,
    audioLevel: 0,
    connectionQuality: 0,
    ...more,
  };
}

type Listener = (event: never) => void;

export class FakeCall implements SdkCall {
  readonly cid: string;
  publisher: SdkPublisher | undefined;
  subscriber: SdkConnection | undefined;
  /** That of which the others get a copy, by the type. */
  readonly published = new Map<SdkTrackType, MediaStreamTrack>();
  /** All that was to be published. */
  readonly given: MediaStream[] = [];
  /** What is open for that, also where the others get nothing of it. */
  readonly clones = new Map<SdkTrackType, object>();
  /** The copies that are on a sender. */
  readonly #sent = new Map<SdkTrackType, MediaStreamTrack>();
  /** Those that were stopped, in order. */
  readonly stopped: SdkTrackType[] = [];
  readonly binds: ('bind' | 'unbind')[] = [];
  readonly bound = new Map<HTMLVideoElement, string>();
  readonly preferred = new Map<string, unknown>();
  /** What was asked of the server. */
  readonly asked: unknown[] = [];
  /** What the SDK's own managers were told. */
  readonly told: string[] = [];
  leaves = 0;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #service: Service;
  readonly #user: string;
  readonly #calling = new Value<SdkState>('idle');
  readonly #people = new Value<readonly SdkParticipant[]>([]);
  readonly #capabilities: Value<readonly string[]>;
  readonly recordings = {
    composite: new Value(current.recording),
    individual: new Value(false),
    raw: new Value(false),
  } as const;
  readonly #captioning = new Value(false);
  readonly state: SdkCallState;
  readonly audioBindingsWatchdog = { setEnabled: (on: boolean) => this.#tell(`watchdog ${on}`) };
  readonly permissionsContext = { canRequest: () => this.#service.mayRequest };
  readonly camera = { disable: () => this.#done('camera off') };
  readonly microphone = {
    disable: () => this.#done('microphone off'),
    disableSpeakingWhileMutedNotification: () => this.#done('no listening while muted'),
  };

  constructor(service: Service, user: string, cid: string) {
    this.#service = service;
    this.#user = user;
    this.cid = cid;
    this.#capabilities = new Value(service.capabilities);
    const calling = this.#calling;
    const people = this.#people;
    const capabilities = this.#capabilities;
    this.state = {
      callingState$: calling,
      rawParticipants$: people,
      ownCapabilities$: capabilities,
      recording$: this.recordings.composite,
      individualRecording$: this.recordings.individual,
      rawRecording$: this.recordings.raw,
      captioning$: this.#captioning,
      get callingState() {
        return calling.value;
      },
      get rawParticipants() {
        return people.value;
      },
      get ownCapabilities() {
        return capabilities.value;
      },
    };
  }

  /** Those who listen. */
  get listenerCount(): number {
    const sets = [...this.#listeners.values()].map(({ size }) => size);
    const flows = [this.#calling, this.#people, this.#capabilities];
    const recordings = Object.values(this.recordings);
    return [...sets, ...[...flows, ...recordings].map(({ size }) => size)].reduce(
      (sum, size) => sum + size,
      0,
    );
  }

  get sessionId(): string {
    return this.#people.value.find((each) => each.isLocalParticipant === true)?.sessionId ?? '';
  }

  on<E extends keyof SdkEvents>(event: E, listener: (event: SdkEvents[E]) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set.add(listener));
    return () => void set.delete(listener);
  }

  emit<E extends keyof SdkEvents>(event: E, value: SdkEvents[E]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(value as never);
  }

  join = async (): Promise<void> => {
    this.become('joining');
    await this.#service.gate;
    await this.#service.joining?.(this);
    this.#connect();
    this.become('joined');
  };

  leave = (options?: { readonly message?: string }): Promise<void> => {
    this.leaves += 1;
    if (this.state.callingState === 'left')
      return Promise.reject(new Error('Cannot leave call that has already been left.'));
    this.asked.push(['leave', options?.message]);
    this.become('left');
    return Promise.resolve();
  };

  /** As the SDK leaves by itself. */
  leaveByItself(message: string): void {
    void this.leave({ message });
  }

  become(state: SdkState): void {
    this.#calling.value = state;
  }

  /** The connection breaks and is mended: the same one, or one made anew. */
  mend(how: 'fast' | 'rejoin' | 'migrate'): void {
    this.become(how === 'migrate' ? 'migrating' : 'reconnecting');
    if (how !== 'fast') this.#connect(how === 'rejoin');
    this.become('joined');
  }

  /** The SDK makes its connection anew. */
  renew(): void {
    this.#connect();
  }

  others(...others: readonly SdkParticipant[]): void {
    this.#people.value = [this.#people.value[0] ?? somebody(this.#user), ...others];
  }

  me(more: Partial<SdkParticipant>): void {
    const [me = somebody(this.#user), ...others] = this.#people.value;
    this.#people.value = [{ ...me, ...more }, ...others];
  }

  permit(...capabilities: string[]): void {
    this.#capabilities.value = capabilities;
  }

  record(recording: boolean, captioning: boolean): void {
    this.recordings.composite.value = recording;
    this.#captioning.value = captioning;
  }

  publish = async (stream: MediaStream, type: SdkTrackType): Promise<void> => {
    this.given.push(stream);
    const [track] = type === 1 || type === 4 ? stream.getAudioTracks() : stream.getVideoTracks();
    if (track?.readyState === 'ended') throw new Error("Can't publish ended tracks.");
    // Open and on a sender from now on, whatever becomes of the rest.
    const clone = { track };
    let copy: MediaStreamTrack | undefined;
    if (this.#capabilities.value.includes(NEEDED[type]) && track !== undefined) {
      this.clones.set(type, clone);
      this.#sent.get(type)?.stop();
      this.#sent.set(type, (copy = track.clone()));
    }
    await this.#service.publishing?.();
    if (this.state.callingState !== 'joined') throw new Error('Call not joined yet.');
    if (!this.#capabilities.value.includes(NEEDED[type]))
      throw new Error(`No permission to publish ${type}`);
    // Of a clone that was ended meanwhile the others get nothing.
    const { of: own } = (copy ?? {}) as { of?: MediaStreamTrack };
    if (own !== undefined && this.clones.get(type) === clone) this.published.set(type, own);
  };

  stopPublish = (...types: SdkTrackType[]): Promise<void> => {
    for (const type of types) {
      this.published.delete(type);
      this.clones.delete(type);
      this.#sent.get(type)?.stop();
      this.#sent.delete(type);
    }
    this.stopped.push(...types);
    return Promise.resolve();
  };

  bindVideoElement = (element: HTMLVideoElement, sessionId: string, type: string): (() => void) => {
    this.bound.set(element, `${sessionId} ${type}`);
    this.binds.push('bind');
    this.#retell();
    return () => {
      this.bound.delete(element);
      this.binds.push('unbind');
      this.#retell();
    };
  };

  setViewport = (): undefined => undefined;

  setPreferredIncomingVideoResolution = (size: unknown, [sessionId = '']: string[]): void => {
    this.preferred.set(sessionId, size);
  };

  sendCustomEvent = async (custom: Record<string, unknown>): Promise<void> => {
    await this.#service.answering?.();
    if (new TextEncoder().encode(JSON.stringify(custom)).length > 5_120)
      throw Object.assign(new Error('custom event is too big'), { code: 4, status: 400 });
    this.asked.push(custom);
    // One's own come back.
    this.emit('custom', { call_cid: this.cid, custom, user: { id: this.#user } });
  };

  sendReaction = (reaction: { emoji_code: string; custom: Record<string, unknown> }) => {
    this.emit('call.reaction_new', {
      call_cid: this.cid,
      reaction: { ...reaction, user: { id: this.#user } },
    });
    return this.#ask('react', reaction.emoji_code);
  };

  requestPermissions = (request: object) => this.#ask('permissions', request);
  grantPermissions = (user: string, [permission]: string[]) => this.#ask('grant', user, permission);
  revokePermissions = (user: string, [permission]: string[]) =>
    this.#ask('revoke', user, permission);
  muteUser = (user: string, type: string) => this.#ask('mute', user, type);
  kickUser = (request: object) => this.#ask('kick', request);
  endCall = () => this.#ask('end');
  startRecording = () => this.#ask('record');
  stopRecording = (kind?: SdkRecordingKind) =>
    this.#ask('record no more', ...(kind === undefined ? [] : [kind]));
  startClosedCaptions = () => this.#ask('caption');
  stopClosedCaptions = () => this.#ask('caption no more');

  /** What is bound changes the size that is asked for, which is told at once. */
  #retell(): void {
    this.#people.value = [...this.#people.value];
  }

  #connect(anew = true): void {
    const getStats = (track?: MediaStreamTrack): Promise<RTCStatsReport> => {
      const { stats = [] } = (track ?? {}) as { stats?: object[] };
      return Promise.resolve(new Map(stats.entries()) as unknown as RTCStatsReport);
    };
    this.publisher = { getStats, getPublishedTracks: () => [...this.#sent.values()] };
    this.subscriber = { getStats };
    this.published.clear();
    this.clones.clear();
    // Forgotten, and open.
    this.#sent.clear();
    if (!anew) return;
    const me = somebody(`${this.#user}/${this.#service.sessions}`, { isLocalParticipant: true });
    this.#service.sessions += 1;
    this.#people.value = [me, ...(this.#service.people ?? this.#people.value.slice(1))];
  }

  async #ask(...what: unknown[]): Promise<void> {
    await this.#service.answering?.();
    this.asked.push(what);
  }

  #tell(what: string): void {
    this.told.push(what);
  }

  #done(what: string): Promise<void> {
    this.#tell(what);
    return Promise.resolve();
  }
}

class FakeClient implements SdkClient {
  readonly #service: Service;
  #user = '';

  constructor(service: Service, options: SdkClientOptions) {
    this.#service = service;
    service.clients.push(options);
  }

  connectUser = async (user: { id: string }, token: () => Promise<string>): Promise<void> => {
    this.#user = user.id;
    this.#service.token = token;
    this.#service.tokens.push(await token());
    await this.#service.connecting?.();
    this.#service.connected += 1;
  };

  disconnectUser = (): Promise<void> => {
    this.#service.disconnected += 1;
    return Promise.resolve();
  };

  call = (type: string, id: string): FakeCall => {
    const call = new FakeCall(this.#service, this.#user, `${type}:${id}`);
    this.#service.calls.push(call);
    return call;
  };
}

export class Service {
  readonly clients: SdkClientOptions[] = [];
  readonly calls: FakeCall[] = [];
  /** That were handed to the SDK. */
  readonly tokens: string[] = [];
  /** Asks for another one, as the SDK does when one has expired. */
  token: () => Promise<string> = () => Promise.reject(new Error('nobody is connected'));
  /** All copies that were made of the user's tracks. */
  readonly copies: { readonly kind: string; readonly readyState: string }[] = [];
  connected = 0;
  disconnected = 0;
  sessions = 0;
  /** Whom one finds when joining. */
  people: readonly SdkParticipant[] | undefined;
  capabilities: readonly string[] = EVERYTHING;
  mayRequest = false;
  /** Of whom one finds when joining. */
  recording = false;
  /** What joining waits for. */
  gate: Promise<void> | undefined;
  /** These reject where it is refused. */
  connecting: (() => Promise<void>) | undefined;
  joining: ((call: FakeCall) => Promise<void>) | undefined;
  publishing: (() => Promise<void>) | undefined;
  answering: (() => Promise<void>) | undefined;

  /** The kinds of those that are open. */
  get open(): string[] {
    const live = this.copies.filter(({ readyState }) => readyState === 'live');
    return live.map(({ kind }) => kind).sort();
  }

  get call(): FakeCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('there is no call');
    return call;
  }
}

let current = new Service();

export function newService(): Service {
  vi.stubGlobal('MediaStream', FakeStream);
  vi.stubGlobal('MediaStreamTrack', FakeTrack);
  current = new Service();
  return current;
}

/** In the SDK's place. */
export const sdk: Sdk = {
  StreamVideoClient: class extends FakeClient {
    constructor(options: SdkClientOptions) {
      super(current, options);
    }
  },
};
