import { patientRetry } from '../backoff';
import { CallError, type InputState, type Switchable, type TrackSource } from '../model';
import { Scope } from '../scope';
import { SOURCES } from '../sources';
import { Copies } from './copies';
import { publishError } from './errors';
import { permissionFor } from './rights';
import { sourceOf, TRACK_TYPES, type SdkCall, type SdkPublisher } from './sdk';

/** `cause` of a track that was taken back: the server did it. */
const REVOKED = 2;
const MODERATION = 3;

interface Own {
  input(source: TrackSource): InputState;
  /** By a moderator; only the user undoes that. */
  switchOff(source: TrackSource): void;
  /** The same, and closes it: nobody gets it. `moderated`: the server has taken the permission. */
  shut(source: TrackSource, moderated: boolean): void;
}

/** What whoever publishes wants to know. */
interface PublishingListener {
  /** What is under way, or shown to the others, has changed. */
  changed(): void;
  /** A track could not be shown to the others; undefined: all are by now. */
  failed(error: CallError | undefined): void;
}

/** By what something was published: either is another one after the connection was made anew. */
interface Way {
  readonly publisher: SdkPublisher | undefined;
  readonly session: string | undefined;
}

/** What the others have of a source. */
interface Published {
  readonly track: MediaStreamTrack;
  readonly way: Way;
}

/** Why something could not be published last, since when (undefined: given up) and how often. */
interface Failing {
  readonly error: CallError;
  readonly since: number | undefined;
  readonly tries: number;
}

/** Milliseconds that publishing may take; by a connection that is given up it never ends. */
const LONGEST_PUBLISH = 15_000;

/**
 * Shows the others through one of the SDK's calls what the own devices give, for as long as it
 * lasts. Off means taken back: the SDK sends clones, which a track's own `enabled` does not reach.
 * A connection that the SDK made anew has forgotten all.
 */
export class Publishing {
  readonly #sdk: SdkCall;
  readonly #scope: Scope;
  readonly #own: Own;
  readonly #listener: PublishingListener;
  readonly #turns = new Map<TrackSource, Promise<void>>();
  readonly #published = new Map<TrackSource, Published>();
  /** Those of which the SDK may have a clone that is open and sent, whatever the others have. */
  readonly #held = new Set<TrackSource>();
  readonly #copies = new Map(SOURCES.map((source) => [source, new Copies()]));
  /** How many of them are being published just now. */
  #underWay = 0;
  /** How often each was taken back. */
  readonly #taken = new Map<TrackSource, number>();
  /** That all was published by last. */
  #last: Way | undefined;
  /** Those that could not be published. */
  readonly #failed = new Map<TrackSource, Failing>();
  /** Those that stay with us until the user switches them on: not permitted, or given up. */
  readonly #denied = new Set<TrackSource>();
  /**
   * What there is no permission for was asked for, and what was permitted then: a refusal changes
   * nothing of that. Undefined: it was answered.
   */
  readonly #requested = new Map<Switchable, string | undefined>();

