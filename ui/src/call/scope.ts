/** Owns what has to be ended: subscriptions, timers, elements. */
export class Scope {
  readonly #ends = new Set<() => void>();
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  /** Runs `end` when the scope ends; at once if it has ended already. */
  add(end: () => void): void {
    if (this.#ended) end();
    else this.#ends.add(end);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const end of [...this.#ends].reverse()) end();
    this.#ends.clear();
  }

  /** Resolves after some milliseconds, or when the scope ends. */
  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        // A scope that lasts keeps nothing of what was waited for.
        this.#ends.delete(end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      this.add(end);
    });
  }
}
