import { invoke } from '@tauri-apps/api/core';
import { listen, type EventCallback } from '@tauri-apps/api/event';

import { redact } from '../errors/redact';
import type { Platform } from './platform';

/** The installed app. */
export const tauri: Platform = {
  appInfo: () => invoke('app_info'),
  resolveMeeting: (input) => invoke('resolve_meeting', { input }),
  fetchToken: (meeting, displayName) => invoke('fetch_token', { meeting, displayName }),
  checkMeeting: ({ serverUrl, token }) => invoke('check_meeting', { serverUrl, token }),
  diagnoseToken: (token) => invoke('diagnose_token', { token }),
  accountState: () => invoke('account_state'),
  signInPaste: (text) => invoke('sign_in_paste', { text }),
  signInBrowser: () => invoke('sign_in_browser'),
  signInCancel: () => invoke('sign_in_cancel'),
  signOut: () => invoke('sign_out'),
  sessionsState: () => invoke('sessions_state'),
  sessionJoin: (id) => invoke('session_join', { id }),
  sessionDismiss: (id) => invoke('session_dismiss', { id }),
  sessionEnd: (id) => invoke('session_end', { id }),
  sessionCancel: (id) => invoke('session_cancel', { id }),
  callEntered: (session) => invoke('call_entered', { session }),
  callLeft: (session, alone) => invoke('call_left', { session, alone }),
  listen(name, hear) {
    const unpack: EventCallback<Parameters<typeof hear>[0]> = ({ payload }) => hear(payload);
    return listen(name, unpack);
  },
  log(level, message) {
    // A line that cannot be logged must not become a fault of its own.
    invoke('log', { level, message: redact(message) }).catch(() => undefined);
  },
};
