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

interface Repeated {
  readonly work: () => void;
  readonly period: number;
  next: number;
}
const repeated = new Map<number, Repeated>();
const { setInterval: begin, clearInterval: end } = globalThis;
let names = 1_000_000;
Object.assign(globalThis, {
  setInterval(work: () => void, period = 0, ...given: unknown[]): number {
    if (period < SLOW) return begin(work, period, ...given);
    names += 1;
    repeated.set(names, { work, period, next: now + period });
    return names;
  },
  clearInterval(name: number): void {
    if (!repeated.delete(name)) end(name);
  },
});

/** It is this many milliseconds later from now on; resolves when what was due by then has been done. */
export async function pass(milliseconds: number): Promise<void> {
  now += milliseconds;
  for (const each of [...repeated.values()]) {
    if (each.next > now) continue;
    each.next = now + each.period;
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
