import { BaseCall } from '../../src/call/base';
import type { Written } from '../../src/call/chat';
import { offerOf, type FileWire, type FileWord } from '../../src/call/files';
import {
  CallError,
  type CallState,
  type GrantProvider,
  type JoinGrant,
  type LocalMedia,
  type Participant,
  type PermissionRequest,
  type Rights,
  type Statistics,
  type Switchable,
  type TrackSource,
  type TrackView,
} from '../../src/call/model';
import { Pace } from '../../src/call/pace';
import { ownPicture, type Picture } from '../../src/call/person';
import { emojiOf, REACTIONS } from '../../src/call/reactions';
import type { Presence } from '../../src/call/roster';
import { isInput, SOURCES } from '../../src/call/sources';
import type { Member, MemoryState, MemoryTrack } from './memoryState';
import type { Said, Sent } from './otherSide';

/** A call on a server in memory, made of what all adapters are made of. */
export class MemoryCall extends BaseCall {
  /** The user is there for others to see. */
  standing = false;

  readonly #server: MemoryState;
  readonly #grants: GrantProvider;
  readonly #pace = new Pace(REACTIONS.burst, REACTIONS.period);
  readonly #here = new Set<MemoryTrack>();
  #connection = '';

  constructor(server: MemoryState, grants: GrantProvider, media: LocalMedia) {
    super(media);
    this.#server = server;
    this.#grants = grants;
    this.life.add(() => {
      this.standing = false;
      this.#hear([]);
    });
  }

