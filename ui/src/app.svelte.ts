import { Account } from './account.svelte';
import type { Call, ConnectedUser, JoinGrant } from './call/model';
import { loadProvider } from './call/providers';
import { Scope } from './call/scope';
import { LocalDevices } from './devices/local.svelte';
import { failure } from './errors/failure';
import { Failures } from './errors/failures.svelte';
import { errorText } from './errors/table';
import type { PastMeetings } from './lib/pastList.svelte';
import { Recording } from './lib/recording';
import { Meetings } from './meetings.svelte';
import { OwnName } from './ownName.svelte';
import {
  platform,
  type Diagnosis,
  type Lost,
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
  /** The meeting itself, where it is known already. */
  readonly meeting?: Meeting;
  readonly find: () => Promise<Meeting>;
}

const devicesOf = (screen: Screen): LocalDevices | undefined =>
  'devices' in screen ? screen.devices : undefined;

/** Past meetings that are shown at once. */
const HISTORY_PAGE = 50;

/** The way to a meeting that was found already. */
function known(meeting: Meeting): Arrival {
  const { title, session } = meeting;
  return { title, session, meeting, find: () => Promise.resolve(meeting) };
}

/** Which screen is shown, and the way from one to the next. */
export class App {
  screen: Screen = $state.raw({ name: 'starting' });
  readonly failures = new Failures((line) => platform.log('warn', line));
  devMode = $state(false);
  version = $state('');
  /** Only the administrator says what the user is called. */
  nameLocked = $state(false);
  /** The headless guest: joins by itself. */
  unattended = $state(false);
  /** Inputs that are off when a lobby opens. */
  #off: StartOff = {};
  /** Would end the call or the lobby that the user is in, if they want that. */
  arrival: Arrival | undefined = $state.raw();
  /** The meeting that the page before this one was torn out of, until the user has answered. */
  lost: (Lost & { readonly meeting: Meeting }) | undefined = $state.raw();
  readonly account = new Account(this.failures);
  readonly meetings = new Meetings();
  readonly #name = new OwnName();
  /** The name can be kept for the next start. */
  #keepsName = false;

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

  /** What the others are to call the user. */
  get displayName(): string {
    return this.#name.shown;
  }

  set displayName(name: string) {
    this.#name.type(name);
  }

  /** Told above the screen; home tells itself what is wrong with the sign-in, a lobby devices. */
  get told(): ReturnType<Failures['newest']> {
    if (this.screen.name === 'home') return this.failures.newest('sign-in');
    if (this.screen.name === 'lobby') return this.failures.newest('microphone', 'camera');
    return this.failures.newest();
  }

