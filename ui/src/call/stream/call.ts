import { isSameList } from '../../lib/lists';
import { Chat, LONGEST_MESSAGE } from '../chat';
import { comeBack, type End } from '../comeBack';
import { Listeners } from '../listeners';
import {
  CallError,
  type Call,
  type CallEvent,
  type CallState,
  type ChatMessage,
  type GrantProvider,
  type InputRole,
  type LocalMedia,
  type Participant,
  type PictureSource,
  type Rights,
  type Statistics,
  type StreamGrant,
  type Switchable,
  type TrackSource,
  type TrackView,
} from '../model';
import { ownPicture, type Picture } from '../person';
import { Roster, type Presence } from '../roster';
import { Scope } from '../scope';
import { captures, isInput, SOURCES } from '../sources';
import { Connection } from './connection';
import { actionError, joinError } from './errors';
import { knownOf, presenceOf, Seen } from './presence';
import { Publishing } from './publishing';
import { Receiving } from './receiving';
import { rightsOf } from './rights';
import { type SdkCall, type SdkMuteType, type SdkParticipant } from './sdk';
import { Signals } from './signals';
import { Stay } from './stay';

const MUTES: Readonly<Record<TrackSource, SdkMuteType>> = {
  microphone: 'audio',
  camera: 'video',
  screen: 'screenshare',
  'screen-audio': 'screenshare_audio',
};

/** What is known of oneself beside one's devices. */
type Me = ReturnType<typeof knownOf>;

/** A call that outlives the SDK's: when one is beyond mending, the user connects and joins anew. */
export class StreamCall implements Call {
  state: CallState = { kind: 'connecting' };
  speakers: readonly Participant[] = [];
  since: number | undefined;
  problem: CallError | undefined;
  asked: readonly InputRole[] = [];
  rights: Rights = rightsOf([], captures());
  recording = false;
  captioning = false;

