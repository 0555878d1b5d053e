import { partyOf, titleOf } from '../lib/people';
import type { MeetingSession, SessionsState } from '../platform';

/** A meeting session that rang, and nobody answered. */
export interface MissedRing {
  readonly id: string;
  readonly party: string;
  readonly title: string;
  /** When it stopped ringing, milliseconds since 1970. */
  readonly at: number;
}

/** Those that are kept; the oldest go first. */
const MOST = 5;

/**
 * What rang until nobody waited any more. The program says what was missed, as only it hears what is
 * answered or dismissed elsewhere; what that was is known from the ringing. It stays to be seen until the
 * user has seen or joined it.
 */
export class Missed {
  rings: readonly MissedRing[] = $state.raw([]);
  #ringing: readonly MeetingSession[] = [];

  /** They are somebody else's from now on. */
  clear(): void {
    this.rings = [];
    this.#ringing = [];
  }

  readonly dismiss = (id: string): void => {
    this.rings = this.rings.filter((each) => each.id !== id);
  };

  /** What there is now; a state without a list says nothing of what ended. */
  hear({ sessions, ringing, missed }: SessionsState): void {
    if (sessions === null) return;
    const over = this.#ringing.filter(({ id }) => !ringing.includes(id) && missed.includes(id));
    // Joined after all, wherever that was.
    if (this.rings.some(({ id }) => !missed.includes(id)))
      this.rings = this.rings.filter(({ id }) => missed.includes(id));
    for (const session of over) this.#add(session);
    this.#ringing = sessions.filter(({ id }) => ringing.includes(id));
  }

  #add(session: MeetingSession): void {
    const { id } = session;
    const ring = { id, party: partyOf(session), title: titleOf(session), at: Date.now() };
    this.rings = [ring, ...this.rings.filter((each) => each.id !== id)].slice(0, MOST);
  }
}
