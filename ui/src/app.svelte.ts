import { Account } from './account.svelte';
import type { Call, ConnectedUser, MeetingToken } from './call/model';
import { loadProvider } from './call/providers';
import { Scope } from './call/scope';
import { LocalDevices } from './devices/local.svelte';
import { failure, type Failure } from './errors/failure';
import { errorText } from './errors/table';
import type { PastMeetings } from './lib/pastList.svelte';
import { Recording } from './lib/recording';
import { Meetings } from './meetings.svelte';
import {
  platform,
  type Diagnosis,
  type Meeting,
  type MeetingOver,
  type SettingKey,
  type SettingsReport,
  type SettingValue,
} from './platform';

type Screen =
  | { name: 'starting' }
  | { name: 'home' }
  | { name: 'doctor' }
  | { name: 'history' }
  | { name: 'settings' }
  | { name: 'lobby'; meeting: Meeting; devices: LocalDevices }
  | { name: 'room'; meeting: Meeting; call: Call; devices: LocalDevices };

/** Inputs that are off at the start. */
type StartOff = ConstructorParameters<typeof LocalDevices>[0];

const gravity = (code: string): number =>
  ['info', 'warning', 'error'].indexOf(errorText(code).severity);
/** What leads to a lobby, and may have to wait for the user's word. */
interface Arrival {
  /** What the meeting is called; empty: not known yet. */
  readonly title: string;
  readonly session: string | null;
  readonly find: () => Promise<Meeting>;
}

const devicesOf = (screen: Screen): LocalDevices | undefined =>
  'devices' in screen ? screen.devices : undefined;

const NAME_KEY = 'displayName';
/** Past meetings that are shown at once. */
const HISTORY_PAGE = 50;

/** Which screen is shown, and the way from one to the next. */
export class App {
  screen: Screen = $state.raw({ name: 'starting' });
  /** Told above the current screen until dismissed or overtaken. */
  failure: Failure | undefined = $state.raw();
  devMode = $state(false);
  version = $state('');
  displayName = $state(localStorage.getItem(NAME_KEY) ?? '');
  /** The headless guest: joins by itself. */
  unattended = $state(false);
  /** Inputs that are off when a lobby opens. */
  #off: StartOff = {};
  /** Would end the call that the user is in, if they want that. */
  arrival: Arrival | undefined = $state.raw();
  /** The name that the account gave, as long as it is the account's. */
  #lent = '';
  readonly account = new Account();
  readonly meetings = new Meetings();

  #finding = $state(false);
  /** Ends the attempt to join that is under way. */
  #joining: AbortController | undefined = $state.raw();
  /** Counts where the user wanted to go: what comes later overtakes what is still on its way. */
  #wishes = 0;
  /** The meeting session that the user is ending for everyone. */
  #ending: string | undefined;
  /** Calls may be recorded; not before the settings say so. */
  #remembers = false;
  /** How the meeting of the call ended, if that is why the call is left. */
  #overWith: string | undefined;
  readonly #life = new Scope();

  get busy(): boolean {
    return this.#finding || this.#joining !== undefined;
  }

  async start(): Promise<void> {
    if (!('RTCPeerConnection' in globalThis)) this.failure = { code: 'no-webrtc' };
    let problems: SettingsReport['problems'] = [];
    this.#listen();
    try {
      const [info, settings] = await Promise.all([platform.appInfo(), platform.settings()]);
      const { startAt } = info;
      this.devMode = info.devMode;
      this.version = info.version;
      this.unattended = startAt?.screen === 'room';
      this.#use(settings);
      problems = settings.problems;
      if (startAt !== null) {
        if (startAt.displayName !== '') this.displayName = startAt.displayName;
        if (startAt.screen !== 'home') await this.open(startAt.room);
      }
    } catch (thrown) {
      this.tell(thrown);
    }
    // A meeting may have been opened meanwhile.
    if (this.screen.name === 'starting') this.screen = { name: 'home' };
    // One of them, the gravest, as long as there is nothing else to tell; all are in the settings.
    const [problem] = problems.toSorted((one, other) => gravity(other.code) - gravity(one.code));
    if (problem && this.failure === undefined) this.tell(problem);
  }

  /** Hears of nothing any more. */
  stop(): void {
    this.#life.end();
    this.#joining?.abort();
    devicesOf(this.screen)?.close();
  }

