import { loadProvider } from '../call/providers';
import { LocalDevices } from '../devices/local.svelte';
import type { Failures } from '../errors/failures.svelte';
import { platform, type Lost, type Meeting } from '../platform';
import type { Meetings } from './meetings.svelte';
import { report } from './ongoingCall';
import type { Preferences } from './preferences.svelte';
import type { Router, Wish } from './router.svelte';
import { Visit } from './visit.svelte';

/** What leads to a lobby, and may have to wait for the user's word. */
export interface Arrival {
  /** What the meeting is called; empty: not known yet. */
  readonly title: string;
  readonly session: string | null;
  /** The meeting itself, where it is known already. */
  readonly meeting?: Meeting;
  readonly find: () => Promise<Meeting>;
}

/** What the page before this one was torn out of. */
export type LostMeeting = Lost & { readonly meeting: Meeting };

/** The way to a meeting that was found already. */
function known(meeting: Meeting): Arrival {
  const { title, session } = meeting;
  return { title, session, meeting, find: () => Promise.resolve(meeting) };
}

/**
 * All that leads to a lobby. It asks before a call is left, and before a link from outside takes a
 * lobby's place.
 */
export class Arrivals {
  /** Would end the call or the lobby that the user is in, if they want that. */
  asked: Arrival | undefined = $state.raw();
  /** What the user was torn out of, until they have answered. */
  lost: LostMeeting | undefined = $state.raw();
  /** Where the user goes as soon as it is known which meeting that is. */
  #finding: Wish | undefined = $state.raw();
  readonly #router: Router;
  readonly #meetings: Meetings;
  readonly #preferences: Preferences;
  readonly #failures: Failures;

  constructor(router: Router, meetings: Meetings, preferences: Preferences, failures: Failures) {
    this.#router = router;
    this.#meetings = meetings;
    this.#preferences = preferences;
    this.#failures = failures;
  }

  /** Something leads into a meeting already. */
  get busy(): boolean {
    const finding = this.#finding?.overtaken === false;
    return finding || this.#router.visit?.joining === true;
  }

  /** From a link or room name, which the user typed at home. */
  readonly open = (input: string): Promise<void> =>
    this.#enter({ title: '', session: null, find: () => platform.resolveMeeting(input) });

  /** A meeting session of the user's. */
  readonly openSession = (id: string): Promise<void> =>
    this.#arrive({
      title: this.#meetings.of(id)?.title ?? '',
      session: id,
      find: () => this.#meetings.answer(id, () => platform.sessionJoin(id)),
    });

  /** A meeting that the program has found: a notification was clicked. */
  openFound(meeting: Meeting): Promise<void> {
    return this.#arrive(known(meeting));
  }

  /** A link from outside: anybody may have made it, so that it changes nothing unasked. */
  async openLink(input: string): Promise<void> {
    const { visit } = this.#router;
    if (visit === undefined) {
      await this.open(input);
      return;
    }
    try {
      const meeting = await platform.resolveMeeting(input);
      const shown = this.#router.visit?.meeting;
      const same = shown?.room === meeting.room && shown.serverUrl === meeting.serverUrl;
      if (same && shown.session === null) return;
      if (shown !== undefined) this.asked = known(meeting);
      else await this.#enter(known(meeting));
    } catch (thrown) {
      this.#failures.caught('general', thrown);
    }
  }

  /** Says what became of the page before this one, and what it was torn out of. */
  comeBack(lost: Lost | null): void {
    if (lost === null) return;
    const { meeting, died } = lost;
    if (meeting !== null) this.lost = { meeting, died };
    else if (died) this.#failures.tell('general', { code: 'page-died' });
  }

  /** Leaves the call or the lobby, or goes on with it. */
  readonly answer = (go: boolean): void => {
    const { asked } = this;
    this.asked = undefined;
    if (go && asked !== undefined) void this.#enter(asked);
  };

  /** Back to the lobby of the meeting that was lost, or not. */
  readonly answerLost = (back: boolean): void => {
    const meeting = this.lost?.meeting;
    this.lost = undefined;
    this.#nothingLost();
    if (back && meeting !== undefined) void this.openFound(meeting);
  };

  /** There is no way back to a meeting session that is over. */
  sessionOver(session: string): void {
    if (this.lost?.meeting.session !== session) return;
    this.lost = undefined;
    this.#nothingLost();
  }

  /** The program waits no longer for the user to return. */
  #nothingLost(): void {
    report(platform.callConnecting(false));
  }

  async #arrive(arrival: Arrival): Promise<void> {
    const { screen, visit } = this.#router;
    if (arrival.session !== null && visit?.meeting.session === arrival.session) return;
    if (screen.name === 'room' || visit?.joining === true) this.asked = arrival;
    else await this.#enter(arrival);
  }

  async #enter({ find }: Arrival): Promise<void> {
    const wish = this.#router.wish();
    const overtaken = (): boolean => wish.overtaken;
    this.#finding = wish;
    try {
      const meeting = await find();
      if (overtaken()) return;
      const { screen } = this.#router;
      // Only now: had it failed, the call would go on.
      if (screen.name === 'room') await screen.ongoing.leave();
      // That took a while, in which the user may have gone elsewhere or closed the window.
      if (overtaken()) return;
      this.#failures.clear();
      if (this.lost !== undefined) this.#nothingLost();
      this.lost = undefined;
      const { startOff, microphone } = this.#preferences;
      const devices = new LocalDevices(startOff, this.#failures, microphone);
      this.#router.show({ name: 'lobby', visit: new Visit(meeting, devices) });
      // The SDK is fetched while the user looks at the preview.
      loadProvider(meeting.provider).catch(() => undefined);
    } catch (thrown) {
      this.#failures.caught('general', thrown);
    } finally {
      if (this.#router.screen.name === 'starting') this.#router.fallBack({ name: 'home' });
      if (this.#finding === wish) this.#finding = undefined;
    }
  }
}
