import type { MeetingToken } from '../call/model';
import type {
  AppInfo,
  Diagnosis,
  Explained,
  Meeting,
  SettingKey,
  SettingsReport,
} from './generated/commands';

export type {
  Diagnosis,
  Explained,
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
  /** What is set and where from. */
  settings(): Promise<SettingsReport>;
  /** Writes a setting to the user's file. */
  setSetting(key: SettingKey, value: SettingValue): Promise<SettingsReport>;
  /** Takes a setting out of the user's file. */
  unsetSetting(key: SettingKey): Promise<SettingsReport>;
  log(level: LogLevel, message: string): void;
}