  get rights(): Rights {
    const { sources, chat, hand } = this.#server.permitted;
    const rights: { -readonly [Action in keyof Rights]: Rights[Action] } = {};
    for (const source of ['microphone', 'camera', 'screen'] as const)
      if (!sources.includes(source)) rights[source] = 'grant';
    if (!chat)
      rights.chat = rights.react = rights['write-privately'] = rights['send-files'] = 'grant';
    if (!hand) rights['raise-hand'] = 'grant';
    if (!('getDisplayMedia' in navigator.mediaDevices)) rights.screen = 'webview';
    return rights;
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

  mute(participant: Participant, source: TrackSource): Promise<void> {
    this.#server.moderated.push(`mute ${participant.identity} ${source}`);
    this.#server.mute(participant.identity, source, true);
    return Promise.resolve();
  }

  remove(participant: Participant): Promise<void> {
    this.#server.moderated.push(`remove ${participant.identity}`);
    this.#server.depart(participant.identity);
    return Promise.resolve();
  }

  answer({ participant, source }: PermissionRequest, granted: boolean): Promise<void> {
    this.#server.answers.push(`${granted ? 'allow' : 'deny'} ${participant.identity} ${source}`);
    this.#server.ask(participant.identity, source, false);
    return Promise.resolve();
  }

  endForAll(): Promise<void> {
    this.#server.moderated.push('end');
    this.finish({ reason: 'ended' });
    return Promise.resolve();
  }

  record(on: boolean): Promise<void> {
    this.#server.moderated.push(on ? 'record' : 'record no more');
    this.#server.record(on);
    return Promise.resolve();
  }

  caption(on: boolean): Promise<void> {
    this.#server.moderated.push(on ? 'caption' : 'caption no more');
    this.captioning = on;
    this.tell();
    return Promise.resolve();
  }

  statistics(): Promise<Statistics> {
    return this.reception.statistics([]);
  }

  leave(): Promise<void> {
    this.finish({ reason: 'left' });
    return Promise.resolve();
  }

  deserted(signal: AbortSignal): Promise<boolean> {
    this.#server.asking = signal;
    return this.#server.deserted;
  }

  protected post(written: Written): Promise<void> {
    return this.#carry(() => this.#server.written.push(written));
  }

  protected readonly wire: FileWire = {
    say: ({ kind, key }, to) => this.#carry(() => this.#server.fileWords.push({ kind, key, to })),
    open: async (key, _, to) => {
      const leaving = { key, to, parts: [] as Uint8Array[], closed: false };
      await this.#carry(() => this.#server.files.push(leaving));
      return {
        write: (part) => this.#carry(() => leaving.parts.push(part)),
        close: () => this.#carry(() => (leaving.closed = true)),
      };
    },
  };

  protected postReaction(emoji: string): Promise<void> {
    return this.#carry(() => this.#server.reactions.push(emoji));
  }

  protected showHand(): Promise<void> {
    return this.#carry(() => (this.#server.ownHand = this.hand));
  }

  protected follow(): Promise<void> {
    return Promise.resolve();
  }

  protected want(): boolean {
    // There is nobody to ask.
    return false;
  }

  protected followMedia(): void {
    // Whatever is on, the others have.
  }

  /** What the others get of a source. */
  sent(source: TrackSource): Sent {
    const { track, enabled } = this.input(source);
    const may = this.#server.permitted.sources.includes(source);
    if (!this.standing || !may || track?.readyState !== 'live') return 'nothing';
    return enabled && track.enabled ? 'live' : 'silence';
  }

  received({ identity, name }: Member, text: string, about: Said): void {
    const file = about.file && offerOf(JSON.stringify(about.file));
    this.chat.received({ identity, name }, text, { ...about, file });
  }

  saidOfFile({ identity }: Member, word: FileWord): void {
    this.files.heard(word, identity);
  }

  arrives({ identity }: Member, key: string, parts: AsyncIterable<Uint8Array>): void {
    void this.files.arrives(key, identity, parts);
  }

  reacted({ connection, identity }: Member, text: string): void {
    const emoji = emojiOf(text);
    const participant = this.roster.of(connection);
    if (participant === undefined || emoji === undefined || !this.#pace.take(identity)) return;
    this.events.tell({ kind: 'reaction', participant, emoji });
  }

  captioned(identity: string, name: string, text: string, interim?: string): void {
    this.captioning = true;
    const local = identity === 'me';
    const segment = interim ?? text;
    const final = interim === undefined;
    this.spoken.heard({ identity, name, local, segment, text, final });
    this.tell();
  }

  /** The server has given or taken rights. */
  permit(): void {
    for (const role of ['microphone', 'camera', 'screen'] as const) {
      if (this.rights[role] !== 'grant') continue;
      if (isInput(role) && this.media.input(role).enabled)
        this.problem = new CallError('token-publish-missing');
      this.switchOff(role, true, true);
    }
    if (this.#server.permitted.sources.includes('camera')) this.problem = undefined;
    this.update();
    this.tell();
  }

  /** The host's. */
  wish(source: TrackSource, on: boolean): void {
    if (!on) this.switchOff(source, true);
    else if (isInput(source)) {
      this.decline(source);
      this.asked = [...this.asked, source];
      this.tell();
    }
  }

  interrupted(broken: boolean): void {
    this.become({ kind: broken ? 'reconnecting' : 'connected' });
  }

  broken(): void {
    this.standing = false;
    const again = async (): Promise<void> => {
      const grant = await this.#grants();
      if (!this.left()) await this.#connect(grant);
    };
    void this.comeBack(again, () => new CallError('internal'));
  }

  /** The server's. */
  over(reason: Extract<CallState, { kind: 'disconnected' }>['reason']): void {
    this.finish({ reason });
  }

  /** Anything on the server is another. */
  override update(): void {
    if (this.left() || this.#connection === '') return;
    if (!this.standing) {
      this.#hear([]);
      this.speakers = [];
      this.roster.alone(this.#me());
      return;
    }
    const members = [...this.#server.members.values()];
    this.roster.update(this.#me(), members.map(presenceOf(this.#server)));
    this.#hear(members.flatMap(({ tracks }) => [...tracks.values()]));
    this.speak(
      this.#server.speaking.flatMap((identity) =>
        this.participants.filter((each) => each.identity === identity),
      ),
    );
    this.recording = this.#server.recording;
    this.requests = this.#server.requests.flatMap(({ identity, source }) =>
      this.participants
        .filter((each) => each.identity === identity)
        .map((participant) => this.#request(participant, source)),
    );
    this.tell();
  }

  async #connect(grant: JoinGrant): Promise<void> {
    this.#server.joins.push(grant);
    await this.#server.gate;
    if (this.left()) throw new CallError('connection-lost');
    if (this.#server.refusal !== undefined) throw this.#server.refusal;
    this.#connection = this.#server.nextConnection();
    this.standing = true;
    this.asked = [];
    this.since ??= Date.now();
    this.permit();
    this.become({ kind: 'connected' });
  }

  /** The others do not get something of the user's. */
  trouble(code: string | undefined): void {
    this.problem = code === undefined ? undefined : new CallError(code);
    this.tell();
  }

  /** The same one for as long as it stands. */
  #request(participant: Participant, source: Switchable): PermissionRequest {
    const known = this.requests.find(
      (each) => each.participant === participant && each.source === source,
    );
    return known ?? { participant, source };
  }

  async #carry(done: () => unknown): Promise<void> {
    await Promise.resolve();
    if (!this.standing || this.#server.deaf) throw new CallError('connection-lost');
    done();
  }

  /** What is published is heard and counted. */
  #hear(tracks: readonly MemoryTrack[]): void {
    for (const track of [...this.#here]) {
      if (tracks.includes(track)) continue;
      this.#here.delete(track);
      this.sound.stop(track);
      this.reception.end(track);
    }
    for (const track of tracks) {
      if (this.#here.has(track)) continue;
      this.#here.add(track);
      const from = (): Participant | undefined =>
        this.participants.find(({ identity }) => identity === track.identity);
      this.reception.begin(track, () => from()?.id);
      if (track.source === 'microphone' || track.source === 'screen-audio')
        this.sound.play(track, () => from()?.volume ?? 1);
    }
  }

  #me(): Presence {
    const tracks: Partial<Record<TrackSource, TrackView>> = {};
    const pictures: Partial<Record<'camera' | 'screen', Picture>> = {};
    for (const source of SOURCES) {
      const { track, enabled } = this.input(source);
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
      level: levelOf('me', this.#server.speaking),
      quality: 'unknown',
      handRaised: this.hand,
    };
  }
}

/** The loudest as loud as can be, and each one after them less. */
const levelOf = (identity: string, speaking: readonly string[]): number =>
  speaking.includes(identity) ? 1 / (speaking.indexOf(identity) + 1) : 0;

const presenceOf =
  ({ speaking }: MemoryState) =>
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
      level: levelOf(identity, speaking),
      quality,
      handRaised: hand,
    };
  };
