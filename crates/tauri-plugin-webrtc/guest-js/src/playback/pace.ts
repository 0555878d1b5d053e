/** Pictures a second, freezes and pauses, as webrtc-stats defines them. */

/** Intervals that make up the average to which one is compared. */
const WINDOW = 30;
/** webrtc-stats, `pauseCount`: after that long without a picture, in milliseconds. */
const PAUSE = 5000;

export class Pace {
  freezeCount = 0;
  /** Seconds. */
  totalFreezesDuration = 0;
  pauseCount = 0;
  /** Seconds. */
  totalPausesDuration = 0;
  #times: number[] = [];
  #last: number | undefined;
  #intervals: number[] = [];
  #watched = true;

  /** A picture was painted at `now`, in milliseconds. */
  painted(now: number): void {
    if (this.#last !== undefined && this.#watched) this.#interval(now - this.#last);
    this.#last = now;
    this.#watched = true;
    this.#times.push(now);
  }

  /** Nobody looks, or there is nothing to see: until the next picture nothing is a freeze or a pause. */
  unwatched(): void {
    this.#watched = false;
  }

  /** Pictures painted in the second before `now`. */
  perSecond(now: number): number {
    this.#times = this.#times.filter((time) => now - time <= 1000);
    return this.#times.length;
  }

  #interval(milliseconds: number): void {
    if (milliseconds > PAUSE) {
      this.pauseCount += 1;
      this.totalPausesDuration += milliseconds / 1000;
      return;
    }
    const { length } = this.#intervals;
    const average = this.#intervals.reduce((sum, value) => sum + value, 0) / Math.max(1, length);
    // webrtc-stats, `freezeCount`: at least three times, or 150 ms more than, the average.
    if (length > 0 && milliseconds >= Math.max(3 * average, average + 150)) {
      this.freezeCount += 1;
      this.totalFreezesDuration += milliseconds / 1000;
    }
    this.#intervals.push(milliseconds);
    if (length >= WINDOW) this.#intervals.shift();
  }
}
