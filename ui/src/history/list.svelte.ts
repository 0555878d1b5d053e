import type { ExportFormat, HistoryCursor, HistoryEntry, HistoryPage } from '../platform';

/** Meetings of the past, wherever they are kept. Failures are `{code, detail}`. */
export interface HistorySource {
  /** Newest first; `before` is where the page before this one ended. */
  list(search: string, before: HistoryCursor | null): Promise<HistoryPage>;
  delete(id: number): Promise<void>;
  clear(): Promise<void>;
  /** Writes what the search finds into a file; answers where that is. */
  export(format: ExportFormat, search: string): Promise<string>;
}

/** The part of the history that is shown. */
export class HistoryList {
  entries: readonly HistoryEntry[] = $state.raw([]);
  /** There are older ones. */
  more: HistoryCursor | null = $state.raw(null);
  notice: HistoryPage['notice'] = $state.raw(null);
  /** What `entries` were searched for; undefined: nothing was answered yet. */
  answered: string | undefined = $state();
  readonly #source: HistorySource;
  #search = '';
  #busy = false;

  constructor(source: HistorySource) {
    this.#source = source;
  }

  /**
   * Searches. While one search is on its way there is no other: the last one wanted follows, so
   * somebody who types fast asks for little, and an old answer never replaces a newer one.
   */
  async find(search: string): Promise<void> {
    this.#search = search;
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (;;) {
        const asked = this.#search;
        const page = await this.#source.list(asked, null).catch((thrown: unknown) => {
          if (asked === this.#search) throw thrown;
        });
        if (page === undefined || asked !== this.#search) continue;
        this.entries = page.entries;
        this.more = page.next;
        this.notice = page.notice;
        this.answered = asked;
        return;
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Appends older ones. */
  async older(): Promise<void> {
    const from = this.more;
    if (this.#busy || from === null) return;
    this.#busy = true;
    const asked = this.#search;
    try {
      const page = await this.#source.list(asked, from);
      this.entries = [...this.entries, ...page.entries];
      this.more = page.next;
    } finally {
      this.#busy = false;
      // Something else may have been wanted meanwhile.
      if (asked !== this.#search) await this.find(this.#search);
    }
  }

  async delete(id: number): Promise<void> {
    await this.#source.delete(id);
    this.entries = this.entries.filter((entry) => entry.id !== id);
  }

  async clear(): Promise<void> {
    await this.#source.clear();
    this.entries = [];
    this.more = null;
  }

  /** Of what is searched for now, also of what is not shown yet. */
  export(format: ExportFormat): Promise<string> {
    return this.#source.export(format, this.#search);
  }
}
