import {
  ConnectionState,
  RoomEvent,
  Track,
  type LocalTrack,
  type Participant,
  type Room,
} from 'livekit-client';

import { patientRetry } from '../backoff';
import { CallError, type InputRole, type InputState } from '../model';
import type { Scope } from '../scope';
import { publishError } from './errors';
import type { OwnTrack } from './ownTrack';

export const ROLES = ['microphone', 'camera'] as const;
const SOURCES = { microphone: Track.Source.Microphone, camera: Track.Source.Camera } as const;

type Permissions = Participant['permissions'];

/** Sources as the server numbers them; it names none where all are allowed. */
const NUMBERS: Readonly<Record<InputRole, number>> = { camera: 1, microphone: 2 };

/** Whether the others may be shown it; what the server says nothing of is tried. */
function allows(permissions: Permissions, role: InputRole): boolean {
  if (permissions === undefined) return true;
  const sources: readonly number[] = permissions.canPublishSources;
  return permissions.canPublish && (sources.length === 0 || sources.includes(NUMBERS[role]));
}

/** Own tracks outlive connections. */
interface Own {
  input(role: InputRole): InputState;
  track(role: InputRole): OwnTrack | undefined;
  /** The track that shows this device; another one takes its place. */
  make(role: InputRole, media: MediaStreamTrack): OwnTrack;
  /** Switches the device off; only the user switches it on again. */
  switchOff(role: InputRole): void;
}

/** What whoever publishes wants to know. */
interface Told {
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
  readonly #told: Told;
  readonly #turns = new Map<InputRole, Promise<void>>();
  /** Roles being published that nothing went wrong with yet. */
  readonly #announcing = new Set<InputRole>();
  /** Roles that could not be published, since when and how often. */
  readonly #failed = new Map<InputRole, { readonly since: number; tries: number }>();
  /** Roles that there is no permission for. */
  readonly #denied = new Set<InputRole>();

  constructor(room: Room, scope: Scope, own: Own, told: Told) {
    this.#room = room;
    this.#scope = scope;
    this.#own = own;
    this.#told = told;
    const again = (): void => this.begin();
    room.on(RoomEvent.Reconnected, again);
    scope.add(() => room.off(RoomEvent.Reconnected, again));
    const permitted = (before: Permissions, of: Participant): void => {
      if (of === room.localParticipant) this.#permitted(before);
    };
    room.on(RoomEvent.ParticipantPermissionsChanged, permitted);
    scope.add(() => room.off(RoomEvent.ParticipantPermissionsChanged, permitted));
  }

  /** Whether it will be with the others in a moment, if nothing goes wrong. */
  announces(role: InputRole): boolean {
    return this.#announcing.has(role);
  }

  /** Publishes what is not published yet. */
  begin(): void {
    for (const role of ROLES) void this.follow(role);
  }

  /** Lets the others have what the device gives now; one change of a role after the other. */
  follow(role: InputRole): Promise<void> {
    const { track } = this.#own.input(role);
    const first = !this.#announcing.has(role) && !this.#published(role) && !this.#failed.has(role);
    if (track !== undefined && first) {
      this.#present(role, track);
      this.#announcing.add(role);
    }
    const turn = (this.#turns.get(role) ?? Promise.resolve()).then(() => this.#follow(role));
    this.#turns.set(role, turn);
    return turn;
  }

  /** The server has given or taken permissions. */
  #permitted(before: Permissions): void {
    for (const role of ROLES) {
      if (this.#mayPublish(role)) this.#denied.delete(role);
      else if (allows(before, role)) this.#fail(role, new CallError('token-publish-missing'));
    }
    this.begin();
  }

  #mayPublish(role: InputRole): boolean {
    return allows(this.#room.localParticipant.permissions, role);
  }

  /** Asked anew after every wait. */
  #over(): boolean {
    return this.#scope.ended || this.#room.state === ConnectionState.Disconnected;
  }

  #published(role: InputRole): boolean {
    return this.#room.localParticipant.getTrackPublication(SOURCES[role]) !== undefined;
  }

  /** The own track that shows a device, made anew if need be. */
  #present(role: InputRole, media: MediaStreamTrack): OwnTrack {
    const own = this.#own.track(role);
    return own?.media === media ? own : this.#own.make(role, media);
  }

  async #follow(role: InputRole): Promise<void> {
    if (this.#over()) return;
    const { track, enabled } = this.#own.input(role);
    try {
      const may = this.#mayPublish(role);
      // What is off needs no permission; that there is none stays told.
      if (!enabled && (!may || this.#denied.has(role))) return;
      if (!may) throw new CallError('token-publish-missing');
      if (!this.#published(role)) {
        if (track === undefined) this.#settle(role);
        else await this.#publish(role, track, enabled);
        return;
      }
      const own = this.#own.track(role);
      // Silent first: a new track begins with what the others may have.
      if (track === undefined || !enabled) await own?.set(false);
      if (track !== undefined) {
        await own?.replace(track);
        await own?.set(this.#own.input(role).enabled);
      }
    } catch (thrown) {
      this.#fail(role, publishError(thrown));
    } finally {
      this.#announcing.delete(role);
      if (!this.#scope.ended) this.#told.changed();
    }
  }

  /** The others are seen and heard while this goes on; what fails here does not end the call. */
  async #publish(role: InputRole, media: MediaStreamTrack, enabled: boolean): Promise<void> {
    const own = this.#present(role, media);
    await own.set(enabled);
    // The SDK's own types disagree about a track without a processor.
    const track = own.sdk as LocalTrack;
    const muted = track.isMuted;
    await this.#room.localParticipant.publishTrack(track, { source: SOURCES[role] });
    if (this.#over()) return;
    this.#settle(role);
    // What was switched meanwhile the server was not told.
    if (track.isMuted !== muted) own.announce();
    // It may be another device by now.
    void this.follow(role);
  }

  #settle(role: InputRole): void {
    this.#denied.delete(role);
    if (this.#failed.delete(role) && this.#failed.size === 0) this.#told.failed(undefined);
  }

  /** A broken connection is told of as such, and is no failure of a track. */
  #fail(role: InputRole, error: CallError): void {
    // Without a connection there is nothing to try: `begin` is called once it is back.
    if (this.#over() || this.#room.state !== ConnectionState.Connected) return;
    const failed = this.#failed.get(role) ?? { since: Date.now(), tries: 0 };
    this.#failed.set(role, failed);
    this.#told.failed(error);
    if (error.code === 'token-publish-missing') {
      // Nobody gets a permission by asking again, and nobody is filmed for nobody.
      this.#denied.add(role);
      this.#own.switchOff(role);
      return;
    }
    const delay = patientRetry.delay(failed.tries, Date.now() - failed.since);
    failed.tries += 1;
    if (delay !== undefined) {
      void this.#scope.pause(delay).then(() => this.follow(role));
    }
  }
}