  constructor(sdk: SdkCall, scope: Scope, own: Own, listener: PublishingListener) {
    this.#sdk = sdk;
    this.#scope = scope;
    this.#own = own;
    this.#listener = listener;
    scope.add(() => {
      for (const copies of this.#copies.values()) copies.end();
    });
    scope.add(
      sdk.on('trackUnpublished', ({ sessionId, type, cause }) => {
        const source = sourceOf(type);
        if (source === undefined || (cause !== REVOKED && cause !== MODERATION)) return;
        if (this.#way().session !== sessionId) return;
        // The others have it no more; the SDK's clone of it is open and sent all the same.
        this.#takeBack(source).catch(() => undefined);
        this.#own.switchOff(source);
      }),
    );
  }

  /** Whether the others get it, now or in a moment; `failing`: it is tried again. */
  outlook(source: TrackSource): 'coming' | 'failing' | 'denied' {
    if (this.#denied.has(source)) return 'denied';
    return this.#failed.has(source) ? 'failing' : 'coming';
  }

  /** Publishes what is not published yet, after joining and after each mended connection. */
  begin(): void {
    const way = this.#way();
    // What was under way by the connection before may never end.
    if (!isSame(way, this.#last)) this.#turns.clear();
    this.#last = way;
    for (const source of SOURCES) void this.follow(source);
  }

  /** The SDK may have made its connection anew without a word: then all is published again. */
  check(): void {
    if (!isSame(this.#way(), this.#last)) this.begin();
  }

  /** There is a permission for it now. */
  permit(source: TrackSource): void {
    if (this.#denied.has(source)) this.#settle(source);
  }

  /** There is no permission for it any more. */
  revoke(source: TrackSource): void {
    this.#own.shut(source, true);
    this.#deny(source, new CallError('token-publish-missing'));
  }

  /** Lets the others have what the device gives now; one change of a source after the other. */
  follow(source: TrackSource): Promise<void> {
    // What is off is sent no longer: at once, whatever the connection and turns before are at.
    if (this.#held.has(source) && this.#wanted(source) === undefined)
      this.#takeBack(source).catch(() => undefined);
    const turn = (this.#turns.get(source) ?? Promise.resolve()).then(() => this.#follow(source));
    this.#turns.set(source, turn);
    return turn;
  }

  /** Asks whoever may give the permission for it, where the call is made so; whether it is. */
  request(source: Switchable): boolean {
    const permission = permissionFor(source);
    if (!this.#sdk.permissionsContext.canRequest(permission)) return false;
    this.#requested.set(source, inOrder(this.#sdk.state.ownCapabilities));
    this.#sdk.requestPermissions({ permissions: [permission] }).catch(() => undefined);
    return true;
  }

  /** The server says anew what is permitted. Whether that refuses what the user is waiting for. */
  refuses(capabilities: readonly string[]): boolean {
    const permitted = inOrder(capabilities);
    let refused = false;
    for (const [source, before] of this.#requested) {
      if (before === undefined) continue;
      const same = before === permitted;
      refused ||= same && !capabilities.includes(permissionFor(source));
      this.#requested.set(source, same ? undefined : permitted);
    }
    return refused;
  }

  /** Whether the user is waiting for one. */
  requested(source: Switchable): boolean {
    return this.#requested.has(source);
  }

  #way(): Way {
    const { publisher, state } = this.#sdk;
    const me = state.rawParticipants.find((each) => each.isLocalParticipant === true);
    return { publisher, session: me?.sessionId };
  }

  /** What the others are to get now. */
  #wanted(source: TrackSource): MediaStreamTrack | undefined {
    const { track, enabled } = this.#own.input(source);
    return enabled && track?.readyState === 'live' ? track : undefined;
  }

  /** Asked anew after every wait. */
  #joined(): boolean {
    return !this.#scope.ended && this.#sdk.state.callingState === 'joined';
  }

  async #follow(source: TrackSource): Promise<void> {
    // Once it is mended, `begin` is called.
    if (!this.#joined()) return;
    const wanted = this.#wanted(source);
    const before = this.#published.get(source);
    const shown = before && isSame(before.way, this.#way()) ? before.track : undefined;
    if (wanted === shown && (wanted !== undefined || !this.#held.has(source))) {
      // What is off needs no permission; that there is none stays told.
      if (!this.#own.input(source).enabled && !this.#denied.has(source)) this.#settle(source);
      return;
    }
    try {
      if (wanted === undefined) await this.#withdraw(source);
      else await this.#publish(source, wanted);
    } catch (thrown) {
      this.#fail(source, publishError(thrown));
    } finally {
      if (!this.#scope.ended) this.#listener.changed();
    }
  }

  /** The clone ends: nothing is sent of it any more. */
  #takeBack(source: TrackSource): Promise<void> {
    this.#taken.set(source, (this.#taken.get(source) ?? 0) + 1);
    this.#published.delete(source);
    const stopping = this.#sdk.stopPublish(TRACK_TYPES[source]);
    this.#copies.get(source)?.keep([]);
    return stopping;
  }

  /** Ends what the SDK has open and does not send. */
  #tidy(): void {
    if (this.#underWay > 0 || this.#scope.ended) return;
    const used = this.#sdk.publisher?.getPublishedTracks() ?? [];
    for (const copies of this.#copies.values()) copies.keep(used);
  }

  async #withdraw(source: TrackSource): Promise<void> {
    await this.#takeBack(source);
    this.#held.delete(source);
    if (!this.#denied.has(source)) this.#settle(source);
  }

  async #publish(source: TrackSource, track: MediaStreamTrack): Promise<void> {
    const way = this.#way();
    const taken = this.#taken.get(source);
    const limit = new Scope();
    // The user wants it once more.
    this.#denied.delete(source);
    // Also if it fails: the SDK keeps the clone, and offers it with whatever it offers next.
    this.#held.add(source);
    const lent = this.#copies.get(source)?.lend(track) ?? new MediaStream([track]);
    this.#underWay += 1;
    try {
      const publishing = this.#sdk.publish(lent, TRACK_TYPES[source]);
      const late = limit.pause(LONGEST_PUBLISH).then(() => {
        throw new CallError('publish-failed', 'no answer in time');
      });
      late.catch(() => undefined);
      publishing.then(
        () => {
          // Too late is there all the same.
          if (!limit.ended || this.#scope.ended) return;
          this.#held.add(source);
          void this.follow(source);
        },
        () => undefined,
      );
      const over = (): void => {
        this.#underWay -= 1;
        this.#tidy();
      };
      publishing.then(over, over);
      await Promise.race([publishing, late]);
    } finally {
      limit.end();
    }
    // Otherwise the others have nothing of it, and `begin` was called for the new one.
    if (this.#scope.ended || !isSame(way, this.#way())) return;
    if (taken !== this.#taken.get(source)) {
      // Off meanwhile: what was published is a clone that has ended.
      void this.follow(source);
      return;
    }
    this.#published.set(source, { track, way });
    this.#settle(source);
    // It may be another device, or off, by now.
    void this.follow(source);
  }

  #settle(source: TrackSource): void {
    this.#denied.delete(source);
    // What is still wrong with another one is told of instead.
    if (this.#failed.delete(source))
      this.#listener.failed([...this.#failed.values()].at(-1)?.error);
  }

  /** It is not tried again until the user wants it: nobody gets a permission by that. */
  #deny(source: TrackSource, error: CallError): void {
    this.#denied.add(source);
    this.#failed.set(source, { error, since: undefined, tries: 0 });
    this.#listener.failed(error);
  }

  /** Nobody is filmed for nobody. */
  #giveUp(source: TrackSource, error: CallError): void {
    this.#deny(source, error);
    this.#own.shut(source, false);
  }

  /** A broken connection is told of as such, and is no failure of a track. */
  #fail(source: TrackSource, error: CallError): void {
    if (!this.#joined()) return;
    if (error.code === 'token-publish-missing') {
      const asked = source !== 'screen-audio' && this.request(source);
      this.#giveUp(source, asked ? new CallError('permission-asked') : error);
      return;
    }
    const before = this.#failed.get(source);
    const [since, tries] = [before?.since ?? Date.now(), before?.tries ?? 0];
    this.#failed.set(source, { error, since, tries: tries + 1 });
    this.#listener.failed(error);
    const delay = patientRetry.delay(tries, Date.now() - since);
    if (delay === undefined) this.#giveUp(source, error);
    else void this.#scope.pause(delay).then(() => this.follow(source));
  }
}

const inOrder = (capabilities: readonly string[]): string => capabilities.toSorted().join(' ');

function isSame(one: Way, other: Way | undefined): boolean {
  return one.publisher === other?.publisher && one.session === other?.session;
}
