import { recentRooms } from '../lib/rooms';
import { platform, type HistoryEntry } from '../platform';

/** Meetings of the past that are looked through. */
const LOOKED_THROUGH = 30;
const MOST = 4;

/** The rooms that the user was in last. */
export class Recent {
  rooms: readonly HistoryEntry[] = $state.raw([]);

  /** Never rejects: a history that cannot be read is told of where it is looked at. */
  async read(): Promise<void> {
    try {
      const { entries } = await platform.historyList('', null, LOOKED_THROUGH);
      this.rooms = recentRooms(entries, MOST);
    } catch {
      this.rooms = [];
    }
  }
}
