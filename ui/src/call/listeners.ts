/** Those who want to hear of something. */
export class Listeners<Values extends readonly unknown[] = []> {
  readonly #all = new Set<(...values: Values) => void>();

  get size(): number {
    return this.#all.size;
  }

  /** The returned function ends it. */
  add(listener: (...values: Values) => void): () => void {
    // Whoever listens twice hears it twice, and ends each on its own.
    const own = (...values: Values): void => listener(...values);
    this.#all.add(own);
    return () => void this.#all.delete(own);
  }

  tell(...values: Values): void {
    for (const listener of [...this.#all]) listener(...values);
  }
}
