import { Listeners } from './listeners';
import type { Call, Statistics } from './model';
import type { Scope } from './scope';

/** How often it is looked, milliseconds. */
export const LOOK_EVERY = 3_000;

/**
 * Looks again and again how a call goes, for all who want to know: as one alone looks, what is `now` in
 * what they hear is since the look before.
 */
export class StatisticsPoll {
  readonly #call: Pick<Call, 'statistics'>;
  readonly #heard = new Listeners<[Statistics]>();
  #looking: Promise<void> | undefined;

  /** Looks until the scope ends. */
  constructor(call: Pick<Call, 'statistics'>, scope: Scope) {
    this.#call = call;
    const timer = setInterval(() => void this.look(), LOOK_EVERY);
    scope.add(() => clearInterval(timer));
  }

  /** Calls back after each look. */
  subscribe(listener: (statistics: Statistics) => void): () => void {
    return this.#heard.add(listener);
  }

  /** Looks now; resolves when all have heard of it. No more than one at a time, however long it takes. */
  look(): Promise<void> {
    return (this.#looking ??= this.#look());
  }

  async #look(): Promise<void> {
    try {
      this.#heard.tell(await this.#call.statistics());
    } finally {
      this.#looking = undefined;
    }
  }
}

/** Of what should have been received, per cent; undefined: that is not known. */
export function lossPercent(
  received: number | undefined,
  lost: number | undefined,
): number | undefined {
  if (received === undefined || lost === undefined || received + lost <= 0) return undefined;
  return (100 * lost) / (received + lost);
}
