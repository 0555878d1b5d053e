import type { Failure } from '../errors/failure';
import { Failures } from '../errors/failures.svelte';
import { errorText } from '../errors/table';
import { platform, type MeetingOver } from '../platform';
import { Scope } from '../call/scope';
import { Account } from './account.svelte';
import { Arrivals } from './arrivals.svelte';
import { Meetings } from './meetings.svelte';
import { overCode, report } from './ongoingCall';
import { Preferences } from './preferences.svelte';
import { Recent } from './recent.svelte';
import { Router } from './router.svelte';
import { soon } from '../words/language.svelte';

const gravity = ({ code }: Failure): number =>
  ['info', 'warning', 'error'].indexOf(errorText(code).severity);

/** The parts of the page that are not seen, and where what the program tells them leads. */
export class App {
  readonly failures = new Failures((line) => platform.log('warn', line));
  readonly router = new Router(this.failures);
  readonly preferences = new Preferences(this.failures);
  readonly meetings = new Meetings(this.failures);
  readonly account = new Account(this.failures, (name) => this.preferences.lendName(name));
  readonly arrivals = new Arrivals(this.router, this.meetings, this.preferences, this.failures);
  readonly recent = new Recent();
  devMode = $state(false);
  version = $state('');
  /** The window is to be closed in a call: the user is asked. */
  closing = $state(false);
  readonly #life = new Scope();

  /** Told above the screen; home tells itself what is wrong with the sign-in, a lobby devices. */
  get failureAbove(): ReturnType<Failures['newest']> {
    const { name } = this.router.screen;
    if (name === 'home') return this.failures.newest('sign-in');
    if (name === 'lobby') return this.failures.newest('microphone', 'camera');
    return this.failures.newest();
  }

  async start(): Promise<void> {
    if (!('RTCPeerConnection' in globalThis)) this.failures.tell('general', { code: 'no-webrtc' });
    const { preferences, router, arrivals, failures } = this;
    this.#listen();
    try {
      const [info, settings] = await Promise.all([platform.appInfo(), platform.settings()]);
      const { startAt } = info;
      this.devMode = info.devMode;
      this.version = info.version;
      preferences.unattended = startAt?.screen === 'room';
      await soon(preferences.use(settings));
      if (startAt !== null && startAt.screen !== 'home') await arrivals.open(startAt.room);
      arrivals.comeBack(info.lost);
    } catch (thrown) {
      failures.caught('general', thrown);
    }
    // A meeting may have been opened meanwhile.
    if (router.screen.name === 'starting') router.fallBack({ name: 'home' });
    // One of them, the gravest, as long as there is nothing else to tell; all are in the settings.
    const problems = preferences.report?.problems ?? [];
    const [problem] = problems.toSorted((one, other) => gravity(other) - gravity(one));
    if (problem && failures.newest() === undefined) failures.caught('general', problem);
  }

  /** Hears of nothing any more. */
  stop(): void {
    this.#life.end();
    this.router.visit?.end();
  }

  /** Out of the call and the window, or not. */
  readonly answerClose = async (close: boolean): Promise<void> => {
    this.closing = false;
    const { screen } = this.router;
    if (close && screen.name === 'room') {
      await screen.ongoing.leave();
      // The page goes with its window.
      await screen.ongoing.recorded();
    }
    report(platform.closeAnswered(close));
  };

  /** For a computer that others use, too: nothing of the user stays on it. */
  readonly signOutAndErase = async (): Promise<void> => {
    await this.account.signOut();
    // Also if the server or the keyring did not do their part, which is told by the account.
    this.preferences.typeName('');
    localStorage.clear();
    this.recent.rooms = [];
    this.meetings.forget();
    try {
      await platform.eraseTraces();
      await this.preferences.read();
    } catch (thrown) {
      this.failures.caught('general', thrown);
    }
  };

  /** Each on its own: what cannot be had of one must not take the others with it. */
  #listen(): void {
    const { account, arrivals, failures, meetings } = this;
    const hear: typeof platform.listen = async (name, heard) => {
      const end = await platform.listen(name, heard);
      this.#life.add(end);
      return end;
    };
    for (const started of [
      account.start(this.#life),
      meetings.start(this.#life),
      hear('open-meeting', (meeting) => void arrivals.openFound(meeting)),
      hear('open-input', (input) => void arrivals.openLink(input)),
      hear('home-asked', () => this.#askedHome()),
      hear('meeting-over', (over) => void this.#over(over)),
      hear('close-asked', () => this.#askedToClose()),
      hear('window-hidden', () => void this.#hidden()),
      hear('problem', (fault) => failures.caught('general', fault)),
    ]) {
      started.catch((thrown: unknown) => failures.caught('general', thrown));
    }
  }

  /** Never out of a lobby or a call; and what is typed at home already stays. */
  #askedHome(): void {
    const { screen, visit } = this.router;
    const away = screen.name !== 'starting' && screen.name !== 'home';
    if (away && visit === undefined) this.router.home();
  }

  #askedToClose(): void {
    if (this.router.screen.name === 'room') this.closing = true;
    // It was over by then.
    else report(platform.closeAnswered(true));
  }

  /** Out of lobby or call: nobody is seen or heard from a window that was closed. */
  async #hidden(): Promise<void> {
    // No lobby opens behind a closed window either.
    this.router.wish();
    const { screen } = this.router;
    if (screen.name === 'room') await screen.ongoing.leave();
    // Also one that is being joined.
    else if (screen.name === 'lobby') this.router.home();
  }

  /** Out of the lobby or the call of a meeting that is over. */
  async #over({ session, status }: MeetingOver): Promise<void> {
    this.arrivals.sessionOver(session);
    const { screen, visit } = this.router;
    if (visit?.meeting.session !== session) return;
    if (screen.name === 'room') await screen.ongoing.leaveAsOver(status);
    else {
      this.router.home();
      this.failures.tell('general', { code: overCode(status) });
    }
  }
}
