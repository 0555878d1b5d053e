/** What somebody may do now. */
interface Allowance {
  left: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** How often each of the others is heard: some at once, then one more with each period. */
export class Pace {
  readonly #burst: number;
  readonly #period: number;
  readonly #allowances = new Map<string, Allowance>();

  /** `period`: milliseconds. */
  constructor(burst: number, period: number) {
    this.#burst = burst;
    this.#period = period;
  }

  /** Whether they may once more, which then counts. */
  take(who: string): boolean {
    const now = Date.now();
    const known = this.#allowances.get(who) ?? { left: this.#burst, at: now };
    const gained = Math.max(0, now - known.at) / this.#period;
    known.left = Math.min(this.#burst, known.left + gained);
    known.at = now;
    this.#allowances.set(who, known);
    if (known.left < 1) return false;
    known.left -= 1;
    return true;
  }
}
