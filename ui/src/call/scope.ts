/** Owns what has to be ended: subscriptions, timers, elements. */
export class Scope {
  #ends: (() => void)[] = [];
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  /** Runs `end` when the scope ends; at once if it has ended already. */
  add(end: () => void): void {
    if (this.#ended) end();
    else this.#ends.push(end);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const end of this.#ends.splice(0).reverse()) end();
  }
}