  readonly #grants: GrantProvider<StreamGrant>;
  readonly #media: LocalMedia;
  readonly #listeners = new Listeners();
  readonly #events = new Listeners<[CallEvent]>();
  readonly #life = new Scope();
  readonly #roster = new Roster(this.#life);
  readonly #seen = new Seen();
  readonly #chat = new Chat(
    () => this.#listeners.tell(),
    this.#life,
    (text) => this.#say((sdk, me) => this.#signals.message(sdk, me.connection, text)),
  );
  readonly #signals = new Signals({
    message: (from, payload) => this.#chat.received(from, payload),
    reaction: ({ connection, identity }, emoji) => {
      const participant = this.#person(connection, identity);
      if (participant !== undefined) this.#events.tell({ kind: 'reaction', participant, emoji });
    },
    hand: (connection, identity, raised) => this.#raised(connection, identity, raised),
    caption: (identity, text) => {
      const participant = this.#person(undefined, identity);
      this.#events.tell({ kind: 'caption', participant, text });
    },
  });
  readonly #receiving: Receiving;
  /** When others raised their hands, by their connections. */
  readonly #hands = new Map<string, number>();
  #stay: Stay | undefined;
  #publishing: Publishing | undefined;
  /** Whether the stay's connection stands: otherwise the SDK's list of others is not to be believed. */
  #connected = false;
  #me: Me | undefined;
  /** As they were seen last by this stay. */
  #others: readonly Presence[] | undefined;
  #updating = false;
  /** Once more, after what is going on. */
  #again = false;
  /** When the user's hand was raised. */
  #hand: number | undefined;

  constructor(grants: GrantProvider<StreamGrant>, media: LocalMedia) {
    this.#grants = grants;
    this.#media = media;
    this.#receiving = new Receiving(this.#life, media.speaker, (connection) =>
      this.#roster.of(connection),
    );
    this.#life.add(media.subscribe(() => this.#followMedia()));
    this.#life.add(this.#roster.changed.add(() => this.#listeners.tell()));
    this.#life.add(this.#roster.happened.add((event) => this.#happened(event)));
    this.#life.add(this.#roster.volumeChanged.add(() => this.#receiving.retune()));
    this.#life.add(this.#receiving.changed.add(() => this.#listeners.tell()));
    // The others see at once that the window is gone.
    const gone = (): void => void this.leave();
    addEventListener('pagehide', gone);
    this.#life.add(() => removeEventListener('pagehide', gone));
  }

  get participants(): readonly Participant[] {
    return this.#roster.participants;
  }

  get messages(): readonly ChatMessage[] {
    return this.#chat.messages;
  }

  get audioBlocked(): boolean {
    return this.#receiving.blocked;
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  listen(listener: (event: CallEvent) => void): () => void {
    return this.#events.add(listener);
  }

  /** Joins for the first time, unless told not to meanwhile. */
  async join(connection: Connection, signal?: AbortSignal): Promise<void> {
    try {
      await this.#join(connection, signal);
    } catch (thrown) {
      this.#finish({ reason: 'connection-lost' });
      throw joinError(thrown);
    }
  }

  async enable(source: Switchable, enabled: boolean): Promise<void> {
    if (this.#left()) return;
    if (isInput(source)) this.decline(source);
    const hindrance = enabled ? this.rights[source] : undefined;
    if (hindrance === 'grant') {
      this.#publishing?.request(source);
      throw new CallError('token-publish-missing');
    }
    if (hindrance !== undefined) throw new CallError('internal', `no ${source} here`);
    await this.#media.enable(source, enabled);
    await this.#publishing?.follow(source);
    this.#update();
  }

  decline(role: InputRole): void {
    if (!this.asked.includes(role)) return;
    this.asked = this.asked.filter((each) => each !== role);
    this.#listeners.tell();
  }

  unblockAudio(): Promise<void> {
    return this.#receiving.unblock();
  }

  async sendMessage(text: string): Promise<void> {
    if (new TextEncoder().encode(text).length > LONGEST_MESSAGE)
      throw new CallError('internal', 'the message is too long');
    if (this.#me !== undefined) await this.#chat.send(this.#me, text);
  }

  resend(id: number): Promise<void> {
    return this.#chat.resend(id);
  }

  async react(emoji: string): Promise<void> {
    await this.#say((sdk, me) => this.#signals.react(sdk, me.connection, emoji));
    const participant = this.#roster.me;
    if (participant !== undefined) this.#events.tell({ kind: 'reaction', participant, emoji });
  }

  async raiseHand(raised: boolean): Promise<void> {
    if (this.#left()) return;
    const before = this.#hand;
    this.#hand = raised ? (before ?? Date.now()) : undefined;
    this.#update();
    try {
      await this.#showHand();
    } catch (thrown) {
      this.#hand = before;
      this.#update();
      throw thrown;
    }
  }

  mute({ identity }: Participant, source: TrackSource): Promise<void> {
    return this.#say((sdk) => sdk.muteUser(identity, MUTES[source]));
  }

  remove({ identity }: Participant): Promise<void> {
    return this.#say((sdk) => sdk.kickUser({ user_id: identity }));
  }

  endForAll(): Promise<void> {
    return this.#say((sdk) => sdk.endCall());
  }

  record(on: boolean): Promise<void> {
    return this.#say((sdk) => (on ? sdk.startRecording() : sdk.stopRecording()));
  }

  caption(on: boolean): Promise<void> {
    return this.#say((sdk) => (on ? sdk.startClosedCaptions() : sdk.stopClosedCaptions()));
  }

  statistics(): Promise<Statistics> {
    return this.#receiving.statistics(this.#stay?.sdk);
  }

  async leave(): Promise<void> {
    const stay = this.#stay;
    this.#finish({ reason: 'left' });
    await stay?.leave();
  }

  /** Something that the server is asked for; what it says comes in our words. */
  async #say(ask: (sdk: SdkCall, me: Me) => Promise<unknown>): Promise<void> {
    const sdk = this.#stay?.sdk;
    if (sdk === undefined || this.#me === undefined || !this.#connected)
      throw new CallError('connection-lost');
    try {
      await ask(sdk, this.#me);
    } catch (thrown) {
      throw actionError(thrown);
    }
  }

  #showHand(): Promise<void> {
    return this.#say((sdk, me) => this.#signals.hand(sdk, me.connection, this.#hand));
  }

  #raised(connection: string, identity: string, raised: number | undefined): void {
    // Nobody raises somebody else's.
    const sdk = this.#stay?.sdk.state.rawParticipants.find((each) => each.sessionId === connection);
    if (sdk?.userId !== identity) return;
    if (raised === undefined) this.#hands.delete(connection);
    else this.#hands.set(connection, raised);
    this.#update();
  }

  #happened(event: CallEvent): void {
    this.#events.tell(event);
    // Whoever comes knows of no hand that was raised before.
    if (event.kind === 'joined' && this.#hand !== undefined)
      this.#showHand().catch(() => undefined);
  }

  #person(connection: string | undefined, identity: string): Participant | undefined {
    const known = connection === undefined ? undefined : this.#roster.of(connection);
    const others = this.#roster.participants.filter(({ local }) => !local);
    return known?.identity === identity ? known : others.find((each) => each.identity === identity);
  }

  /** By a moderator or for want of a permission. */
  #switchOff(source: TrackSource, moderated: boolean): void {
    // Its picture is what counts.
    if (source === 'screen-audio') return;
    if (moderated && this.#media.input(source).enabled)
      this.#events.tell({ kind: 'moderated', source });
    // It is to be closed, whatever becomes of that.
    this.#media.enable(source, false).catch(() => undefined);
    this.#listeners.tell();
  }

  #followMedia(): void {
    void this.#receiving.useSpeaker(this.#media.speaker);
    for (const role of ['microphone', 'camera'] as const) {
      const { track, enabled } = this.#media.input(role);
      // It is on as it was asked to be.
      if (track !== undefined && enabled) this.decline(role);
    }
    this.#publishing?.begin();
    this.#update();
  }

  async #join(connection: Connection, signal?: AbortSignal): Promise<void> {
    // In the one before.
    this.asked = [];
    this.#others = undefined;
    const stay = (this.#stay = new Stay(connection, {
      connected: (is) => this.#become(is),
      over: (end) => void this.#over(stay, end),
    }));
    if (this.#left()) await stay.leave();
    else await stay.join(signal);
    if (this.#left()) throw new CallError('connection-lost');
    this.since ??= Date.now();
    this.#listen(stay);
    this.#publishing = new Publishing(
      stay.sdk,
      stay.scope,
      {
        input: (source) => this.#media.input(source),
        switchOff: (source, moderated) => this.#switchOff(source, moderated),
      },
      {
        changed: () => this.#update(),
        failed: (error) => {
          this.problem = error;
          this.#listeners.tell();
        },
      },
    );
    this.#become(true);
  }

  #listen({ sdk, scope }: Stay): void {
    this.#signals.listen(sdk, scope);
    const { state } = sdk;
    const flows = [
      state.rawParticipants$.subscribe(() => this.#update()),
      state.ownCapabilities$.subscribe((capabilities) => this.#permit(capabilities)),
      state.recording$.subscribe((recording) => {
        this.recording = recording;
        this.#listeners.tell();
      }),
      state.captioning$.subscribe((captioning) => {
        this.captioning = captioning;
        this.#listeners.tell();
      }),
    ];
    scope.add(() => {
      for (const flow of flows) flow.unsubscribe();
    });
    const unset = sdk.setViewport(document.documentElement);
    if (unset !== undefined) scope.add(unset);
  }

  #permit(capabilities: readonly string[]): void {
    const before = this.rights;
    this.rights = rightsOf(capabilities, captures());
    for (const source of ['microphone', 'camera', 'screen'] as const)
      if (this.rights[source] === 'grant' && this.#media.input(source).enabled)
        this.#publishing?.revoke(source);
    for (const role of ['microphone', 'camera'] as const) {
      const given = before[role] === 'grant' && this.rights[role] === undefined;
      // Only the user switches on what they asked a permission for.
      if (given && this.#publishing?.requested(role) === true && !this.asked.includes(role))
        this.asked = [...this.asked, role];
    }
    this.#publishing?.begin();
    this.#listeners.tell();
  }

  /** The stay is over, and not because the user left. */
  async #over(stay: Stay, end: End | undefined): Promise<void> {
    if (this.#left() || stay !== this.#stay) return;
    if (end !== undefined) {
      this.#finish(end);
      await stay.leave();
      return;
    }
    this.#stay = undefined;
    this.#become(false);
    await stay.leave();
    await this.#comeBack();
  }

  /** A fresh grant, a fresh connection and a fresh stay, until it works. */
  async #comeBack(): Promise<void> {
    const again = async (): Promise<void> => this.#join(await Connection.open(this.#grants));
    const end = await comeBack(this.#life, again, joinError);
    if (end !== undefined) this.#finish(end);
  }

  /** Asked anew after every wait: the user may have left meanwhile. */
  #left(): boolean {
    return this.#life.ended;
  }

  #become(connected: boolean): void {
    if (this.state.kind === 'disconnected') return;
    this.#connected = connected;
    this.state = { kind: connected ? 'connected' : 'reconnecting' };
    this.#update();
    if (connected) {
      this.#publishing?.begin();
      if (this.#hand !== undefined) this.#showHand().catch(() => undefined);
    }
    this.#listeners.tell();
  }

  #finish(end: End): void {
    if (this.state.kind === 'disconnected') return;
    this.state = { kind: 'disconnected', ...end };
    this.#connected = false;
    this.#life.end();
    this.#listeners.tell();
  }

  #update(): void {
    // What is shown or taken away below changes the SDK's state, which is told of at once.
    if (this.#updating) {
      this.#updateSoon();
      return;
    }
    this.#updating = true;
    try {
      this.#updateNow();
    } finally {
      this.#updating = false;
    }
  }

  #updateSoon(): void {
    if (this.#again) return;
    this.#again = true;
    queueMicrotask(() => {
      this.#again = false;
      this.#update();
    });
  }

  #updateNow(): void {
    if (this.#left()) return;
    const sdk = this.#stay?.sdk;
    const all = sdk?.state.rawParticipants ?? [];
    const me = all.find((each) => each.isLocalParticipant === true);
    if (sdk !== undefined && me !== undefined && this.#connected) this.#look(sdk, me, all);
    // A connection that is being mended may carry sound and pictures all the same.
    else if (this.#others !== undefined && this.#me !== undefined && sdk !== undefined)
      this.#roster.update(this.#presence(this.#me), this.#others);
    else {
      this.#others = undefined;
      this.speakers = [];
      this.#receiving.follow(undefined, []);
      this.#roster.alone(this.#me && this.#presence({ ...this.#me, speaking: false }));
    }
  }

  #look(sdk: SdkCall, me: SdkParticipant, all: readonly SdkParticipant[]): void {
    this.#me = knownOf(me);
    const others = all.filter((each) => each !== me);
    this.#others = others.map((each) =>
      presenceOf(sdk, each, this.#seen, this.#hands.get(each.sessionId)),
    );
    this.#roster.update(this.#presence(this.#me), this.#others);
    this.#receiving.follow(sdk, others);
    this.#speak(all);
    this.#publishing?.check();
  }

  #speak(all: readonly SdkParticipant[]): void {
    const speakers = all
      .filter(({ isSpeaking }) => isSpeaking)
      .sort((one, other) => other.audioLevel - one.audioLevel)
      .flatMap(({ sessionId, isLocalParticipant }) => {
        const local = isLocalParticipant === true;
        const person = local ? this.#roster.me : this.#roster.of(sessionId);
        return person === undefined ? [] : [person];
      });
    if (isSameList(speakers, this.speakers)) return;
    this.speakers = speakers;
    this.#listeners.tell();
  }

  /** Oneself: the devices' switches count. */
  #presence(me: Me): Presence {
    const tracks: Partial<Record<TrackSource, TrackView>> = {};
    const pictures: Partial<Record<PictureSource, Picture>> = {};
    for (const source of SOURCES) {
      const { track, enabled } = this.#media.input(source);
      const outlook = this.#publishing?.outlook(source) ?? 'coming';
      if (track === undefined || (enabled && outlook === 'denied')) continue;
      tracks[source] = { muted: !enabled, paused: enabled && outlook === 'failing' };
      if (source === 'camera' || source === 'screen') pictures[source] = ownPicture(track);
    }
    return { ...me, handRaised: this.#hand, tracks, pictures };
  }
}
