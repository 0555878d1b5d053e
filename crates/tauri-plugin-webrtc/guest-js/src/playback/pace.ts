/** Pictures a second and freezes, as webrtc-stats defines them. */

/** Intervals that make up the average to which one is compared. */
const WINDOW = 30;

export class Pace {
  freezeCount = 0;
  /** Seconds. */
  totalFreezesDuration = 0;
  #times: number[] = [];
  #last: number | undefined;
  #intervals: number[] = [];

  /** A picture was painted at `now`, in milliseconds. */
  painted(now: number): void {
    if (this.#last !== undefined) this.#interval(now - this.#last);
    this.#last = now;
    this.#times.push(now);
  }

  /** Pictures painted in the second before `now`. */
  perSecond(now: number): number {
    this.#times = this.#times.filter((time) => now - time <= 1000);
    return this.#times.length;
  }

  #interval(milliseconds: number): void {
    const { length } = this.#intervals;
    const average = this.#intervals.reduce((sum, value) => sum + value, 0) / Math.max(1, length);
    // webrtc-stats, `freezeCount`: longer than three times, or 150 ms more than, the average.
    if (length > 0 && milliseconds >= Math.max(3 * average, average + 150)) {
      this.freezeCount += 1;
      this.totalFreezesDuration += milliseconds / 1000;
    }
    this.#intervals.push(milliseconds);
    if (length >= WINDOW) this.#intervals.shift();
  }
}
