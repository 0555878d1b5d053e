import type { JoinGrant } from '../call/model';
import type {
  AccountState,
  AppInfo,
  Diagnosis,
  Explained,
  ExportFormat,
  Fault,
  HistoryCursor,
  HistoryPage,
  HeldMeeting as Meeting,
  MeetingOver,
  NewEntry,
  QualitySummary,
  SessionsState,
  SettingKey,
  SettingsReport,
} from './generated/commands';

export type {
  AccountState,
  Diagnosis,
  Explained,
  ExportFormat,
  HistoryCursor,
  HistoryEntry,
  HistoryPage,
  HeldMeeting as Meeting,
  Lost,
  MeetingOver,
  MeetingSession,
  NewEntry,
  QualitySummary,
  SessionsState,
  SettingKey,
  SettingsReport,
} from './generated/commands';

export type SettingValue = Explained['value'];

type LogLevel = 'info' | 'warn' | 'error';

/** What the program tells the page unasked. */
export interface Events {
  account: AccountState;
  sessions: SessionsState;
  /** To the lobby of this one: a notification was clicked, or the user accepted an offer. */
  'open-meeting': Meeting;
  /** A link was opened elsewhere. */
  'open-input': string;
  /** The user asked their desktop for where a meeting is joined. */
  'home-asked': null;
  /** A meeting session has ended; the user may be in its lobby or its call. */
  'meeting-over': MeetingOver;
  /** The window was closed, and the app goes on without it. */
  'window-hidden': null;
  /** The window is to be closed in a call: the user is asked, and `closeAnswered` is told. */
  'close-asked': null;
  /** Something failed that nobody on the page had asked for. */
  problem: Fault;
}

/** What the page needs of the program around it. Failures are `{code, detail}`. */
export interface Platform {
  appInfo(): Promise<AppInfo>;
  /** Reads a link or a room name. */
  resolveMeeting(input: string): Promise<Meeting>;
  /** A fresh grant, whose token was inspected before it is handed out. */
  fetchToken(meeting: Meeting, displayName: string): Promise<JoinGrant>;
  /**
   * After a join has failed: rejects with what is wrong with the server or the token that was fetched
   * last, if anything.
   */
  checkMeeting(meeting: Meeting): Promise<void>;
  /** Says what a token allows and what is wrong with it. */
  diagnoseToken(token: string): Promise<Diagnosis>;
  /** A meeting begins; the answer is the id of its entry in the history. */
  historyBegin(entry: NewEntry): Promise<number>;
  /** It goes on: names are added to those before. If the app stops, it ended here. */
  historyUpdate(id: number, participants: string[], quality: QualitySummary | null): Promise<void>;
  /** It is over; `reason` is a code of the error table. */
  historyFinish(id: number, reason: string, quality: QualitySummary | null): Promise<void>;
  /** Meetings of the past, newest first, from `before` on. */
  historyList(search: string, before: HistoryCursor | null, limit: number): Promise<HistoryPage>;
  historyDelete(id: number): Promise<void>;
  historyClear(): Promise<void>;
  /** Writes what the search finds into a file; answers where that is. */
  historyExport(format: ExportFormat, search: string): Promise<string>;
  /** Writes a file into the user's downloads folder, under this name if it is free; answers where that is. */
  saveDownload(name: string, content: Blob): Promise<string>;
  /** What is set and where from. */
  settings(): Promise<SettingsReport>;
  /** Writes a setting to the user's file. */
  setSetting(key: SettingKey, value: SettingValue): Promise<SettingsReport>;
  /** Takes a setting out of the user's file. */
  unsetSetting(key: SettingKey): Promise<SettingsReport>;
  /** Version, system, settings and the end of the log, as text for whoever helps. */
  diagnostics(): Promise<string>;
  /** Opens a web page in the system's browser. */
  openAddress(address: string): Promise<void>;
  accountState(): Promise<AccountState>;
  /** Signs in with a token or session that the user copied from the product. */
  signInPaste(text: string): Promise<void>;
  /** Signs in by the system's browser; resolves when that is done. */
  signInBrowser(): Promise<void>;
  /** Opens the product's web site, whose link signs in; resolves when that is done. */
  signInLink(): Promise<void>;
  /** Waits for the browser no longer. */
  signInCancel(): Promise<void>;
  signOut(): Promise<void>;
  /** Erases what this computer remembers of the user: past meetings, name and logs. */
  eraseTraces(): Promise<void>;
  sessionsState(): Promise<SessionsState>;
  /** The meeting of a meeting session; it rings no longer. */
  sessionJoin(id: string): Promise<Meeting>;
  /** It rings no longer, and can still be joined. */
  sessionDismiss(id: string): Promise<void>;
  /** Ends it for both. */
  sessionEnd(id: string): Promise<void>;
  /** Calls it off for both. */
  sessionCancel(id: string): Promise<void>;
  /** The user is on the way into a call; or not any more, and does not want to return to one, either. */
  callConnecting(connecting: boolean): Promise<void>;
  /** The user is in the call of this meeting. */
  callEntered(meeting: Meeting): Promise<void>;
  /** The call is over for the user; `alone`: they hung up, and were the last one in it. */
  callLeft(session: string | null, alone: boolean): Promise<void>;
  /** Whether the call was left and the window is to be closed, as `close-asked` wants to know. */
  closeAnswered(close: boolean): Promise<void>;
  /** Somebody wrote in the call, and the window is behind others: it is said outside of it. */
  messageWritten(from: string, words: string): Promise<void>;
  /** Hears of each such event from when this resolves; the function that it resolves with ends it. */
  listen<Name extends keyof Events>(
    name: Name,
    hear: (event: Events[Name]) => void,
  ): Promise<() => void>;
  log(level: LogLevel, message: string): void;
}
