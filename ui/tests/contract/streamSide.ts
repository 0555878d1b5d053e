import type { Written } from '../../src/call/chat';
import type {
  CallProvider,
  ConnectionQuality,
  PictureSource,
  Switchable,
  TrackSource,
} from '../../src/call/model';
import { stream } from '../../src/call/stream/provider';
import { TRACK_TYPES, type SdkParticipant } from '../../src/call/stream/sdk';
import { GRANT } from '../stream/joined';
import { EVERYTHING, newService, somebody, type FakeCall, type Service } from '../stream/service';
import { kindOf } from '../support/memoryState';
import type { OtherSide, Perceived, Said, Sent } from '../support/otherSide';

const QUALITIES: readonly ConnectionQuality[] = ['unknown', 'poor', 'good', 'excellent'];
const STREAMS = {
  microphone: 'audioStream',
  camera: 'videoStream',
  screen: 'screenShareStream',
  'screen-audio': 'screenShareAudioStream',
} as const;
const CAPABILITIES = {
  microphone: 'send-audio',
  camera: 'send-video',
  screen: 'screenshare',
  'screen-audio': 'screenshare',
} as const;
/** `callEnded`, `reason`. */
const ENDS = { ended: 1, removed: 3 } as const;

/** Somebody else, with what they publish. */
interface Other {
  identity: string;
  session: string;
  facts: Partial<SdkParticipant>;
}

/** Stream's adapter on the double of its SDK. */
export class StreamSide implements OtherSide {
  readonly provider = stream as CallProvider;
  readonly world: Service = newService();
  issued = 0;
  readonly #others: Other[] = [];
  #sessions = 0;
  #me: Partial<SdkParticipant> = {};
  readonly #streams: { readonly identity: string; source: TrackSource; stream: MediaStream }[] = [];

  readonly grants = (): Promise<typeof GRANT> => {
    this.issued += 1;
    return Promise.resolve({ ...GRANT, identity: 'me', name: 'Me' });
  };

  get joined(): boolean {
    return this.#call?.state.callingState === 'joined';
  }

  refuse(code: string | undefined): void {
    const { world } = this;
    const thrown =
      (error: object): (() => Promise<never>) | undefined =>
      () =>
        Promise.reject(new Error(JSON.stringify(error)));
    world.joining =
      code === 'room-full'
        ? (call) => {
            const error = { code: 301, message: 'full' };
            call.emit('error', { error, reconnectStrategy: 1 });
            return new Promise(() => undefined);
          }
        : undefined;
    world.connecting =
      code === 'token-expired'
        ? thrown({ code: 40 })
        : code === 'server-unreachable-refused'
          ? thrown({ code: 1006 })
          : undefined;
  }

  hold(): () => void {
    let release = (): void => undefined;
    this.world.gate = new Promise((resolve) => (release = resolve));
    return release;
  }

  arrive(identity: string, name = ''): void {
    this.#others.push({ identity, session: this.#session(identity), facts: { name } });
    this.#show();
  }

  depart(identity: string): void {
    this.#others.splice(this.#others.indexOf(this.#of(identity)), 1);
    this.#show();
  }

  rejoin(identity: string): void {
    const { name = '' } = this.#of(identity).facts;
    this.depart(identity);
    this.arrive(identity, name);
  }

