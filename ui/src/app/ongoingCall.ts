import type { Call, ConnectedUser } from '../call/model';
import { Scope } from '../call/scope';
import { StatisticsPoll } from '../call/statisticsPoll';
import { failure } from '../errors/failure';
import type { Failures } from '../errors/failures.svelte';
import { HistoryWriter } from '../history/writer';
import { platform, type Meeting, type MeetingOver } from '../platform';
import type { Account } from './account.svelte';
import type { Meetings } from './meetings.svelte';
import { onlyWhile } from './onlyWhile.svelte';
import type { Preferences } from './preferences.svelte';
import { keepDisplayOn } from './wakeLock';

/** What of the page has to do with a call that goes on. */
export interface CallSurroundings {
  readonly account: Account;
  readonly meetings: Meetings;
  readonly preferences: Preferences;
  readonly failures: Failures;
  /** Where the user is. */
  readonly router: { readonly visit: { readonly meeting: Meeting } | undefined };
}

/** A call that the user is in, from entering the room to how it ended. */
export class OngoingCall {
  readonly call: Call;
  /** Looks how it goes, until it is over. */
  readonly poll: StatisticsPoll;
  readonly #meeting: Meeting;
  readonly #user: ConnectedUser;
  readonly #surroundings: CallSurroundings;
  readonly #ended: () => void;
  readonly #life = new Scope();
  #history: HistoryWriter | undefined;
  #recorded: Promise<void> | undefined;
  /** The user ends the meeting session for everyone. */
  #endingForEveryone = false;
  /** How the meeting session ended, if that is why the call is left. */
  #sessionOver: string | undefined;
  #problem: Call['problem'];
  /** Somebody else was here; whoever gives up waiting does not end it for who is still to come. */
  #othersCame = false;
  /** They came, and are gone. */
  #alone = false;
  /** The page is being unloaded, on which providers leave by themselves: the user did not. */
  #pageGoes = false;

