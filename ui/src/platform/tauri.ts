import { invoke } from '@tauri-apps/api/core';

import { redact } from '../errors/redact';
import type { Platform } from './platform';

/** The installed app. */
export const tauri: Platform = {
  appInfo: () => invoke('app_info'),
  resolveMeeting: (input) => invoke('resolve_meeting', { input }),
  fetchToken: (meeting, displayName) => invoke('fetch_token', { meeting, displayName }),
  checkMeeting: ({ serverUrl, token }) => invoke('check_meeting', { serverUrl, token }),
  diagnoseToken: (token) => invoke('diagnose_token', { token }),
  historyBegin: (entry) => invoke('history_begin', { entry }),
  historyUpdate: (id, participants, quality) =>
    invoke('history_update', { id, participants, quality }),
  historyFinish: (id, reason, quality) => invoke('history_finish', { id, reason, quality }),
  historyList: (search, before, limit) => invoke('history_list', { search, before, limit }),
  historyDelete: (id) => invoke('history_delete', { id }),
  historyClear: () => invoke('history_clear'),
  historyExport: (format, search) => invoke('history_export', { format, search }),
  settings: () => invoke('settings_explain'),
  setSetting: (key, value) => invoke('settings_set', { key, value }),
  unsetSetting: (key) => invoke('settings_unset', { key }),
  log(level, message) {
    // A line that cannot be logged must not become a fault of its own.
    invoke('log', { level, message: redact(message) }).catch(() => undefined);
  },
};
