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

  /** Resolves after some milliseconds, or when the scope ends. */
  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
