import { Chat } from '../../src/call/chat';
import { comeBack, type End } from '../../src/call/comeBack';
import { Listeners } from '../../src/call/listeners';
import {
  CallError,
  type Call,
  type CallEvent,
  type CallState,
  type ChatMessage,
  type GrantProvider,
  type InputRole,
  type JoinGrant,
  type LocalMedia,
  type Participant,
  type Rights,
  type Statistics,
  type Switchable,
  type TrackSource,
  type TrackView,
} from '../../src/call/model';
import { Pace } from '../../src/call/pace';
import { ownPicture, type Picture } from '../../src/call/person';
import { emojiOf, REACTIONS } from '../../src/call/reactions';
import { Reception } from '../../src/call/reception';
import { Roster, type Presence } from '../../src/call/roster';
import { Scope } from '../../src/call/scope';
import { Sound } from '../../src/call/sound';
import type { Sent } from '../contract/otherSide';
import type { Member, MemoryServer, MemoryTrack } from './memory';

const SOURCES = ['microphone', 'camera', 'screen', 'screen-audio'] as const;

/** A call on a server in memory, made of what all adapters are made of. */
export class MemoryCall implements Call {
  state: CallState = { kind: 'connecting' };
  since: number | undefined;
  problem: CallError | undefined;
  asked: readonly InputRole[] = [];
  captioning = false;
  /** The user is there for others to see. */
  standing = false;