  async start(): Promise<void> {
    if (!('RTCPeerConnection' in globalThis)) this.tell({ code: 'no-webrtc' });
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
      if (startAt !== null && startAt.screen !== 'home') await this.open(startAt.room);
      this.#comeBack(info.lost);
    } catch (thrown) {
      this.tell(thrown);
    }
    // A meeting may have been opened meanwhile.
    if (this.screen.name === 'starting') this.screen = { name: 'home' };
    // One of them, the gravest, as long as there is nothing else to tell; all are in the settings.
    const [problem] = problems.toSorted((one, other) => gravity(other.code) - gravity(one.code));
    if (problem && this.failures.newest() === undefined) this.tell(problem);
  }

  /** Hears of nothing any more. */
  stop(): void {
    this.#life.end();
    this.#joining?.abort();
    devicesOf(this.screen)?.close();
  }

  /** From a link or room name to the lobby; asks first if that ends a call. */
  readonly open = (input: string): Promise<void> =>
    this.#enter({ title: '', session: null, find: () => platform.resolveMeeting(input) });

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
    this.displayName = '';
    localStorage.clear();
    try {
      await platform.eraseTraces();
      await this.readSettings();
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

  /** Leaves the call or the lobby, or goes on with it. */
  answerArrival(go: boolean): void {
    const { arrival } = this;
    this.arrival = undefined;
    if (go && arrival !== undefined) void this.#enter(arrival);
  }

  /** Back to the lobby of the meeting that was lost, or not. */
  answerLost(back: boolean): void {
    const meeting = this.lost?.meeting;
    this.lost = undefined;
    if (back && meeting !== undefined) void this.#arrive(known(meeting));
  }

  /** Who is signed in need not type their name; empty: it is not known. */
  lendName(name: string): void {
    this.#name.account(name);
  }

  /** From the lobby into the room: the user is connected first, then the call is joined. */
  async join(meeting: Meeting, devices: LocalDevices): Promise<void> {
    if (this.busy) return;
    const joining = new AbortController();
    const { signal } = joining;
    this.#joining = joining;
    // What is wrong with the devices is so in the room as well.
    for (const subject of ['way', 'sign-in', 'call'] as const) this.failures.end(subject);
    void this.#keepName();
    let user: ConnectedUser | undefined;
    try {
      user = await this.#connectUser(meeting, signal);
      signal.throwIfAborted();
      // Whoever goes elsewhere meanwhile is not there for others to see.
      const call = await user.join(devices, signal);
      signal.throwIfAborted();
      platform.log('info', `joined ${meeting.room}`);
      devices.entered();
      this.#show({ name: 'room', meeting, call, devices });
      this.#report(platform.callEntered(meeting));
      this.#follow(meeting, call, user);
    } catch (thrown) {
      if (!signal.aborted) this.tell(thrown);
      if (user !== undefined) void this.#close(user);
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
    this.failures.clear();
    this.#show({ name: 'doctor' });
  }

  readonly diagnose = (token: string): Promise<Diagnosis> => platform.diagnoseToken(token);

  /** Meetings of the past. */
  history(): void {
    this.failures.clear();
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
    this.failures.clear();
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
    this.failures.tell('way', failure(thrown));
  }

  /** Each on its own: what cannot be had of one must not take the others with it. */
  #listen(): void {
    const open = (meeting: Meeting): void => void this.#arrive(known(meeting));
    for (const started of [
      this.account.start(this.#life),
      this.meetings.start(this.#life),
      platform.listen('open-meeting', open).then((end) => this.#life.add(end)),
      platform
        .listen('open-input', (input) => void this.#linked(input))
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
    if (this.lost?.meeting.session === session) this.lost = undefined;
    if (!('meeting' in screen) || screen.meeting.session !== session) return;
    // Whoever ends it for everyone is on the way out, and knows.
    if (this.#ending === session) return;
    const code = status === 'cancelled' ? 'meeting-cancelled' : 'meeting-completed';
    if (screen.name === 'room') {
      this.#overWith = code;
      await this.#leave(screen.call);
    } else {
      this.#show({ name: 'home' });
      this.tell({ code });
    }
  }

  /** Says what became of the page before this one, and what it was torn out of. */
  #comeBack(lost: Lost | null): void {
    if (lost === null) return;
    const { meeting, died } = lost;
    if (meeting !== null) this.lost = { meeting, died };
    else if (died) this.tell({ code: 'page-died' });
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

  /** A link from outside: anybody may have made it, so that it changes nothing unasked. */
  async #linked(input: string): Promise<void> {
    if (!this.#settled()) {
      await this.open(input);
      return;
    }
    try {
      const meeting = await platform.resolveMeeting(input);
      const there = 'meeting' in this.screen ? this.screen.meeting : undefined;
      const same = there?.room === meeting.room && there.serverUrl === meeting.serverUrl;
      if (same && there.session === null) return;
      if (this.#settled()) this.arrival = known(meeting);
      else await this.#enter(known(meeting));
    } catch (thrown) {
      this.tell(thrown);
    }
  }

  /** The user is in a call or about to be in one. */
  #settled(): boolean {
    return this.screen.name === 'room' || this.screen.name === 'lobby';
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
      this.failures.clear();
      this.lost = undefined;
      const devices = new LocalDevices(this.#off, this.failures);
      this.#show({ name: 'lobby', meeting, devices });
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

  /** Nobody stays connected without a call. */
  async #close(user: ConnectedUser): Promise<void> {
    try {
      await user.close();
    } catch (thrown) {
      platform.log('warn', `disconnecting: ${failure(thrown).code}`);
    }
  }

  async #connectUser(meeting: Meeting, signal: AbortSignal): Promise<ConnectedUser> {
    // Whoever comes back after a break is called the same, also if they are signed out by then.
    const name = this.displayName.trim();
    const fetchGrant = (): Promise<JoinGrant> => platform.fetchToken(meeting, name);
    const provider = await loadProvider(meeting.provider).catch(async (thrown: unknown) => {
      // What is wrong at the backend comes first: whoever sets it up need not wait for a build
      // that can make the call.
      await fetchGrant();
      throw thrown;
    });
    const user = await provider.connectUser(fetchGrant, signal);
    return {
      identity: user.identity,
      close: () => user.close(),
      join: async (media, joining) => {
        try {
          return await user.join(media, joining);
        } catch (thrown) {
          if (joining?.aborted === true) throw thrown;
          // The SDK often only knows that it failed; the server can still be asked why.
          await fetchGrant();
          await platform.checkMeeting(meeting);
          throw thrown;
        }
      },
    };
  }

  /** Takes over what counts at once. */
  #use(report: SettingsReport): SettingsReport {
    const value = (key: SettingKey): SettingValue =>
      report.settings.find((setting) => setting.key === key)?.value ?? null;
    const name = report.settings.find((setting) => setting.key === 'name');
    this.#name.settings(typeof name?.value === 'string' ? name.value : '');
    this.nameLocked = name?.locked === true;
    this.#keepsName = name?.editable === true;
    this.#remembers = value('history') !== false;
    // Nobody could switch them on again.
    this.#off = this.unattended
      ? {}
      : { microphone: value('start_muted') === true, camera: value('start_camera_off') === true };
    return report;
  }

  /** For the next start; that it cannot be kept is no reason not to join. */
  async #keepName(): Promise<void> {
    const name = this.#name.unsaved;
    // A guest without a window has a name of its own, which is not the user's.
    if (this.unattended || !this.#keepsName || name === undefined) return;
    try {
      await (name === '' ? this.resetSetting('name') : this.changeSetting('name', name));
    } catch (thrown) {
      this.tell(thrown);
    }
  }

  #follow(meeting: Meeting, call: Call, user: ConnectedUser): void {
    const scope = new Scope();
    const recording = this.#record(meeting, call, scope);
    let told: Call['problem'];
    // Whoever comes first and gives up waiting does not end the meeting for who is still to come.
    let met = false;
    let alone = false;
    const watch = (): void => {
      if (call.problem !== told) {
        told = call.problem;
        if (told === undefined) this.failures.end('call');
        else this.failures.tell('call', failure(told));
      }
      // Without a connection nobody is seen; who was there before counts.
      if (call.state.kind === 'connected') {
        const others = call.participants.some(({ local }) => !local);
        met ||= others;
        alone = met && !others;
      }
      if (call.state.kind !== 'disconnected') return;
      scope.end();
      const { reason, code } = call.state;
      const end = this.#ended(meeting, code ?? reason, alone);
      void recording?.finish(end);
      void this.#close(user);
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
    this.failures.clear();
    if (!own) this.tell({ code: code ?? reason });
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
