import { platform } from '../platform';
import type { HistorySource } from './list.svelte';

/** Entries that are shown at once. */
const PAGE = 50;

/** The history that the program keeps on this computer. */
export const keptHistory: HistorySource = {
  list: (search, before) => platform.historyList(search, before, PAGE),
  delete: (id) => platform.historyDelete(id),
  clear: () => platform.historyClear(),
  export: (format, search) => platform.historyExport(format, search),
};
