/** Tiles on one page of the grid. */
const PAGE_SIZE = 9;

/** Pages of a list that may shrink: the last one is shown where there is none so far back. */
export class Pages<Item> {
  readonly count: number = $derived.by(() =>
    Math.max(1, Math.ceil(this.#items().length / PAGE_SIZE)),
  );
  /** From 0. */
  readonly current: number = $derived.by(() => Math.min(this.#wanted, this.count - 1));
  readonly shown: readonly Item[] = $derived.by(() =>
    this.#items().slice(this.current * PAGE_SIZE, (this.current + 1) * PAGE_SIZE),
  );
  readonly #items: () => readonly Item[];
  #wanted = $state(0);

  constructor(items: () => readonly Item[]) {
    this.#items = items;
  }

  turn(by: 1 | -1): void {
    this.#wanted = this.current + by;
  }
}
