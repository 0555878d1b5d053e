import type { MeetingToken } from '../call/model';

/** Where the app begins. */
export interface StartAt {
  /** A link or room name. */
  readonly room: string;
  readonly displayName: string;
  readonly screen: 'home' | 'lobby' | 'room';
}

export interface AppInfo {
  readonly version: string;
  /** Tokens may be signed on this machine. */
  readonly devMode: boolean;
  readonly startAt: StartAt | null;
  /** How pictures are painted: `cpu`, `gpu`, or the browser's own way. */
  readonly paintPath: string;
}

/** A meeting that was found, but not yet joined. */
export interface Meeting {
  readonly provider: 'livekit';
  readonly room: string;
  readonly title: string;
  readonly serverUrl: string;
  readonly source: string;
}

export type LogLevel = 'info' | 'warn' | 'error';

/** What the page needs of the program around it. Failures are `{code, message, detail?}`. */
export interface Platform {
  appInfo(): Promise<AppInfo>;
  /** Reads a link or a room name. */
  resolveMeeting(input: string): Promise<Meeting>;
  /** A fresh token, inspected before it is handed out. */
  fetchToken(meeting: Meeting, displayName: string): Promise<MeetingToken>;
  /** After a join has failed: rejects with what is wrong with token or server, if anything. */
  checkMeeting(token: MeetingToken): Promise<void>;
  log(level: LogLevel, message: string): void;
}
