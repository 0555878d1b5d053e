import { isSameList } from '../lists';
import { BaseCall } from '../base';
import type { End } from '../comeBack';
import {
  CallError,
  type CallEvent,
  type GrantProvider,
  type LocalMedia,
  type Participant,
  type PermissionRequest,
  type PictureSource,
  type Rights,
  type Statistics,
  type StreamGrant,
  type Switchable,
  type TrackSource,
  type TrackView,
} from '../model';
import { ownPicture, type Picture } from '../person';
import type { Presence } from '../roster';
import { captures, INPUTS, SOURCES } from '../sources';
import { Connection } from './connection';
import { actionError, joinError } from './errors';
import { knownOf, presenceOf, Seen } from './presence';
import { Publishing } from './publishing';
import { Receiving } from './receiving';
import { Requests } from './requests';
import { permissionFor, rightsOf } from './rights';
import type { SdkCall, SdkMuteType, SdkParticipant } from './sdk';
import { Signals } from './signals';
import { Stay } from './stay';

/**
 * About how long after somebody came they are told of a raised hand, milliseconds: all who come
 * meanwhile are told by the same event, and not all hands are shown in the same moment.
 */
const HAND_AFTER = 2_000;

const MUTES: Readonly<Record<TrackSource, SdkMuteType>> = {
  microphone: 'audio',
  camera: 'video',
  screen: 'screenshare',
  'screen-audio': 'screenshare_audio',
};

/** What is known of oneself beside one's devices. */
type Me = ReturnType<typeof knownOf>;

/** A call that outlives the SDK's: when one is beyond mending, the user connects and joins anew. */
export class StreamCall extends BaseCall {
  rights: Rights = rightsOf([], captures());

