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
  #ringing = new Map<string, MeetingSession>();
  readonly #answered = new Set<string>();

  /** Joined or dismissed here. */
  answered(id: string): void {
    this.#answered.add(id);
    this.dismiss(id);
  }

  readonly dismiss = (id: string): void => {
    this.rings = this.rings.filter((each) => each.id !== id);
  };

  /** What there is now; a state without a list says nothing of what ended. */
  hear({ sessions, ringing, answeredElsewhere }: SessionsState): void {
    if (sessions === null) return;
    const now = new Map(
      sessions.filter(({ id }) => ringing.includes(id)).map((session) => [session.id, session]),
    );
    for (const id of answeredElsewhere) this.answered(id);
    for (const [id, session] of this.#ringing)
      if (!now.has(id) && !this.#answered.has(id)) this.#add(session);
    // One that rings again may be missed again.
    for (const id of now.keys()) if (!this.#ringing.has(id)) this.#answered.delete(id);
    this.#ringing = now;
  }

  #add(session: MeetingSession): void {
    const { id } = session;
    const ring = { id, party: partyOf(session), title: titleOf(session), at: Date.now() };
    this.rings = [ring, ...this.rings.filter((each) => each.id !== id)].slice(0, MOST);
  }
}