  /** From a link or room name to the lobby; asks first if that ends a call. */
  readonly open = (input: string): Promise<void> =>
    this.#arrive({ title: '', session: null, find: () => platform.resolveMeeting(input) });

  /** To the lobby of a meeting session; asks first if that ends a call. */
  readonly joinSession = (id: string): Promise<void> =>
    this.#arrive({
      title: this.meetings.of(id)?.title ?? '',
      session: id,
      find: () => this.meetings.answer(id, () => platform.sessionJoin(id)),
    });

  /** For a computer that others use, too: nothing of the user stays on it. */
  readonly signOutAndErase = async (): Promise<void> => {
    await this.account.signOut();
    // Also if the server or the keyring did not do their part, which is told by the account.
    this.#lent = '';
    this.displayName = '';
    localStorage.clear();
    try {
      await platform.eraseTraces();
    } catch (thrown) {
      this.tell(thrown);
    }
  };

  readonly dismissSession = async (id: string): Promise<void> => {
    try {
      await this.meetings.answer(id, () => platform.sessionDismiss(id));
    } catch (thrown) {
      this.tell(thrown);
    }
  };

  readonly cancelSession = async (id: string): Promise<void> => {
    try {
      await this.meetings.answer(id, () => platform.sessionCancel(id));
    } catch (thrown) {
      this.tell(thrown);
    }
  };

  /** Leaves the call, or goes on with it. */
  answerArrival(go: boolean): void {
    const { arrival } = this;
    this.arrival = undefined;
    if (go && arrival !== undefined) void this.#enter(arrival);
  }

  /**
   * Who is signed in need not type their name; once they changed it, it is theirs. One that was
   * lent goes with the account; empty: nobody is signed in, or their name is not known.
   */
  lendName(name: string): void {
    if (this.#lent !== '' && this.displayName === this.#lent) this.displayName = '';
    this.#lent = '';
    if (name === '' || this.displayName.trim() !== '') return;
    this.#lent = name;
    this.displayName = name;
  }

  /** From the lobby into the room: the user is connected first, then the call is joined. */
  async join(meeting: Meeting, devices: LocalDevices): Promise<void> {
    if (this.busy) return;
    const joining = new AbortController();
    const { signal } = joining;
    this.#joining = joining;
    this.failure = undefined;
    this.#keepName();
    try {
      const user = await this.#connectUser(meeting);
      signal.throwIfAborted();
      // Whoever goes elsewhere meanwhile is not there for others to see.
      const call = await user.join(devices, signal);
      if (signal.aborted) {
        await this.#leave(call);
        return;
      }
      platform.log('info', `joined ${meeting.room}`);
      devices.entered();
      this.#show({ name: 'room', meeting, call, devices });
      this.#report(platform.callEntered(meeting.session));
      this.#follow(meeting, call);
    } catch (thrown) {
      if (!signal.aborted) this.tell(thrown);
    } finally {
      if (this.#joining === joining) this.#joining = undefined;
    }
  }

  /** Ends a meeting session for both, and the call with it; rejects if that failed. */
  async endForEveryone(meeting: Meeting, call: Call): Promise<void> {
    if (meeting.session === null) return;
    // The room may be gone before this is answered.
    this.#ending = meeting.session;
    try {
      await platform.sessionEnd(meeting.session);
    } catch (thrown) {
      this.#ending = undefined;
      throw thrown;
    }
    await call.leave();
  }

  /** Where tokens are examined. */
  doctor(): void {
    this.failure = undefined;
    this.#show({ name: 'doctor' });
  }

  readonly diagnose = (token: string): Promise<Diagnosis> => platform.diagnoseToken(token);

  /** Meetings of the past. */
  history(): void {
    this.failure = undefined;
    this.#show({ name: 'history' });
  }

  readonly past: PastMeetings = {
    list: (search, before) => platform.historyList(search, before, HISTORY_PAGE),
    delete: (id) => platform.historyDelete(id),
    clear: () => platform.historyClear(),
    export: (format, search) => platform.historyExport(format, search),
  };

  /** Where settings are shown and changed. */
  settings(): void {
    this.failure = undefined;
    this.#show({ name: 'settings' });
  }

  readonly readSettings = async (): Promise<SettingsReport> => this.#use(await platform.settings());

  readonly changeSetting = async (key: SettingKey, value: SettingValue): Promise<SettingsReport> =>
    this.#use(await platform.setSetting(key, value));

  readonly resetSetting = async (key: SettingKey): Promise<SettingsReport> =>
    this.#use(await platform.unsetSetting(key));

  home(): void {
    this.#show({ name: 'home' });
  }

  tell(thrown: unknown): void {
    this.failure = failure(thrown);
    const { code, detail } = this.failure;
    platform.log('warn', detail === undefined ? code : `${code}: ${detail}`);
  }

  /** Each on its own: what cannot be had of one must not take the others with it. */
  #listen(): void {
    const open = (meeting: Meeting): void =>
      void this.#arrive({
        title: meeting.title,
        session: meeting.session,
        find: () => Promise.resolve(meeting),
      });
    for (const started of [
      this.account.start(this.#life),
      this.meetings.start(this.#life),
      platform.listen('open-meeting', open).then((end) => this.#life.add(end)),
      platform
        .listen('open-input', (input) => void this.open(input))
        .then((end) => this.#life.add(end)),
      platform
        .listen('meeting-over', (over) => void this.#over(over))
        .then((end) => this.#life.add(end)),
      platform
        .listen('window-hidden', () => void this.#hidden())
        .then((end) => this.#life.add(end)),
      platform.listen('problem', (fault) => this.tell(fault)).then((end) => this.#life.add(end)),
    ]) {
      started.catch((thrown: unknown) => this.tell(thrown));
    }
  }

  /** Out of lobby or call: nobody is seen or heard from a window that was closed. */
  async #hidden(): Promise<void> {
    const { screen } = this;
    if (screen.name === 'room') await this.#leave(screen.call);
    // Also one that is being joined; what is on its way there is overtaken.
    else if (screen.name === 'lobby') this.home();
  }

  /** Out of the lobby or the call of a meeting that is over. */
  async #over({ session, status }: MeetingOver): Promise<void> {
    const { screen } = this;
    if (!('meeting' in screen) || screen.meeting.session !== session) return;
    // Whoever ends it for everyone is on the way out, and knows.
    if (this.#ending === session) return;
    const code = status === 'cancelled' ? 'meeting-cancelled' : 'meeting-completed';
    if (screen.name === 'room') {
      this.#overWith = code;
      await this.#leave(screen.call);
    } else {
      this.#show({ name: 'home' });
      this.failure = { code };
    }
  }

  #show(screen: Screen): void {
    this.#wishes += 1;
    this.#finding = false;
    this.#turnTo(screen);
  }

  /** Devices are open as long as a screen has them; what was being joined is left. */
  #turnTo(screen: Screen): void {
    const before = devicesOf(this.screen);
    this.screen = screen;
    if (before === devicesOf(screen)) return;
    before?.close();
    this.#joining?.abort();
    this.#joining = undefined;
  }

  async #arrive(arrival: Arrival): Promise<void> {
    const { screen } = this;
    const there = screen.name === 'room' || screen.name === 'lobby' ? screen.meeting : undefined;
    if (arrival.session !== null && there?.session === arrival.session) return;
    if (screen.name === 'room' || this.#joining !== undefined) this.arrival = arrival;
    else await this.#enter(arrival);
  }

  async #enter({ find }: Arrival): Promise<void> {
    this.#wishes += 1;
    const wish = this.#wishes;
    this.#finding = true;
    try {
      const meeting = await find();
      if (wish !== this.#wishes) return;
      // Only now: had it failed, the call would go on.
      if (this.screen.name === 'room') await this.#leave(this.screen.call);
      this.failure = undefined;
      this.#show({ name: 'lobby', meeting, devices: new LocalDevices(this.#off) });
      // The SDK is fetched while the user looks at the preview.
      loadProvider(meeting.provider).catch(() => undefined);
    } catch (thrown) {
      this.tell(thrown);
      if (this.screen.name === 'starting') this.screen = { name: 'home' };
    } finally {
      if (wish === this.#wishes) this.#finding = false;
    }
  }

  async #leave(call: Call): Promise<void> {
    try {
      await call.leave();
    } catch (thrown) {
      // It is over for the user all the same.
      platform.log('warn', `leaving: ${failure(thrown).code}`);
    }
  }

  async #connectUser(meeting: Meeting): Promise<ConnectedUser> {
    // Whoever comes back after a break is called the same, also if they are signed out by then.
    const name = this.displayName.trim();
    const fetchToken = (): Promise<MeetingToken> => platform.fetchToken(meeting, name);
    const provider = await loadProvider(meeting.provider).catch(async (thrown: unknown) => {
      // What is wrong at the backend comes first: whoever sets it up need not wait for a build
      // that can make the call.
      await fetchToken();
      throw thrown;
    });
    const user = await provider.connectUser(fetchToken);
    return {
      identity: user.identity,
      join: async (media, signal) => {
        try {
          return await user.join(media, signal);
        } catch (thrown) {
          if (signal?.aborted === true) throw thrown;
          // The SDK often only knows that it failed; the server can still be asked why.
          await platform.checkMeeting(await fetchToken());
          throw thrown;
        }
      },
    };
  }

  /** Takes over what counts at once. */
  #use(report: SettingsReport): SettingsReport {
    const value = (key: SettingKey): SettingValue =>
      report.settings.find((setting) => setting.key === key)?.value ?? null;
    const name = value('name');
    if (typeof name === 'string') {
      this.displayName = name;
      this.#lent = '';
    }
    this.#remembers = value('history') !== false;
    // Nobody could switch them on again.
    this.#off = this.unattended
      ? {}
      : { microphone: value('start_muted') === true, camera: value('start_camera_off') === true };
    return report;
  }

  /** For the next start; a lent name is not for whoever uses this computer next. */
  #keepName(): void {
    // A guest without a window has a name of its own, which is not the user's.
    if (this.unattended) return;
    if (this.displayName === this.#lent) localStorage.removeItem(NAME_KEY);
    else localStorage.setItem(NAME_KEY, this.displayName);
  }

  #follow(meeting: Meeting, call: Call): void {
    const scope = new Scope();
    const recording = this.#record(meeting, call, scope);
    let told: Call['problem'];
    // Whoever comes first and gives up waiting does not end the meeting for who is still to come.
    let met = false;
    let alone = false;
    const watch = (): void => {
      if (call.problem !== told) {
        // What is all right again is not to be told of any longer.
        if (told !== undefined && this.failure?.code === told.code) this.failure = undefined;
        told = call.problem;
        if (told !== undefined) this.tell(told);
      }
      // Without a connection nobody is seen; who was there before counts.
      if (call.state.kind === 'connected') {
        const others = call.participants.some(({ local }) => !local);
        met ||= others;
        alone = met && !others;
      }
      if (call.state.kind !== 'disconnected') return;
      scope.end();
      const end = this.#ended(meeting, call.state.reason, alone);
      void recording?.finish(end);
    };
    scope.add(call.subscribe(watch));
    // It may have happened before anybody listened.
    watch();
  }

  /** The guest's calls are not the user's. */
  #record(meeting: Meeting, call: Call, scope: Scope): Recording | undefined {
    if (this.unattended || !this.#remembers) return undefined;
    const { title, room, provider, source, session } = meeting;
    const backend = source === 'backend' ? this.account.state?.backend : undefined;
    const entry = {
      title,
      room,
      provider,
      profile: backend?.profile ?? null,
      sessionId: session,
      startedAt: call.since ?? Date.now(),
    };
    return new Recording(call, entry, platform, scope);
  }

  /** The code for how it ended. */
  #ended(meeting: Meeting, reason: string, alone: boolean): string {
    platform.log('info', `the call ended: ${reason}`);
    const forEveryone = meeting.session !== null && this.#ending === meeting.session;
    const over = this.#overWith;
    const own = (reason === 'left' && over === undefined) || forEveryone;
    this.#ending = undefined;
    this.#overWith = undefined;
    const hungUp = reason === 'left' && over === undefined;
    this.#report(platform.callLeft(meeting.session, hungUp && alone));
    // That the other party ended the meeting says more than what it did to the connection.
    const code =
      reason === 'duplicate-identity' ? undefined : (over ?? this.meetings.end(meeting.session));
    this.failure = own ? undefined : { code: code ?? reason };
    // Not by `#show`: a meeting that the user is on the way to is not overtaken by this.
    this.#turnTo({ name: 'home' });
    // There is no call left to ask about.
    this.answerArrival(true);
    if (forEveryone) return 'ended';
    return own ? reason : (code ?? reason);
  }

  /** The call does not depend on whether the program heard of it. */
  #report(heard: Promise<void>): void {
    heard.catch((thrown: unknown) => platform.log('warn', failure(thrown).code));
  }
}
