import { isSameList } from '../lists';
import { BaseCall } from '../base';
import type { Written } from '../chat';
import type { End } from '../comeBack';
import {
  CallError,
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
import { captures, isInput, SOURCES } from '../sources';
import { Connection } from './connection';
import { isDeserted } from './deserted';
import { actionError, joinError } from './errors';
import { Hands } from './hands';
import { knownOf, presenceOf, Seen } from './presence';
import { Publishing } from './publishing';
import { Receiving } from './receiving';
import { Requests } from './requests';
import { permissionFor, rightsOf } from './rights';
import type { SdkCall, SdkMuteType, SdkParticipant, SdkRecordingKind } from './sdk';
import { Signals } from './signals';
import { Stay } from './stay';

/**
 * About how long after somebody came they are told of a raised hand, milliseconds: all who come
 * meanwhile are told by the same event, and not all hands are shown in the same moment.
 */
const HAND_AFTER = 2_000;
/** After this, whoever comes anew has been told of all hands, milliseconds. */
const HANDS_KNOWN = 2.5 * HAND_AFTER;

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
    message: (from, text, about) => this.chat.received(from, text, about),
    reaction: ({ connection, identity }, emoji) => {
      const participant = this.#person(connection, identity);
      if (participant !== undefined) this.events.tell({ kind: 'reaction', participant, emoji });
    },
    hand: (connection, identity, raised) => this.#raised(connection, identity, raised),
    caption: (from, segment, text) => {
      const local = from.identity === this.#me?.identity;
      this.spoken.heard({ ...from, local, segment, text, final: true });
    },
  });
  readonly #receiving = new Receiving(this.sound, this.reception, (connection) =>
    this.roster.of(connection),
  );
  readonly #requests = new Requests();
  readonly #hands = new Hands();
  /** Those that go on. */
  readonly #recordings = new Set<SdkRecordingKind>();
  /** The others' connections that were there last; undefined: none was seen yet. */
  #there: ReadonlySet<string> | undefined;
  #stay: Stay | undefined;
  #publishing: Publishing | undefined;
  /** Whether the stay's connection stands: otherwise the SDK's list of others is not to be believed. */
  #connected = false;
  #me: Me | undefined;
  /** As they were seen last by this stay. */
  #others: readonly Presence[] | undefined;
  /** Aborted with the call: nobody connects any more who has left. */
  readonly #gone = new AbortController();
  #updating = false;
  /** Once more, after what is going on. */
  #again = false;
  /** Those who came last are about to be told of the user's hand. */
  #showingHand = false;

  constructor(grants: GrantProvider<StreamGrant>, media: LocalMedia) {
    super(media);
    this.#grants = grants;
    this.life.add(() => (this.#connected = false));
    this.life.add(() => this.#gone.abort());
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
    return this.#say(async (sdk) => {
      if (on) await sdk.startRecording();
      else {
        // Whoever started it may have chosen another kind, or several.
        const others = [...this.#recordings].filter((kind) => kind !== 'composite');
        const composite = others.length < this.#recordings.size || others.length === 0;
        await Promise.all([
          ...(composite ? [sdk.stopRecording()] : []),
          ...others.map((kind) => sdk.stopRecording(kind)),
        ]);
      }
    });
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

  deserted(signal: AbortSignal): Promise<boolean> {
    return isDeserted(this.#grants, signal);
  }

  protected post(written: Written): Promise<void> {
    return this.#say((sdk, me) => this.#signals.message(sdk, me.connection, written));
  }

  /** Between two there is no way for bytes. */
  protected readonly wire = { say: noFiles, open: noFiles };

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

  protected want(source: Switchable): boolean {
    return this.#publishing?.request(source) ?? false;
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
    this.#hands.tell(identity, connection, raised);
    this.update();
  }

  /** Whoever has a new connection may have missed anything that was said before. */
  #greet(others: readonly SdkParticipant[]): void {
    const before = this.#there;
    this.#there = new Set(others.map(({ sessionId }) => sessionId));
    const came = before !== undefined && [...this.#there].some((each) => !before.has(each));
    if (came && this.hand !== undefined) void this.#showHandSoon();
  }

  /** The user has a new connection: hands that are still raised are shown to it, and no others. */
  async #doubtHands(): Promise<void> {
    const since = Date.now();
    await this.life.pause(HANDS_KNOWN);
    if (this.left()) return;
    this.#hands.forget(since);
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
        switchOff: (source) => this.switchOff(source, true),
        shut: (source, moderated) => this.switchOff(source, moderated, true),
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
      state.recording$.subscribe((on) => this.#recorded('composite', on)),
      state.individualRecording$.subscribe((on) => this.#recorded('individual', on)),
      state.rawRecording$.subscribe((on) => this.#recorded('raw', on)),
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
        if (user.id === this.#me?.identity && this.#publishing?.refuses(own_capabilities) === true)
          this.events.tell({ kind: 'warning', error: new CallError('permission-denied') });
      }),
    );
    const unset = sdk.setViewport(document.documentElement);
    if (unset !== undefined) scope.add(unset);
  }

  /** One is recorded whichever way it is done. */
  #recorded(kind: SdkRecordingKind, on: boolean): void {
    if (on) this.#recordings.add(kind);
    else this.#recordings.delete(kind);
    this.recording = this.#recordings.size > 0;
    this.tell();
  }

  #permit(capabilities: readonly string[]): void {
    const before = this.rights;
    this.rights = rightsOf(capabilities, captures());
    for (const source of ['microphone', 'camera', 'screen'] as const)
      if (this.rights[source] === 'grant' && this.media.input(source).enabled)
        this.#publishing?.revoke(source);
    this.shutForbidden();
    for (const source of ['microphone', 'camera', 'screen'] as const) {
      if (before[source] !== 'grant' || this.rights[source] !== undefined) continue;
      this.#publishing?.permit(source);
      // Only the user switches on what they asked a permission for.
      if (!isInput(source) || this.#publishing?.requested(source) !== true) continue;
      if (!this.asked.includes(source)) this.asked = [...this.asked, source];
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
    const { signal } = this.#gone;
    const again = async (): Promise<void> =>
      this.#join(await Connection.open(this.#grants, signal));
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
      this.roster.alone(this.#me && this.#presence({ ...this.#me, speaking: false, level: 0 }));
    }
    this.#showRequests();
  }

  #look(sdk: SdkCall, me: SdkParticipant, all: readonly SdkParticipant[]): void {
    if (this.#me !== undefined && this.#me.connection !== me.sessionId) void this.#doubtHands();
    this.#me = knownOf(me);
    const others = all.filter((each) => each !== me);
    this.#greet(others);
    this.#others = others.map((each) => presenceOf(sdk, each, this.#seen, this.#hands.of(each)));
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

function noFiles(): Promise<never> {
  return Promise.reject(new CallError('action-refused', 'there are no files in calls of Stream'));
}
