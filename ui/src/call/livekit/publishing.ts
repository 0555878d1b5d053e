import {
  ConnectionState,
  RoomEvent,
  type LocalTrack,
  type LocalTrackPublication,
  type Participant,
  type Room,
} from 'livekit-client';

import { patientRetry } from '../backoff';
import { CallError, type InputState, type TrackSource } from '../model';
import type { Scope } from '../scope';
import { SOURCES } from '../sources';
import { publishError } from './errors';
import type { OwnTrack } from './ownTrack';
import { allows, type Permissions } from './rights';
import { SDK_SOURCES } from './sources';

/** Those whose track stays with the others, muted, while their device is closed. */
const LASTING: ReadonlySet<TrackSource> = new Set(['microphone', 'camera']);

/** Own tracks outlive connections. */
interface Own {
  input(source: TrackSource): InputState;
  track(source: TrackSource): OwnTrack | undefined;
  /** The track that shows this device; another one takes its place. */
  make(source: TrackSource, media: MediaStreamTrack): OwnTrack;
  /**
   * Switches the device off and closes it; only the user switches it on again. `moderated`: the server
   * has taken the permission.
   */
  shut(source: TrackSource, moderated: boolean): void;
}

/** What whoever publishes wants to know. */
interface PublishingListener {
  /** What is under way, or shown to the others, has changed. */
  changed(): void;
  /** A track could not be shown to the others; undefined: all are by now. */
  failed(error: CallError | undefined): void;
}

/**
 * Shows the others through one connection what the own devices give, for as long as it lasts. The
 * SDK itself forgets a track whose publication was under way when the connection broke.
 */
export class Publishing {
  readonly #room: Room;
  readonly #scope: Scope;
  readonly #own: Own;
  readonly #listener: PublishingListener;
  readonly #turns = new Map<TrackSource, Promise<void>>();
  /** Those being published that nothing went wrong with yet. */
  readonly #announcing = new Set<TrackSource>();
  /** Those that could not be published, since when (undefined: given up) and how often. */
  readonly #failed = new Map<TrackSource, { since: number | undefined; tries: number }>();
  /** Those that stay with us until the user switches them on: not permitted, or given up. */
  readonly #denied = new Set<TrackSource>();
  /** Those that we take back ourselves. */
  readonly #withdrawing = new Set<TrackSource>();

  constructor(room: Room, scope: Scope, own: Own, listener: PublishingListener) {
    this.#room = room;
    this.#scope = scope;
    this.#own = own;
    this.#listener = listener;
    const again = (): void => this.begin();
    room.on(RoomEvent.Reconnected, again);
    const permitted = (before: Permissions, of: Participant): void => {
      if (of === room.localParticipant) this.#permitted(before);
    };
    room.on(RoomEvent.ParticipantPermissionsChanged, permitted);
    const unpublished = (publication: LocalTrackPublication): void =>
      this.#unpublished(publication);
    room.on(RoomEvent.LocalTrackUnpublished, unpublished);
    scope.add(() => {
      room.off(RoomEvent.Reconnected, again);
      room.off(RoomEvent.ParticipantPermissionsChanged, permitted);
      room.off(RoomEvent.LocalTrackUnpublished, unpublished);
    });
  }

  /**
   * How it is with what is on and not with the others: on its way to them, or it did not get there
   * and is tried again. Undefined: it will not be with them.
   */
  outlook(source: TrackSource): 'coming' | 'failing' | undefined {
    if (this.#denied.has(source) || !this.#mayPublish(source)) return undefined;
    return this.#failed.has(source) && !this.#announcing.has(source) ? 'failing' : 'coming';
  }

  /** Publishes what is not published yet. */
  begin(): void {
    for (const source of SOURCES) void this.follow(source);
  }

  /** Lets the others have what the device gives now; one change of a source after the other. */
  follow(source: TrackSource): Promise<void> {
    const { track } = this.#own.input(source);
    const first =
      !this.#announcing.has(source) && !this.#published(source) && !this.#failed.has(source);
    if (track !== undefined && first) this.#announcing.add(source);
    const turn = (this.#turns.get(source) ?? Promise.resolve()).then(() => this.#follow(source));
    this.#turns.set(source, turn);
    return turn;
  }

  /** The server has given or taken permissions. */
  #permitted(before: Permissions): void {
    for (const source of SOURCES) {
      if (this.#mayPublish(source)) this.#denied.delete(source);
      // Of what is not even open nothing is taken.
      else if (allows(before, source) && this.#own.input(source).track !== undefined)
        this.#fail(source, new CallError('token-publish-missing'), true);
    }
    this.begin();
  }

  /**
   * The server has taken a track back, and the user has not switched it off: it is published again,
   * after a moment in which the server may say that it is not permitted any more.
   */
  #unpublished({ source: sdkSource }: LocalTrackPublication): void {
    const source = SOURCES.find((each) => SDK_SOURCES[each] === sdkSource);
    if (source === undefined || this.#withdrawing.has(source)) return;
    const { track } = this.#own.input(source);
    if (track?.readyState !== 'live') return;
    this.#fail(source, new CallError('publish-failed', 'the server took it back'));
  }

  #mayPublish(source: TrackSource): boolean {
    return allows(this.#room.localParticipant.permissions, source);
  }

  /** Asked anew after every wait. */
  #over(): boolean {
    return this.#scope.ended || this.#room.state === ConnectionState.Disconnected;
  }

  #published(source: TrackSource): boolean {
    return this.#room.localParticipant.getTrackPublication(SDK_SOURCES[source]) !== undefined;
  }

  /** The own track that shows a device, made anew if need be. */
  #present(source: TrackSource, media: MediaStreamTrack): OwnTrack {
    const own = this.#own.track(source);
    return own?.media === media ? own : this.#own.make(source, media);
  }