  /** `ended` is called once, when the call is over for the user. */
  constructor(
    meeting: Meeting,
    user: ConnectedUser,
    call: Call,
    surroundings: CallSurroundings,
    ended: () => void,
  ) {
    this.#meeting = meeting;
    this.#user = user;
    this.call = call;
    this.poll = new StatisticsPoll(call, this.#life);
    this.#surroundings = surroundings;
    this.#ended = ended;
  }

  /** The user is in the room. */
  begin(): void {
    report(platform.callEntered(this.#meeting));
    this.#noticeUnloading();
    this.#life.add(keepDisplayOn());
    this.#history = this.#keepHistory();
    this.#life.add(this.call.subscribe(() => this.#watch()));
    // It may have happened before anybody listened.
    this.#watch();
  }

  #noticeUnloading(): void {
    const goes = (): void => {
      this.#pageGoes = true;
    };
    for (const event of ['beforeunload', 'pagehide']) {
      // Before the provider hears of it.
      addEventListener(event, goes, { capture: true });
      this.#life.add(() => removeEventListener(event, goes, { capture: true }));
    }
  }

  async leave(): Promise<void> {
    // `beforeunload` comes for a link to another program as well: whoever can leave is still here.
    this.#pageGoes = false;
    try {
      await this.call.leave();
    } catch (thrown) {
      // It is over for the user all the same.
      platform.log('warn', `leaving: ${failure(thrown).code}`);
    }
  }

  /** Resolves when the history has what is over. */
  async recorded(): Promise<void> {
    await this.#recorded;
  }

  /** The backend says that the meeting session is over. */
  async leaveAsOver(status: MeetingOver['status']): Promise<void> {
    // Whoever ends it for everyone is on the way out, and knows.
    if (this.#endingForEveryone) return;
    this.#sessionOver = overCode(status);
    await this.leave();
  }

  /** Ends the meeting session for both, and the call with it; rejects if that failed. */
  async endForEveryone(): Promise<void> {
    const { session } = this.#meeting;
    if (session === null) return;
    // The room may be gone before this is answered.
    this.#endingForEveryone = true;
    try {
      await platform.sessionEnd(session);
    } catch (thrown) {
      this.#endingForEveryone = false;
      throw thrown;
    }
    await this.call.leave();
  }

  #watch(): void {
    const { state, problem, participants } = this.call;
    const { failures } = this.#surroundings;
    if (problem !== this.#problem) {
      this.#problem = problem;
      if (problem === undefined) failures.end('call');
      else failures.caught('call', problem);
    }
    // Without a connection nobody is seen; who was there before counts.
    if (state.kind === 'connected') {
      const others = participants.some(({ local }) => !local);
      this.#othersCame ||= others;
      this.#alone = this.#othersCame && !others;
    }
    if (state.kind !== 'disconnected') return;
    this.#life.end();
    const end = this.#end(state.reason, state.code);
    this.#recorded = this.#history?.finish(end);
    void closeQuietly(this.#user);
  }

  /** Tells the program and the user; answers the code for how it ended. */
  #end(reason: string, refusal: string | undefined): string {
    const { failures, meetings } = this.#surroundings;
    const { session } = this.#meeting;
    const why = refusal ?? reason;
    platform.log('info', `the call ended: ${why}`);
    const left = why === 'left' && this.#sessionOver === undefined;
    const hungUp = left && !this.#pageGoes;
    const own = left || this.#endingForEveryone;
    // To the program the call goes on, so that what is loaded next offers to return.
    if (hungUp || !left) report(platform.callLeft(session, hungUp && this.#alone));
    if (hungUp && this.#othersCame && !this.#alone && !this.#endingForEveryone)
      report(this.#completeDeserted());
    // That the other party ended the meeting says more than what it did to the connection.
    const code =
      why === 'duplicate-identity' ? why : (this.#sessionOver ?? meetings.end(session) ?? why);
    failures.clear();
    if (!own) failures.tell('general', { code });
    this.#ended();
    if (this.#endingForEveryone) return 'ended';
    return own ? why : code;
  }

  /** Of two who hang up at once, neither saw the other gone. */
  async #completeDeserted(): Promise<void> {
    const { session } = this.#meeting;
    if (session === null) return;
    const { account, meetings, router } = this.#surroundings;
    const matters = (): boolean =>
      typeof account.state?.user === 'object' &&
      account.state.user !== null &&
      meetings.end(session) === undefined &&
      // Who is about to come again is not the last.
      router.visit?.meeting.session !== session;
    const { signal, end } = onlyWhile(matters);
    try {
      if ((await this.call.deserted(signal)) && matters()) await platform.sessionEnd(session);
    } finally {
      end();
    }
  }

  #keepHistory(): HistoryWriter | undefined {
    const { account, preferences } = this.#surroundings;
    if (!preferences.keepsHistory) return undefined;
    const { title, room, provider, source, session } = this.#meeting;
    const backend = source === 'backend' ? account.state?.backend : undefined;
    const entry = {
      title,
      room,
      provider,
      profile: backend?.profile ?? null,
      sessionId: session,
      startedAt: this.call.since ?? Date.now(),
    };
    return new HistoryWriter(this.call, this.poll, entry, platform, this.#life);
  }
}

/** The code for how a meeting session ended. */
export function overCode(status: MeetingOver['status']): 'meeting-cancelled' | 'meeting-completed' {
  return status === 'cancelled' ? 'meeting-cancelled' : 'meeting-completed';
}

/** Nobody stays connected without a call. */
export async function closeQuietly(user: ConnectedUser): Promise<void> {
  try {
    await user.close();
  } catch (thrown) {
    platform.log('warn', `disconnecting: ${failure(thrown).code}`);
  }
}

/** The call does not depend on whether the program heard of it. */
export function report(heard: Promise<void>): void {
  heard.catch((thrown: unknown) => platform.log('warn', failure(thrown).code));
}