  readonly #server: MemoryServer;
  readonly #grants: GrantProvider;
  readonly #media: LocalMedia;
  readonly #life = new Scope();
  readonly #listeners = new Listeners();
  readonly #events = new Listeners<[CallEvent]>();
  readonly #roster = new Roster(this.#life);
  readonly #chat = new Chat(
    () => this.#listeners.tell(),
    this.#life,
    (text) => this.#post(() => this.#server.messages.push(text)),
  );
  readonly #reception = new Reception();
  readonly #sound: Sound;
  readonly #pace = new Pace(REACTIONS.burst, REACTIONS.period);
  readonly #here = new Set<MemoryTrack>();
  #connection = '';
  #speakers: readonly Participant[] = [];

  constructor(server: MemoryServer, grants: GrantProvider, media: LocalMedia) {
    this.#server = server;
    this.#grants = grants;
    this.#media = media;
    this.#sound = new Sound(this.#life, media.speaker);
    this.#life.add(media.subscribe(() => this.#followMedia()));
    this.#life.add(this.#roster.changed.add(() => this.#listeners.tell()));
    this.#life.add(this.#roster.happened.add((event) => this.#events.tell(event)));
    this.#life.add(this.#roster.volumeChanged.add(() => this.#sound.retune()));
    this.#life.add(this.#sound.changed.add(() => this.#listeners.tell()));
  }

  get participants(): readonly Participant[] {
    return this.#roster.participants;
  }
  get speakers(): readonly Participant[] {
    return this.#speakers;
  }
  get messages(): readonly ChatMessage[] {
    return this.#chat.messages;
  }
  get recording(): boolean {
    return this.#server.recording;
  }
  get audioBlocked(): boolean {
    return this.#sound.blocked;
  }
  get rights(): Rights {
    const { sources, chat } = this.#server.permitted;
    const rights: { -readonly [Action in keyof Rights]: Rights[Action] } = {};
    for (const source of ['microphone', 'camera', 'screen'] as const)
      if (!sources.includes(source)) rights[source] = 'grant';
    if (!chat) rights.chat = rights.react = 'grant';
    if (!('getDisplayMedia' in navigator.mediaDevices)) rights.screen = 'webview';
    return rights;
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  listen(listener: (event: CallEvent) => void): () => void {
    return this.#events.add(listener);
  }

  async join(grant: JoinGrant, signal?: AbortSignal): Promise<void> {
    const abort = (): void => void this.leave();
    signal?.addEventListener('abort', abort);
    try {
      if (signal?.aborted === true) abort();
      await this.#connect(grant);
    } catch (thrown) {
      this.finish({ reason: 'connection-lost' });
      throw thrown;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async enable(source: Switchable, enabled: boolean): Promise<void> {
    if (this.#life.ended) return;
    if (source !== 'screen') this.decline(source);
    if (enabled && this.rights[source] !== undefined) throw new CallError('token-publish-missing');
    await this.#media.enable(source, enabled);
  }

  decline(role: InputRole): void {
    if (!this.asked.includes(role)) return;
    this.asked = this.asked.filter((each) => each !== role);
    this.#listeners.tell();
  }

  unblockAudio(): Promise<void> {
    return this.#sound.unblock();
  }

  async sendMessage(text: string): Promise<void> {
    const me = this.#roster.me;
    if (me !== undefined) await this.#chat.send(me, text);
  }

  resend(id: number): Promise<void> {
    return this.#chat.resend(id);
  }

  async react(emoji: string): Promise<void> {
    await this.#post(() => this.#server.reactions.push(emoji));
    const participant = this.#roster.me;
    if (participant) this.#events.tell({ kind: 'reaction', participant, emoji });
  }

  async raiseHand(raised: boolean): Promise<void> {
    await this.#post(() => (this.#server.ownHand = raised ? Date.now() : undefined));
    this.update();
  }

  mute(participant: Participant, source: TrackSource): Promise<void> {
    this.#server.mute(participant.identity, source, true);
    return Promise.resolve();
  }

  remove(participant: Participant): Promise<void> {
    this.#server.depart(participant.identity);
    return Promise.resolve();
  }

  endForAll(): Promise<void> {
    this.finish({ reason: 'ended' });
    return Promise.resolve();
  }

  record(on: boolean): Promise<void> {
    this.#server.record(on);
    return Promise.resolve();
  }

  caption(on: boolean): Promise<void> {
    this.captioning = on;
    this.#listeners.tell();
    return Promise.resolve();
  }

  statistics(): Promise<Statistics> {
    return this.#reception.statistics([]);
  }

  leave(): Promise<void> {
    this.finish({ reason: 'left' });
    return Promise.resolve();
  }

  /** What the others get of a source. */
  sent(source: TrackSource): Sent {
    const { track, enabled } = this.#media.input(source);
    const may = this.#server.permitted.sources.includes(source);
    if (!this.standing || !may || track?.readyState !== 'live') return 'nothing';
    return enabled && track.enabled ? 'live' : 'silence';
  }

  received({ identity, name }: Member, text: string): void {
    this.#chat.received({ identity, name }, new TextEncoder().encode(text));
  }

  reacted({ connection, identity }: Member, text: string): void {
    const emoji = emojiOf(text);
    const participant = this.#roster.of(connection);
    if (participant === undefined || emoji === undefined || !this.#pace.take(identity)) return;
    this.#events.tell({ kind: 'reaction', participant, emoji });
  }

  captioned({ connection }: Member, text: string): void {
    this.captioning = true;
    this.#listeners.tell();
    this.#events.tell({ kind: 'caption', participant: this.#roster.of(connection), text });
  }

  /** The server has given or taken rights. */
  permit(): void {
    for (const role of ['microphone', 'camera', 'screen'] as const) {
      if (this.rights[role] !== 'grant') continue;
      if (role !== 'screen' && this.#media.input(role).enabled)
        this.problem = new CallError('token-publish-missing');
      this.#off(role);
    }
    if (this.#server.permitted.sources.includes('camera')) this.problem = undefined;
    this.update();
    this.#listeners.tell();
  }

  /** The host's. */
  wish(role: InputRole, on: boolean): void {
    this.decline(role);
    if (on) this.asked = [...this.asked, role];
    else this.#off(role);
    this.#listeners.tell();
  }

  interrupted(broken: boolean): void {
    this.#become({ kind: broken ? 'reconnecting' : 'connected' });
  }

  broken(): void {
    this.standing = false;
    this.#become({ kind: 'reconnecting' });
    const again = async (): Promise<void> => {
      const grant = await this.#grants();
      if (!this.#life.ended) await this.#connect(grant);
    };
    void comeBack(this.#life, again, () => new CallError('internal')).then((end) => {
      if (end !== undefined) this.finish(end);
    });
  }

  finish(end: End): void {
    if (this.state.kind === 'disconnected') return;
    this.state = { kind: 'disconnected', ...end };
    this.standing = false;
    this.#follow([]);
    this.#life.end();
    this.#listeners.tell();
  }

  /** Anything on the server is another. */
  update(): void {
    if (this.#life.ended || this.#connection === '') return;
    if (!this.standing) {
      this.#follow([]);
      this.#speakers = [];
      this.#roster.alone(this.#me());
      return;
    }
    const members = [...this.#server.members.values()];
    this.#roster.update(this.#me(), members.map(presenceOf(this.#server)));
    this.#follow(members.flatMap(({ tracks }) => [...tracks.values()]));
    this.#speakers = this.#server.speaking.flatMap((identity) => {
      return this.participants.filter((each) => each.identity === identity);
    });
    this.#listeners.tell();
  }

  async #connect(grant: JoinGrant): Promise<void> {
    this.#server.joins.push(grant);
    await this.#server.gate;
    if (this.#life.ended) throw new CallError('connection-lost');
    if (this.#server.refusal !== undefined) throw this.#server.refusal;
    this.#connection = this.#server.nextConnection();
    this.standing = true;
    this.asked = [];
    this.since ??= Date.now();
    this.permit();
    this.#become({ kind: 'connected' });
  }

  #become(state: Exclude<CallState, { kind: 'disconnected' }>): void {
    if (this.#life.ended) return;
    this.state = state;
    this.update();
    this.#listeners.tell();
  }

  /** The others do not get something of the user's. */
  trouble(code: string | undefined): void {
    this.problem = code === undefined ? undefined : new CallError(code);
    this.#listeners.tell();
  }

  #off(source: Switchable): void {
    if (!this.#media.input(source).enabled) return;
    this.#events.tell({ kind: 'moderated', source });
    this.#media.enable(source, false).catch(() => undefined);
  }

  async #post(done: () => unknown): Promise<void> {
    await Promise.resolve();
    if (!this.standing || this.#server.deaf) throw new CallError('connection-lost');
    done();
  }

  #followMedia(): void {
    void this.#sound.useSpeaker(this.#media.speaker);
    for (const role of this.asked) {
      const { track, enabled } = this.#media.input(role);
      if (track !== undefined && enabled) this.decline(role);
    }
    this.update();
  }

  /** What is published is heard and counted. */
  #follow(tracks: readonly MemoryTrack[]): void {
    for (const track of [...this.#here]) {
      if (tracks.includes(track)) continue;
      this.#here.delete(track);
      this.#sound.stop(track);
      this.#reception.end(track);
    }
    for (const track of tracks) {
      if (this.#here.has(track)) continue;
      this.#here.add(track);
      const from = (): Participant | undefined =>
        this.participants.find(({ identity }) => identity === track.identity);
      this.#reception.begin(track, () => from()?.id);
      if (track.source === 'microphone' || track.source === 'screen-audio')
        this.#sound.play(track, () => from()?.volume ?? 1);
    }
  }

  #me(): Presence {
    const tracks: Partial<Record<TrackSource, TrackView>> = {};
    const pictures: Partial<Record<'camera' | 'screen', Picture>> = {};
    for (const source of SOURCES) {
      const { track, enabled } = this.#media.input(source);
      if (track === undefined || !this.#server.permitted.sources.includes(source)) continue;
      tracks[source] = { muted: !enabled, paused: false };
      if (source === 'camera' || source === 'screen') pictures[source] = ownPicture(track);
    }
    return {
      connection: this.#connection,
      identity: 'me',
      name: 'Me',
      tracks,
      pictures,
      speaking: this.#server.speaking.includes('me'),
      quality: 'unknown',
      handRaised: this.#server.ownHand,
    };
  }
}

const presenceOf =
  ({ speaking }: MemoryServer) =>
  ({ connection, identity, name, tracks, quality, hand }: Member): Presence => {
    const views: Partial<Record<TrackSource, TrackView>> = {};
    for (const [source, { muted, paused }] of tracks) views[source] = { muted, paused };
    const camera = tracks.get('camera');
    const screen = tracks.get('screen');
    return {
      connection,
      identity,
      name,
      tracks: views,
      pictures: { ...(camera && { camera }), ...(screen && { screen }) },
      speaking: speaking.includes(identity),
      quality,
      handRaised: hand,
    };
  };
