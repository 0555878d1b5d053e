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
  settings: () => invoke('settings_explain'),
  setSetting: (key, value) => invoke('settings_set', { key, value }),
  unsetSetting: (key) => invoke('settings_unset', { key }),
  log(level, message) {
    // A line that cannot be logged must not become a fault of its own.
    invoke('log', { level, message: redact(message) }).catch(() => undefined);
  },
};
