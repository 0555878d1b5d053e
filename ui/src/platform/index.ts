import { isTauri } from '@tauri-apps/api/core';

import { browser } from './browser';
import type { Platform } from './platform';
import { tauri } from './tauri';

export type {
  AccountState,
  Diagnosis,
  Explained,
  ExportFormat,
  HistoryCursor,
  HistoryEntry,
  HistoryPage,
  Lost,
  Meeting,
  MeetingOver,
  MeetingSession,
  NewEntry,
  Platform,
  QualitySummary,
  SessionsState,
  SettingKey,
  SettingsReport,
  SettingValue,
} from './platform';

/** The program that this page runs in. */
export const platform: Platform = isTauri() ? tauri : browser(location.search);
