import {
  ConnectionState,
  RoomEvent,
  Track,
  type LocalAudioTrack,
  type LocalTrack,
  type LocalVideoTrack,
  type Room,
} from 'livekit-client';

import { patientRetry } from '../backoff';
import type { CallError } from '../model';
import type { Scope } from '../scope';
import { publishError } from './errors';

export type Role = 'microphone' | 'camera';
export const ROLES = ['microphone', 'camera'] as const;
export type OwnTrack = LocalAudioTrack | LocalVideoTrack;
const SOURCES = { microphone: Track.Source.Microphone, camera: Track.Source.Camera } as const;

/** What whoever publishes wants to know. */
interface Told {
  /** What is under way, or shown to the others, has changed. */
  changed(): void;
  /** A track could not be shown to the others; undefined: all are by now. */
  failed(error: CallError | undefined): void;
}

/**
 * Shows the own tracks to the others through one connection, for as long as it lasts. The SDK
 * itself forgets a track whose publication was under way when the connection broke.
 */
export class Publishing {
  readonly #room: Room;
  readonly #scope: Scope;
  readonly #track: (role: Role) => OwnTrack | undefined;
  readonly #told: Told;
  /** Roles that are looked after at present. */
  readonly #busy = new Set<Role>();
  /** Of those, the ones that nothing went wrong with yet. */
  readonly #announcing = new Set<Role>();
  readonly #failed = new Set<Role>();

  constructor(room: Room, scope: Scope, track: (role: Role) => OwnTrack | undefined, told: Told) {
    this.#room = room;
    this.#scope = scope;
    this.#track = track;
    this.#told = told;
    const again = (): void => this.begin();
    room.on(RoomEvent.Reconnected, again);
    scope.add(() => room.off(RoomEvent.Reconnected, again));
  }

  /** Whether it will be with the others in a moment, if nothing goes wrong. */
  announces(role: Role): boolean {
    return this.#announcing.has(role);
  }

  /** Publishes what is not published yet. */
  begin(): void {
    for (const role of ROLES) {
      if (this.#busy.has(role) || !this.#missing(role)) continue;
      this.#busy.add(role);
      this.#announcing.add(role);
      void this.#publish(role).finally(() => {
        this.#busy.delete(role);
        this.#announcing.delete(role);
        if (!this.#scope.ended) this.#told.changed();
      });
    }
  }

  /** Asked anew after every wait. */
  #over(): boolean {
    return this.#scope.ended;
  }

  #missing(role: Role): boolean {
    return (
      this.#track(role) !== undefined &&
      this.#room.localParticipant.getTrackPublication(SOURCES[role]) === undefined
    );
  }

  /** The others are seen and heard while this goes on; what fails here does not end the call. */
  async #publish(role: Role): Promise<void> {
    const start = Date.now();
    for (let attempt = 0; !this.#over() && this.#missing(role); attempt += 1) {
      const error = await this.#attempt(role);
      if (this.#over()) return;
      this.#tell(role, error);
      // Without a connection there is nothing to try: `begin` is called once it is back.
      if (error === undefined || this.#room.state !== ConnectionState.Connected) return;
      // Nobody gets a permission by asking again.
      if (error.code === 'token-publish-missing') return;
      this.#announcing.delete(role);
      this.#told.changed();
      const delay = patientRetry.delay(attempt, Date.now() - start);
      if (delay === undefined) return;
      await this.#scope.pause(delay);
    }
  }

  async #attempt(role: Role): Promise<CallError | undefined> {
    try {
      // The SDK's own types disagree about a track without a processor.
      const track = this.#track(role) as LocalTrack;
      await this.#room.localParticipant.publishTrack(track, { source: SOURCES[role] });
      return undefined;
    } catch (thrown) {
      return publishError(thrown);
    }
  }

  /** A broken connection is told of as such, and is no failure of a track. */
  #tell(role: Role, error: CallError | undefined): void {
    if (error === undefined) {
      if (this.#failed.delete(role) && this.#failed.size === 0) this.#told.failed(undefined);
    } else if (this.#room.state === ConnectionState.Connected) {
      this.#failed.add(role);
      this.#told.failed(error);
    }
  }
}
