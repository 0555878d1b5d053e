import type { Call, ConnectedUser, MeetingToken } from './call/model';
import { loadProvider } from './call/providers';
import { LocalDevices } from './devices/local.svelte';
import { failure, type Failure } from './errors/failure';
import { errorText } from './errors/table';
import type { PastMeetings } from './lib/pastList.svelte';
import {
  platform,
  type Diagnosis,
  type Meeting,
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
  | { name: 'room'; meeting: Meeting; call: Call };

/** Inputs that are off at the start. */
type StartOff = ConstructorParameters<typeof LocalDevices>[0];

const gravity = (code: string): number =>
  ['info', 'warning', 'error'].indexOf(errorText(code).severity);

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
  busy = $state(false);
  /** The headless guest: joins by itself. */
  unattended = $state(false);
  /** Inputs that are off when a lobby opens. */
  #off: StartOff = {};

  async start(): Promise<void> {
    if (!('RTCPeerConnection' in globalThis)) this.failure = { code: 'no-webrtc' };
    let problems: SettingsReport['problems'] = [];
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
    if (this.screen.name === 'starting') this.screen = { name: 'home' };
    // One of them, the gravest, as long as there is nothing else to tell; all are in the settings.
    const [problem] = problems.toSorted((one, other) => gravity(other.code) - gravity(one.code));
    if (problem && this.failure === undefined) this.tell(problem);
  }

  /** From a link or room name to the lobby. */
  async open(input: string): Promise<void> {
    this.busy = true;
    try {
      const meeting = await platform.resolveMeeting(input);
      this.failure = undefined;
      this.screen = { name: 'lobby', meeting, devices: new LocalDevices(this.#off) };
      // The SDK is fetched while the user looks at the preview.
      loadProvider(meeting.provider).catch(() => undefined);
    } catch (thrown) {
      this.tell(thrown);
      this.screen = { name: 'home' };
    } finally {
      this.busy = false;
    }
  }

  /** From the lobby into the room: the user is connected first, then the call is joined. */
  async join(meeting: Meeting, devices: LocalDevices): Promise<void> {
    if (this.busy) return;
    performance.mark('join-clicked');
    this.busy = true;
    this.failure = undefined;
    // A guest without a window has a name of its own, which is not the user's.
    if (!this.unattended) localStorage.setItem(NAME_KEY, this.displayName);
    try {
      const user = await this.#connectUser(meeting);
      const call = await user.join(devices.handOver());
      platform.log('info', `joined ${meeting.room}`);
      this.screen = { name: 'room', meeting, call };
      let told: Call['problem'];
      const watch = (): void => {
        if (call.problem !== told) {
          told = call.problem;
          this.tell(told);
        }
        if (call.state.kind !== 'disconnected') return;
        unsubscribe();
        this.#ended(call.state.reason);
      };
      const unsubscribe = call.subscribe(watch);
      // It may have happened before anybody listened.
      watch();
    } catch (thrown) {
      devices.takeBack();
      this.tell(thrown);
    } finally {
      this.busy = false;
    }
  }

  /** Where tokens are examined. */
  doctor(): void {
    this.failure = undefined;
    this.screen = { name: 'doctor' };
  }

  readonly diagnose = (token: string): Promise<Diagnosis> => platform.diagnoseToken(token);

  /** Meetings of the past. */
  history(): void {
    this.failure = undefined;
    this.screen = { name: 'history' };
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
    this.screen = { name: 'settings' };
  }

  readonly readSettings = async (): Promise<SettingsReport> => this.#use(await platform.settings());

  readonly changeSetting = async (key: SettingKey, value: SettingValue): Promise<SettingsReport> =>
    this.#use(await platform.setSetting(key, value));

  readonly resetSetting = async (key: SettingKey): Promise<SettingsReport> =>
    this.#use(await platform.unsetSetting(key));

  home(): void {
    this.screen = { name: 'home' };
  }

  tell(thrown: unknown): void {
    this.failure = failure(thrown);
    const { code, detail } = this.failure;
    platform.log('warn', detail === undefined ? code : `${code}: ${detail}`);
  }

  async #connectUser(meeting: Meeting): Promise<ConnectedUser> {
    const provider = await loadProvider(meeting.provider);
    const fetchToken = (): Promise<MeetingToken> =>
      platform.fetchToken(meeting, this.displayName.trim());
    const user = await provider.connectUser(fetchToken);
    return {
      identity: user.identity,
      join: async (media) => {
        try {
          return await user.join(media);
        } catch (thrown) {
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
    if (typeof name === 'string') this.displayName = name;
    // Nobody could switch them on again.
    this.#off = this.unattended
      ? {}
      : { microphone: value('start_muted') === true, camera: value('start_camera_off') === true };
    return report;
  }

  #ended(reason: string): void {
    platform.log('info', `the call ended: ${reason}`);
    this.failure = reason === 'left' ? undefined : { code: reason };
    this.screen = { name: 'home' };
  }
}
