import type { MeetingToken } from '../call/model';
import type {
  AppInfo,
  Diagnosis,
  Explained,
  ExportFormat,
  HistoryCursor,
  HistoryPage,
  Meeting,
  NewEntry,
  QualitySummary,
  SettingKey,
  SettingsReport,
} from './generated/commands';

export type {
  Diagnosis,
  Explained,
  ExportFormat,
  HistoryCursor,
  HistoryEntry,
  HistoryPage,
  Meeting,
  SettingKey,
  SettingsReport,
} from './generated/commands';

export type SettingValue = Explained['value'];

type LogLevel = 'info' | 'warn' | 'error';

/** What the page needs of the program around it. Failures are `{code, detail}`. */
export interface Platform {
  appInfo(): Promise<AppInfo>;
  /** Reads a link or a room name. */
  resolveMeeting(input: string): Promise<Meeting>;
  /** A fresh token, inspected before it is handed out. */
  fetchToken(meeting: Meeting, displayName: string): Promise<MeetingToken>;
  /** After a join has failed: rejects with what is wrong with token or server, if anything. */
  checkMeeting(token: MeetingToken): Promise<void>;
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
  /** What is set and where from. */
  settings(): Promise<SettingsReport>;
  /** Writes a setting to the user's file. */
  setSetting(key: SettingKey, value: SettingValue): Promise<SettingsReport>;
  /** Takes a setting out of the user's file. */
  unsetSetting(key: SettingKey): Promise<SettingsReport>;
  log(level: LogLevel, message: string): void;
}
