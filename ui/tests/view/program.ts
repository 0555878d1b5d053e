import { vi } from 'vitest';

import type { Events, Platform } from '../../src/platform/platform';
import { accountState, grant, meeting, sessionsState } from '../support/standIns';

type Names = keyof Events;

/** The program around the page, in memory: answers as a test says, and tells what it likes. */
class Program implements Platform {
  readonly appInfo = vi.fn<Platform['appInfo']>();
  readonly resolveMeeting = vi.fn<Platform['resolveMeeting']>();
  readonly fetchToken = vi.fn<Platform['fetchToken']>();
  readonly checkMeeting = vi.fn<Platform['checkMeeting']>();
  readonly diagnoseToken = vi.fn<Platform['diagnoseToken']>();
  readonly openAddress = vi.fn<Platform['openAddress']>();
  readonly accountState = vi.fn<Platform['accountState']>();
  readonly signInPaste = vi.fn<Platform['signInPaste']>();
  readonly signInBrowser = vi.fn<Platform['signInBrowser']>();
  readonly signInLink = vi.fn<Platform['signInLink']>();
  readonly signInCancel = vi.fn<Platform['signInCancel']>();
  readonly signOut = vi.fn<Platform['signOut']>();
  readonly eraseTraces = vi.fn<Platform['eraseTraces']>();
  readonly sessionsState = vi.fn<Platform['sessionsState']>();
  readonly sessionJoin = vi.fn<Platform['sessionJoin']>();
  readonly sessionDismiss = vi.fn<Platform['sessionDismiss']>();
  readonly sessionEnd = vi.fn<Platform['sessionEnd']>();
  readonly sessionCancel = vi.fn<Platform['sessionCancel']>();
  readonly callConnecting = vi.fn<Platform['callConnecting']>();
  readonly callEntered = vi.fn<Platform['callEntered']>();
  readonly callLeft = vi.fn<Platform['callLeft']>();
  readonly messageWritten = vi.fn<Platform['messageWritten']>();
  readonly closeAnswered = vi.fn<Platform['closeAnswered']>();
  readonly historyBegin = vi.fn<Platform['historyBegin']>();
  readonly historyUpdate = vi.fn<Platform['historyUpdate']>();
  readonly historyFinish = vi.fn<Platform['historyFinish']>();
  readonly historyList = vi.fn<Platform['historyList']>();
  readonly historyDelete = vi.fn<Platform['historyDelete']>();
  readonly historyClear = vi.fn<Platform['historyClear']>();
  readonly historyExport = vi.fn<Platform['historyExport']>();
  readonly saveDownload = vi.fn<Platform['saveDownload']>();
  readonly settings = vi.fn<Platform['settings']>();
  readonly setSetting = vi.fn<Platform['setSetting']>();
  readonly unsetSetting = vi.fn<Platform['unsetSetting']>();
  readonly diagnostics = vi.fn<Platform['diagnostics']>();
  readonly log = vi.fn<Platform['log']>();
  readonly #heard = new Map<Names, Set<(told: never) => void>>();

  /** As it starts: nobody is signed in, and everything works. */
  reset(): void {
    this.#heard.clear();
    for (const each of Object.values(this)) if (vi.isMockFunction(each)) each.mockReset();
    this.appInfo.mockResolvedValue({
      version: '1.2.3',
      devMode: false,
      startAt: null,
      lost: null,
      paintPath: 'system',
    });
    this.resolveMeeting.mockImplementation((input) =>
      Promise.resolve({ ...meeting, room: input, title: input }),
    );
    this.fetchToken.mockImplementation(({ room }, identity) =>
      Promise.resolve({ ...grant, identity, room }),
    );
    this.accountState.mockResolvedValue(accountState());
    this.sessionsState.mockResolvedValue(sessionsState());
    for (const each of [
      this.checkMeeting,
      this.openAddress,
      this.signInPaste,
      this.signInBrowser,
      this.signInLink,
      this.signInCancel,
      this.signOut,
      this.eraseTraces,
      this.sessionDismiss,
      this.sessionEnd,
      this.sessionCancel,
      this.callConnecting,
      this.callEntered,
      this.callLeft,
      this.closeAnswered,
      this.messageWritten,
      this.historyUpdate,
      this.historyFinish,
      this.historyDelete,
      this.historyClear,
    ])
      each.mockResolvedValue();
    const report = { settings: [], problems: [], userFile: '/settings.toml' };
    for (const each of [this.settings, this.setSetting, this.unsetSetting])
      each.mockResolvedValue(report);
    this.diagnostics.mockResolvedValue('Salon 1.2.3\n');
    this.historyBegin.mockResolvedValue(1);
    this.historyList.mockResolvedValue({ entries: [], next: null, notice: null });
    this.saveDownload.mockImplementation((name) => Promise.resolve(`/downloads/${name}`));
    this.historyExport.mockResolvedValue('/downloads/meetings.csv');
    this.sessionJoin.mockImplementation((id) =>
      Promise.resolve({ ...meeting, room: id, title: `Meeting ${id}`, session: id }),
    );
  }

  listen<Name extends Names>(name: Name, hear: (told: Events[Name]) => void): Promise<() => void> {
    const set = this.#heard.get(name) ?? new Set();
    this.#heard.set(name, set.add(hear));
    return Promise.resolve(() => set.delete(hear));
  }

  tell<Name extends Names>(name: Name, told: Events[Name]): void {
    for (const hear of [...(this.#heard.get(name) ?? [])]) hear(told as never);
  }

  get listenerCount(): number {
    return [...this.#heard.values()].reduce((sum, set) => sum + set.size, 0);
  }
}

export const program = new Program();
