import { invoke } from '@tauri-apps/api/core';
import { listen, type EventCallback } from '@tauri-apps/api/event';

import { redact } from '../errors/redact';
import type { JoinGrant } from './generated/commands';
import type { Platform } from './platform';

/** The installed app. */
export const tauri: Platform = {
  appInfo: () => invoke('app_info'),
  resolveMeeting: (input) => invoke('resolve_meeting', { input }),
  // The core's type and the call model's have to be one.
  fetchToken: ({ id }, displayName) => invoke<JoinGrant>('fetch_token', { id, displayName }),
  checkMeeting: ({ id }) => invoke('check_meeting', { id }),
  diagnoseToken: (token) => invoke('diagnose_token', { token }),
  historyBegin: (entry) => invoke('history_begin', { entry }),
  historyUpdate: (id, participants, quality) =>
    invoke('history_update', { id, participants, quality }),
  historyFinish: (id, reason, quality) => invoke('history_finish', { id, reason, quality }),
  historyList: (search, before, limit) => invoke('history_list', { search, before, limit }),
  historyDelete: (id) => invoke('history_delete', { id }),
  historyClear: () => invoke('history_clear'),
  historyExport: (format, search) => invoke('history_export', { format, search }),
  saveDownload: async (name, content) =>
    await invoke<string>('save_download', new Uint8Array(await content.arrayBuffer()), {
      // A header has no letters but those of ASCII.
      headers: { file: new URLSearchParams({ name }).toString() },
    }),
  settings: () => invoke('settings_explain'),
  setSetting: (key, value) => invoke('settings_set', { key, value }),
  unsetSetting: (key) => invoke('settings_unset', { key }),
  diagnostics: () => invoke('diagnostics'),
  openAddress: (address) => invoke('open_address', { address }),
  accountState: () => invoke('account_state'),
  signInPaste: (text) => invoke('sign_in_paste', { text }),
  signInBrowser: () => invoke('sign_in_browser'),
  signInLink: () => invoke('sign_in_link'),
  signInCancel: () => invoke('sign_in_cancel'),
  signOut: () => invoke('sign_out'),
  eraseTraces: () => invoke('erase_traces'),
  sessionsState: () => invoke('sessions_state'),
  sessionJoin: (id) => invoke('session_join', { id }),
  sessionDismiss: (id) => invoke('session_dismiss', { id }),
  sessionEnd: (id) => invoke('session_end', { id }),
  sessionCancel: (id) => invoke('session_cancel', { id }),
  callConnecting: (connecting) => invoke('call_connecting', { connecting }),
  callEntered: ({ id }) => invoke('call_entered', { id }),
  callLeft: (session, alone) => invoke('call_left', { session, alone }),
  closeAnswered: (close) => invoke('close_answered', { close }),
  messageWritten: (from, words) => invoke('message_written', { from, words }),
  async listen(name, hear) {
    const unpack: EventCallback<Parameters<typeof hear>[0]> = ({ payload }) => hear(payload);
    const stop = await listen(name, unpack);
    // Links that were opened before anybody listened.
    if (name === 'open-input') {
      for (const link of await invoke<Parameters<typeof hear>[0][]>('pending_links')) hear(link);
    }
    // What failed before anybody listened.
    if (name === 'problem') {
      for (const fault of await invoke<Parameters<typeof hear>[0][]>('pending_problems'))
        hear(fault);
    }
    // A meeting that the user was led to before the page was there.
    if (name === 'open-meeting') {
      const waiting = await invoke<Parameters<typeof hear>[0] | null>('pending_meeting');
      if (waiting !== null) hear(waiting);
    }
    return stop;
  },
  log(level, message) {
    // A line that cannot be logged must not become a fault of its own.
    invoke('log', { level, message: redact(message) }).catch(() => undefined);
  },
};