  async #follow(source: TrackSource): Promise<void> {
    if (this.#over()) return;
    const { track, enabled } = this.#own.input(source);
    try {
      const may = this.#mayPublish(source);
      // What is off needs no permission; that there is none stays told.
      if (!enabled && (!may || this.#denied.has(source))) return;
      if (!may) throw new CallError('token-publish-missing');
      if (!this.#published(source)) {
        if (track === undefined) this.#settle(source);
        else await this.#publish(source, track, enabled);
        return;
      }
      const own = this.#own.track(source);
      if (!LASTING.has(source) && track === undefined) {
        await this.#withdraw(source, own);
        return;
      }
      // Silent first: a new track begins with what the others may have.
      if (track === undefined || !enabled) await own?.set(false);
      if (track !== undefined) {
        await own?.replace(track);
        await own?.set(this.#own.input(source).enabled);
      }
      this.#settle(source);
    } catch (thrown) {
      this.#fail(source, publishError(thrown));
    } finally {
      this.#announcing.delete(source);
      if (!this.#scope.ended) this.#listener.changed();
    }
  }

  /** The others are seen and heard while this goes on; what fails here does not end the call. */
  async #publish(source: TrackSource, media: MediaStreamTrack, enabled: boolean): Promise<void> {
    const own = this.#present(source, media);
    await own.set(enabled);
    // The SDK's own types disagree about a track without a processor.
    const track = own.sdk as LocalTrack;
    const muted = track.isMuted;
    // Of a screen there is one size, which can be read: what the network lets through goes into that.
    const layers = source === 'screen' ? { simulcast: false } : {};
    const options = { source: SDK_SOURCES[source], ...layers };
    await this.#room.localParticipant.publishTrack(track, options);
    if (this.#over()) return;
    this.#settle(source);
    // What was switched meanwhile the server was not told.
    if (track.isMuted !== muted) own.announce();
    // It may be another device by now.
    void this.follow(source);
  }

  /** Nobody shares a screen that is shared no longer. */
  async #withdraw(source: TrackSource, own: OwnTrack | undefined): Promise<void> {
    if (own === undefined) return;
    this.#withdrawing.add(source);
    try {
      await this.#room.localParticipant.unpublishTrack(own.sdk as LocalTrack, false);
    } finally {
      this.#withdrawing.delete(source);
    }
    this.#settle(source);
  }

  #settle(source: TrackSource): void {
    this.#denied.delete(source);
    if (this.#failed.delete(source) && this.#failed.size === 0) this.#listener.failed(undefined);
  }

  /** A broken connection is told of as such, and is no failure of a track. */
  #fail(source: TrackSource, error: CallError, moderated = false): void {
    // Without a connection there is nothing to try: `begin` is called once it is back.
    if (this.#over() || this.#room.state !== ConnectionState.Connected) return;
    const failed = this.#failed.get(source) ?? { since: undefined, tries: 0 };
    failed.since ??= Date.now();
    this.#failed.set(source, failed);
    this.#listener.failed(error);
    // Nobody gets a permission by asking again.
    const again = error.code !== 'token-publish-missing';
    const delay = again ? patientRetry.delay(failed.tries, Date.now() - failed.since) : undefined;
    if (delay === undefined) {
      // Nobody is filmed for nobody.
      this.#failed.set(source, { since: undefined, tries: 0 });
      this.#denied.add(source);
      this.#own.shut(source, moderated);
      return;
    }
    failed.tries += 1;
    void this.#scope.pause(delay).then(() => this.follow(source));
    this.#listener.changed();
  }
}
