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

/** From here on what is done again and again waits for time to pass; milliseconds. */
const SLOW = 1_000;

/**
 * What is done once waits for it between these; milliseconds. Shorter waits are over by then, and longer
 * ones are limits, as for a scene that does not come.
 */
const LONG = 5_000;
const LIMIT = 10_000;

interface Waiting {
  readonly work: () => void;
  /** Undefined: it is done once. */
  readonly period: number | undefined;
  next: number;
}
const waiting = new Map<number, Waiting>();
const {
  setInterval: begin,
  clearInterval: end,
  setTimeout: delay,
  clearTimeout: drop,
} = globalThis;
let names = 1_000_000;

function wait(work: () => void, milliseconds: number, again: boolean): number {
  names += 1;
  const period = again ? milliseconds : undefined;
  waiting.set(names, { work, period, next: now + milliseconds });
  return names;
}
Object.assign(globalThis, {
  setInterval(work: () => void, period = 0, ...given: unknown[]): number {
    return period < SLOW ? begin(work, period, ...given) : wait(work, period, true);
  },
  clearInterval(name: number): void {
    if (!waiting.delete(name)) end(name);
  },
  setTimeout(work: () => void, milliseconds = 0, ...given: unknown[]): number {
    return milliseconds < LONG || milliseconds > LIMIT
      ? delay(work, milliseconds, ...given)
      : wait(work, milliseconds, false);
  },
  clearTimeout(name: number): void {
    if (!waiting.delete(name)) drop(name);
  },
});

/** It is this many milliseconds later from now on; resolves when what was due by then has been done. */
export async function pass(milliseconds: number): Promise<void> {
  now += milliseconds;
  for (const [name, each] of [...waiting]) {
    if (each.next > now) continue;
    if (each.period === undefined) waiting.delete(name);
    else each.next = now + each.period;
    each.work();
  }
  await new Promise((resolve) => setTimeout(resolve));
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