  publish(identity: string, source: TrackSource): void {
    const kind = source === 'camera' || source === 'screen' ? 'video' : 'audio';
    const track = { kind, readyState: 'live', stats: [] } as unknown as MediaStreamTrack;
    const media = new MediaStream([track]);
    this.#streams.push({ identity, source, stream: media });
    this.#change(identity, ({ publishedTracks = [] }) => ({
      publishedTracks: [...publishedTracks, TRACK_TYPES[source]],
      [STREAMS[source]]: media,
    }));
  }

  unpublish(identity: string, source: TrackSource): void {
    this.#change(identity, ({ publishedTracks = [] }) => ({
      publishedTracks: publishedTracks.filter((type) => type !== TRACK_TYPES[source]),
      [STREAMS[source]]: undefined,
    }));
  }

  mute(identity: string, source: TrackSource, muted: boolean): void {
    if (muted) this.unpublish(identity, source);
    else this.publish(identity, source);
  }

  pause(identity: string, source: TrackSource, paused: boolean): void {
    this.#change(identity, () => ({ pausedTracks: paused ? [TRACK_TYPES[source]] : [] }));
  }

  count(identity: string, source: TrackSource, counts: Readonly<Record<string, number>>): void {
    const known = this.#streams.findLast(
      (each) => each.identity === identity && each.source === source,
    );
    const [track] = known?.stream.getTracks() ?? [];
    Object.assign(track ?? {}, {
      stats: [{ id: source, type: 'inbound-rtp', kind: kindOf(source), ...counts }],
    });
  }

  speak(...identities: string[]): void {
    const facts = (identity: string): Partial<SdkParticipant> => {
      const at = identities.indexOf(identity);
      return { isSpeaking: at >= 0, audioLevel: at >= 0 ? 1 / (at + 1) : 0 };
    };
    this.#me = facts('me');
    for (const other of this.#others) Object.assign(other.facts, facts(other.identity));
    this.#show();
  }

  quality(identity: string, quality: ConnectionQuality): void {
    this.#change(identity, () => ({ connectionQuality: QUALITIES.indexOf(quality) }));
  }

  hand(identity: string, raised: number | undefined): void {
    this.#custom(identity, { type: 'salon.hand', raised: raised ?? null });
  }

  say(identity: string, text: string, { key = text, replyTo }: Said = {}): void {
    this.#custom(identity, { type: 'salon.chat', id: key, part: 0, of: 1, text, reply: replyTo });
  }

  react(identity: string, emoji: string): void {
    const reaction = { emoji_code: emoji, user: { id: identity } };
    this.world.call.emit('call.reaction_new', { call_cid: this.world.call.cid, reaction });
  }

  caption(identity: string, text: string): void {
    this.world.call.record(false, true);
    const name = identity === 'me' ? 'me' : this.#of(identity).facts.name;
    const closed_caption = { id: text, text, user: { id: identity, name } };
    this.world.call.emit('call.closed_caption', { call_cid: this.world.call.cid, closed_caption });
  }

  record(on: boolean): void {
    this.world.recording = on;
    this.#call?.record(on, false);
  }

  readonly fileWords = [];
  readonly files = [];

  sayOfFile(): void {
    throw new Error('there are no files on Stream');
  }

  sendFile(): void {
    throw new Error('there are no files on Stream');
  }

  get messages(): string[] {
    return this.written.map(({ text }) => text);
  }

  get written(): Written[] {
    return this.#events('salon.chat').map(({ id, text, reply }) => ({
      key: String(id),
      text: String(text),
      replyTo: typeof reply === 'string' ? reply : undefined,
      to: undefined,
    }));
  }

  get reactions(): string[] {
    const asked = this.world.calls.flatMap((call) => call.asked);
    return asked.flatMap((each) =>
      Array.isArray(each) && each[0] === 'react' ? [String(each[1])] : [],
    );
  }

  get ownHand(): number | undefined {
    const raised = this.#events('salon.hand').at(-1)?.['raised'];
    return typeof raised === 'number' ? raised : undefined;
  }

  deafen(deaf: boolean): void {
    this.world.answering = deaf ? () => Promise.reject(new Error('Network Error')) : undefined;
  }

  sent(source: TrackSource): Sent {
    const track = this.#call?.published.get(TRACK_TYPES[source]);
    return this.joined && track?.readyState === 'live' ? 'live' : 'nothing';
  }

  shown(element: HTMLVideoElement): Perceived<PictureSource> | undefined {
    const [session = '', type] = this.#call?.bound.get(element)?.split(' ') ?? [];
    const identity = session.split('/')[0] ?? '';
    if (identity === '') return undefined;
    return { identity, source: type === 'videoTrack' ? 'camera' : 'screen' };
  }

  get heard(): Perceived[] {
    const playing = [...document.querySelectorAll('audio')].map(({ srcObject }) => srcObject);
    return this.#streams.filter((each) => playing.includes(each.stream));
  }

  permit(sources: readonly TrackSource[]): Promise<void> {
    const publishing: readonly string[] = Object.values(CAPABILITIES);
    const others = EVERYTHING.filter((each) => !publishing.includes(each));
    this.world.call.permit(...others, ...sources.map((source) => CAPABILITIES[source]));
    return Promise.resolve();
  }

  ask(identity: string, source: Switchable): void {
    const { call } = this.world;
    const permissions = [CAPABILITIES[source]];
    call.emit('call.permission_request', {
      call_cid: call.cid,
      permissions,
      user: { id: identity },
    });
  }

  get answers(): string[] {
    const said = { grant: 'allow', revoke: 'deny' } as const;
    return this.world.calls
      .flatMap((call) => call.asked)
      .flatMap((each) => {
        const [what, identity, permission] = Array.isArray(each) ? (each as string[]) : [];
        const source = Object.entries(CAPABILITIES).find(([, name]) => name === permission)?.[0];
        return what === 'grant' || what === 'revoke'
          ? [`${said[what]} ${identity ?? ''} ${source ?? ''}`]
          : [];
      });
  }

  get moderated(): string[] {
    const sources = { audio: 'microphone', video: 'camera' } as const;
    return this.world.calls
      .flatMap((call) => call.asked)
      .flatMap((each) => {
        const [what, of, kind] = Array.isArray(each) ? (each as [string, unknown, unknown]) : [''];
        if (what === 'mute') return [`mute ${String(of)} ${sources[kind as keyof typeof sources]}`];
        if (what === 'kick') return [`remove ${(of as { user_id: string }).user_id}`];
        return /^(record|caption)( no more)?$|^end$/.test(what) ? [what] : [];
      });
  }

  host(source: TrackSource): Promise<void> {
    const { call } = this.world;
    call.published.delete(TRACK_TYPES[source]);
    const by = { sessionId: call.sessionId, type: TRACK_TYPES[source], cause: 3 };
    call.emit('trackUnpublished', by);
    return Promise.resolve();
  }

  interrupt(): void {
    this.world.call.become('reconnecting');
  }

  mend(): void {
    this.world.call.become('joined');
  }

  breakOff(): void {
    this.world.call.become('reconnecting-failed');
  }

  end(reason: string): void {
    const number = reason === 'removed' ? ENDS.removed : ENDS.ended;
    this.world.call.emit('callEnded', { reason: number });
  }

  get #call(): FakeCall | undefined {
    return this.world.calls.at(-1);
  }

  #session(identity: string): string {
    this.#sessions += 1;
    return `${identity}/${this.#sessions}`;
  }

  #of(identity: string): Other {
    const other = this.#others.find((each) => each.identity === identity);
    if (other === undefined) throw new Error(`${identity} is not there`);
    return other;
  }

  #change(
    identity: string,
    change: (facts: Partial<SdkParticipant>) => Partial<SdkParticipant>,
  ): void {
    const { facts } = this.#of(identity);
    Object.assign(facts, change(facts));
    this.#show();
  }

  /** To whoever is in, and whoever comes. */
  #show(): void {
    this.world.people = this.#others.map(({ session, facts }) => somebody(session, facts));
    const call = this.#call;
    if (call === undefined) return;
    call.others(...this.world.people);
    call.me(this.#me);
  }

  #custom(identity: string, custom: Record<string, unknown>): void {
    const { session, facts } = this.#of(identity);
    this.world.call.emit('custom', {
      call_cid: this.world.call.cid,
      custom: { own: 'another app', connection: session, ...custom },
      user: { id: identity, name: facts.name },
    });
  }

  #events(type: string): Record<string, unknown>[] {
    const asked = this.world.calls.flatMap((call) => call.asked);
    return asked.filter(
      (each): each is Record<string, unknown> =>
        typeof each === 'object' && each !== null && 'type' in each && each.type === type,
    );
  }
}