  readonly #grants: GrantProvider<StreamGrant>;
  readonly #seen = new Seen();
  readonly #signals = new Signals({
    message: (from, payload) => this.chat.received(from, payload),
    reaction: ({ connection, identity }, emoji) => {
      const participant = this.#person(connection, identity);
      if (participant !== undefined) this.events.tell({ kind: 'reaction', participant, emoji });
    },
    hand: (connection, identity, raised) => this.#raised(connection, identity, raised),
    caption: (identity, text) => {
      const participant = this.#person(undefined, identity);
      this.events.tell({ kind: 'caption', participant, text });
    },
  });
  readonly #receiving = new Receiving(this.sound, this.reception, (connection) =>
    this.roster.of(connection),
  );
  readonly #requests = new Requests();
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
  /** Those who came last are about to be told of the user's hand. */
  #showingHand = false;

  constructor(grants: GrantProvider<StreamGrant>, media: LocalMedia) {
    super(media);
    this.#grants = grants;
    this.life.add(() => (this.#connected = false));
    // The others see at once that the window is gone.
    const gone = (): void => void this.leave();
    addEventListener('pagehide', gone);
    this.life.add(() => removeEventListener('pagehide', gone));
  }

  /** Joins for the first time, unless told not to meanwhile. */
  async join(connection: Connection, signal?: AbortSignal): Promise<void> {
    try {
      await this.#join(connection, signal);
    } catch (thrown) {
      this.finish({ reason: 'connection-lost' });
      throw joinError(thrown);
    }
  }

  mute({ identity }: Participant, source: TrackSource): Promise<void> {
    return this.#say((sdk) => sdk.muteUser(identity, MUTES[source]));
  }

  remove({ identity }: Participant): Promise<void> {
    return this.#say((sdk) => sdk.kickUser({ user_id: identity }));
  }

  async answer(request: PermissionRequest, granted: boolean): Promise<void> {
    if (!this.requests.includes(request)) return;
    const { identity } = request.participant;
    const permissions = [permissionFor(request.source)];
    // Whoever asked hears of a refusal, too: it takes away what they do not have.
    await this.#say((sdk) =>
      granted
        ? sdk.grantPermissions(identity, permissions)
        : sdk.revokePermissions(identity, permissions),
    );
    this.#requests.end(request);
    this.#showRequests();
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
    this.finish({ reason: 'left' });
    await stay?.leave();
  }

  protected post(text: string): Promise<void> {
    return this.#say((sdk, me) => this.#signals.message(sdk, me.connection, text));
  }

  protected postReaction(emoji: string): Promise<void> {
    return this.#say((sdk, me) => this.#signals.react(sdk, me.connection, emoji));
  }

  protected showHand(): Promise<void> {
    return this.#say((sdk, me) => this.#signals.hand(sdk, me.connection, this.hand));
  }

  protected async follow(source: TrackSource): Promise<void> {
    await this.#publishing?.follow(source);
  }

  protected followMedia(): void {
    this.#publishing?.begin();
  }

  protected want(source: Switchable): void {
    this.#publishing?.request(source);
  }

  protected override happened(event: CallEvent): void {
    super.happened(event);
    // Whoever comes knows of no hand that was raised before.
    if (event.kind === 'joined' && this.hand !== undefined) void this.#showHandSoon();
  }

  protected update(): void {
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

  async #showHandSoon(): Promise<void> {
    if (this.#showingHand) return;
    this.#showingHand = true;
    await this.life.pause(HAND_AFTER * (0.5 + Math.random()));
    this.#showingHand = false;
    // When it was lowered everybody was told.
    if (!this.left() && this.hand !== undefined) await this.showHand().catch(() => undefined);
  }

  #raised(connection: string, identity: string, raised: number | undefined): void {
    // Nobody raises somebody else's.
    const sdk = this.#stay?.sdk.state.rawParticipants.find((each) => each.sessionId === connection);
    if (sdk?.userId !== identity) return;
    if (raised === undefined) this.#hands.delete(connection);
    else this.#hands.set(connection, raised);
    this.update();
  }

  #person(connection: string | undefined, identity: string): Participant | undefined {
    const known = connection === undefined ? undefined : this.roster.of(connection);
    const others = this.roster.participants.filter(({ local }) => !local);
    return known?.identity === identity ? known : others.find((each) => each.identity === identity);
  }

  async #join(connection: Connection, signal?: AbortSignal): Promise<void> {
    // In the one before.
    this.asked = [];
    this.#others = undefined;
    const stay = (this.#stay = new Stay(connection, {
      connected: (is) => this.#stand(is),
      over: (end) => void this.#over(stay, end),
    }));
    if (this.left()) await stay.leave();
    else await stay.join(signal);
    if (this.left()) throw new CallError('connection-lost');
    this.since ??= Date.now();
    this.#listen(stay);
    this.#publishing = new Publishing(
      stay.sdk,
      stay.scope,
      {
        input: (source) => this.input(source),
        switchOff: (source, moderated) => this.switchOff(source, moderated),
      },
      {
        changed: () => this.update(),
        failed: (error) => {
          this.problem = error;
          this.tell();
        },
      },
    );
    this.#stand(true);
  }

  #listen({ sdk, scope }: Stay): void {
    this.#signals.listen(sdk, scope);
    const { state } = sdk;
    const flows = [
      state.rawParticipants$.subscribe(() => this.update()),
      state.ownCapabilities$.subscribe((capabilities) => this.#permit(capabilities)),
      state.recording$.subscribe((recording) => {
        this.recording = recording;
        this.tell();
      }),
      state.captioning$.subscribe((captioning) => {
        this.captioning = captioning;
        this.tell();
      }),
    ];
    scope.add(() => {
      for (const flow of flows) flow.unsubscribe();
    });
    scope.add(
      sdk.on('call.permission_request', ({ call_cid, permissions, user }) => {
        const participant = this.#person(undefined, user.id);
        if (call_cid !== sdk.cid || participant === undefined) return;
        this.#requests.begin(participant, permissions);
        this.#showRequests();
      }),
    );
    scope.add(
      sdk.on('call.permissions_updated', ({ call_cid, own_capabilities, user }) => {
        if (call_cid !== sdk.cid) return;
        this.#requests.given(user.id, own_capabilities);
        this.#showRequests();
      }),
    );
    const unset = sdk.setViewport(document.documentElement);
    if (unset !== undefined) scope.add(unset);
  }

  #permit(capabilities: readonly string[]): void {
    const before = this.rights;
    this.rights = rightsOf(capabilities, captures());
    for (const source of ['microphone', 'camera', 'screen'] as const)
      if (this.rights[source] === 'grant' && this.media.input(source).enabled)
        this.#publishing?.revoke(source);
    for (const role of INPUTS) {
      const given = before[role] === 'grant' && this.rights[role] === undefined;
      // Only the user switches on what they asked a permission for.
      if (given && this.#publishing?.requested(role) === true && !this.asked.includes(role))
        this.asked = [...this.asked, role];
    }
    this.#publishing?.begin();
    this.#showRequests();
    this.tell();
  }

  /** Only whoever may answer them is shown them. */
  #showRequests(): void {
    const may = this.rights['permit-others'] === undefined;
    const requests = this.#requests.open(this.participants);
    if (isSameList(may ? requests : [], this.requests)) return;
    this.requests = may ? requests : [];
    this.tell();
  }

  /** The stay is over, and not because the user left. */
  async #over(stay: Stay, end: End | undefined): Promise<void> {
    if (this.left() || stay !== this.#stay) return;
    if (end !== undefined) {
      this.finish(end);
      await stay.leave();
      return;
    }
    this.#stay = undefined;
    this.#stand(false);
    await stay.leave();
    await this.#comeBack();
  }

  /** A fresh grant, a fresh connection and a fresh stay, until it works. */
  async #comeBack(): Promise<void> {
    const again = async (): Promise<void> => this.#join(await Connection.open(this.#grants));
    await this.comeBack(again, joinError);
  }

  #stand(connected: boolean): void {
    if (this.left()) return;
    this.#connected = connected;
    this.become({ kind: connected ? 'connected' : 'reconnecting' });
    if (!connected) return;
    this.#publishing?.begin();
    if (this.hand !== undefined) this.showHand().catch(() => undefined);
  }

  #updateSoon(): void {
    if (this.#again) return;
    this.#again = true;
    queueMicrotask(() => {
      this.#again = false;
      this.update();
    });
  }

  #updateNow(): void {
    if (this.left()) return;
    const sdk = this.#stay?.sdk;
    const all = sdk?.state.rawParticipants ?? [];
    const me = all.find((each) => each.isLocalParticipant === true);
    if (sdk !== undefined && me !== undefined && this.#connected) this.#look(sdk, me, all);
    // A connection that is being mended may carry sound and pictures all the same.
    else if (this.#others !== undefined && this.#me !== undefined && sdk !== undefined)
      this.roster.update(this.#presence(this.#me), this.#others);
    else {
      this.#others = undefined;
      this.speakers = [];
      this.#receiving.follow(undefined, []);
      this.roster.alone(this.#me && this.#presence({ ...this.#me, speaking: false }));
    }
    this.#showRequests();
  }

  #look(sdk: SdkCall, me: SdkParticipant, all: readonly SdkParticipant[]): void {
    this.#me = knownOf(me);
    const others = all.filter((each) => each !== me);
    this.#others = others.map((each) =>
      presenceOf(sdk, each, this.#seen, this.#hands.get(each.sessionId)),
    );
    this.roster.update(this.#presence(this.#me), this.#others);
    this.#receiving.follow(sdk, others);
    this.#speak(all);
    this.#publishing?.check();
  }

  #speak(all: readonly SdkParticipant[]): void {
    const loudest = all
      .filter(({ isSpeaking }) => isSpeaking)
      .sort((one, other) => other.audioLevel - one.audioLevel);
    this.speak(
      loudest.map(({ sessionId, isLocalParticipant }) =>
        isLocalParticipant === true ? this.roster.me : this.roster.of(sessionId),
      ),
    );
  }

  /** Oneself: the devices' switches count. */
  #presence(me: Me): Presence {
    const tracks: Partial<Record<TrackSource, TrackView>> = {};
    const pictures: Partial<Record<PictureSource, Picture>> = {};
    for (const source of SOURCES) {
      const { track, enabled } = this.input(source);
      const outlook = this.#publishing?.outlook(source) ?? 'coming';
      if (track === undefined || (enabled && outlook === 'denied')) continue;
      tracks[source] = { muted: !enabled, paused: enabled && outlook === 'failing' };
      if (source === 'camera' || source === 'screen') pictures[source] = ownPicture(track);
    }
    return { ...me, handRaised: this.hand, tracks, pictures };
  }
}
