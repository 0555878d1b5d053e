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

/** What rang until nobody waited any more. It stays to be seen until the user has seen or joined it. */
export class Missed {
  rings: readonly MissedRing[] = $state.raw([]);
  #ringing: readonly MeetingSession[] = [];
  #answered: readonly string[] = [];

  /** Joined or dismissed here. */
  answered(id: string): void {
    this.#answered = [...this.#answered, id];
    this.dismiss(id);
  }

  /** They are somebody else's from now on. */
  clear(): void {
    this.rings = [];
    this.#ringing = [];
    this.#answered = [];
  }

  readonly dismiss = (id: string): void => {
    this.rings = this.rings.filter((each) => each.id !== id);
  };

  /** What there is now; a state without a list says nothing of what ended. */
  hear({ sessions, ringing, answeredElsewhere }: SessionsState): void {
    if (sessions === null) return;
    const now = sessions.filter(({ id }) => ringing.includes(id));
    const among = (all: readonly MeetingSession[], id: string): boolean =>
      all.some((each) => each.id === id);
    for (const id of answeredElsewhere) this.answered(id);
    for (const session of this.#ringing)
      if (!among(now, session.id) && !this.#answered.includes(session.id)) this.#add(session);
    // Of what rings no more, nothing need be known; one that rings again may be missed again.
    this.#answered = this.#answered.filter((id) => among(now, id) && among(this.#ringing, id));
    this.#ringing = now;
  }

  #add(session: MeetingSession): void {
    const { id } = session;
    const ring = { id, party: partyOf(session), title: titleOf(session), at: Date.now() };
    this.rings = [ring, ...this.rings.filter((each) => each.id !== id)].slice(0, MOST);
  }
}
