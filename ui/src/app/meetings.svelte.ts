import type { Scope } from '../call/scope';
import type { Failures } from '../errors/failures.svelte';
import { platform, type MeetingSession, type SessionsState } from '../platform';
import { Missed } from './missed.svelte';
import { Ringer } from './ringtone';

/** The user's meeting sessions, and which of them ring. */
export class Meetings {
  /** Undefined: not heard of yet. */
  state: SessionsState | undefined = $state.raw();

  readonly missed = new Missed();

  /** Answered here; the program will say so, too. */
  #answered: readonly string[] = $state.raw([]);
  /** As last heard of, also those that are over. */
  #known: readonly MeetingSession[] = $state.raw([]);

  readonly #failures: Failures;
  readonly #ringer = new Ringer((reason) => {
    platform.log('warn', `the ringtone cannot be heard: ${String(reason)}`);
  });

  readonly ringing: readonly MeetingSession[] = $derived.by(() => {
    const { sessions, ringing } = this.state ?? { sessions: null, ringing: [] };
    return ringing
      .filter((id) => !this.#answered.includes(id))
      .map((id) => sessions?.find((each) => each.id === id))
      .filter((each) => each?.status === 'active')
      .filter((each) => each !== undefined);
  });

  constructor(failures: Failures) {
    this.#failures = failures;
  }

  async start(scope: Scope): Promise<void> {
    scope.add(() => this.#ringer.set(false));
    scope.add(await platform.listen('sessions', (state) => this.#hear(state)));
    const state = await platform.sessionsState();
    // What was heard meanwhile is newer.
    if (this.state === undefined) this.#hear(state);
  }

  of(id: string | null): MeetingSession | undefined {
    return this.#known.find((each) => each.id === id);
  }

  /** The code for how a meeting session ended; undefined if it goes on, as far as is known. */
  end(id: string | null): 'meeting-completed' | 'meeting-cancelled' | undefined {
    const known = this.of(id);
    if (known === undefined) return undefined;
    if (known.status === 'cancelled') return 'meeting-cancelled';
    const listed = this.state?.sessions?.some((each) => each.id === id) ?? true;
    return known.status === 'completed' || !listed ? 'meeting-completed' : undefined;
  }

  /** It rings no longer, and can still be joined. */
  readonly dismiss = (id: string): Promise<void> => this.#do(id, () => platform.sessionDismiss(id));

  /** Calls it off for both. */
  readonly cancel = (id: string): Promise<void> => this.#do(id, () => platform.sessionCancel(id));

  /** Stops the ringing of one at once, and for good if what was done about it works. */
  async answer<Result>(id: string, way: () => Promise<Result>): Promise<Result> {
    this.#answered = [...this.#answered, id];
    this.#sound();
    try {
      return await way();
    } catch (thrown) {
      this.#answered = this.#answered.filter((each) => each !== id);
      this.#sound();
      throw thrown;
    }
  }

  /** What was heard for one account is none of another's. */
  forget(): void {
    this.missed.clear();
    this.#known = [];
    this.#answered = [];
  }

  async #do(id: string, way: () => Promise<void>): Promise<void> {
    try {
      await this.answer(id, way);
    } catch (thrown) {
      this.#failures.caught('general', thrown);
    }
  }

  #hear(state: SessionsState): void {
    this.state = state;
    this.missed.hear(state);
    // One that rings no longer may ring again.
    this.#answered = this.#answered.filter((id) => state.ringing.includes(id));
    const heard = state.sessions ?? [];
    const before = this.#known.filter(({ id }) => heard.every((each) => each.id !== id));
    this.#known = [...heard, ...before];
    this.#sound();
  }

  /** The program says whether it may be heard; what was answered here is silent at once. */
  #sound(): void {
    this.#ringer.set(this.state?.ringtone === true && this.ringing.length > 0);
  }
}
