/**
 * A part of the page that is not in its first load: it comes when it is wanted for the first time, and
 * stays.
 */
export class Late<Part> {
  /** Once it is there. */
  part: Part | undefined = $state.raw();
  readonly #fetch: () => Promise<{ readonly default: Part }>;

  constructor(fetch: () => Promise<{ readonly default: Part }>) {
    this.#fetch = fetch;
  }

  /**
   * Resolves once it is there. Rejects with the code `part-not-loaded` if it cannot be had; the next
   * call tries again.
   */
  async load(): Promise<void> {
    if (this.part !== undefined) return;
    try {
      this.part = (await this.#fetch()).default;
    } catch (thrown) {
      const detail = thrown instanceof Error ? thrown.message : String(thrown);
      throw Object.assign(new Error(detail), { code: 'part-not-loaded', detail });
    }
  }
}
