import type { MeetingToken } from '../call/model';
import type { AppInfo, Diagnosis, Meeting } from './generated/commands';

export type { Diagnosis, Meeting } from './generated/commands';

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
  log(level: LogLevel, message: string): void;
}
