/** Time and motion, standing still: a picture taken twice is the same picture. */

/** A Tuesday in May, 10:00 UTC; milliseconds since 1970. */
let now = Date.UTC(2026, 4, 12, 10, 0, 0);

const Passing = Date;
class Frozen extends Passing {
  constructor(...given: readonly [] | readonly [number | string | Date]) {
    super(given.length === 0 ? now : given[0]);
  }

  static override now(): number {
    return now;
  }
}
Object.assign(globalThis, { Date: Frozen });

/** It is this many milliseconds later from now on. */
export function pass(milliseconds: number): void {
  now += milliseconds;
}

const still = document.createElement('style');
still.textContent = `*, *::before, *::after {
  animation: none !important;
  transition: none !important;
  caret-color: transparent !important;
  scroll-behavior: auto !important;
}`;
document.head.append(still);

/** Whatever moves by itself has arrived. */
export function arriveAll(): void {
  for (const animation of document.getAnimations()) animation.finish();
}
