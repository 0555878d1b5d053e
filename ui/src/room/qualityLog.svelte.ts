import type { Call, Flow, Measurement, Statistics } from '../call/model';

/** How often it is looked, milliseconds. */
export const PERIOD = 3_000;
/** So many looks are kept: five minutes. */
export const KEPT = 100;

/** How a call did at a time. Absent: not known. */
export interface Sample {
  readonly roundTripMs: number | undefined;
  readonly lossPercent: number | undefined;
  /** Of what is received, the worst. */
  readonly jitterMs: number | undefined;
  /** Of all together. */
  readonly receivedBitsPerSecond: number | undefined;
  readonly sentBitsPerSecond: number | undefined;
}

/** How a call did in the last minutes. */
export class QualityLog {
  /** The oldest first. */
  samples: readonly Sample[] = $state.raw([]);
  latest: Statistics | undefined = $state.raw();
  #looking = false;
  /** Of the look before: others ask, too, so that what is new to the call is not what is new here. */
  #before: Measurement | undefined;

  /** Looks again and again, until ended. */
  follow(call: Call): () => void {
    void this.#look(call);
    const timer = setInterval(() => void this.#look(call), PERIOD);
    return () => clearInterval(timer);
  }

  /** No more than one at a time, however long it takes. */
  async #look(call: Call): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const statistics = await call.statistics();
    this.#looking = false;
    this.latest = statistics;
    this.samples = [...this.samples, sampleOf(statistics, this.#before)].slice(-KEPT);
    this.#before = statistics.totals;
  }
}

/** Of all that is known of one direction. */
function rate(flows: readonly Flow[], direction: Flow['direction']): number | undefined {
  const rates = flows
    .filter((flow) => flow.direction === direction)
    .flatMap(({ bitsPerSecond }) => bitsPerSecond ?? []);
  return rates.length === 0 ? undefined : rates.reduce((sum, each) => sum + each, 0);
}

function sampleOf({ now, totals, flows }: Statistics, before: Measurement | undefined): Sample {
  const jitters = flows
    .filter(({ direction }) => direction === 'received')
    .flatMap(({ jitterMs }) => jitterMs ?? []);
  return {
    roundTripMs: now.roundTripMs,
    lossPercent: lossPercent(totals, before),
    jitterMs: jitters.length === 0 ? undefined : Math.max(...jitters),
    receivedBitsPerSecond: rate(flows, 'received'),
    sentBitsPerSecond: rate(flows, 'sent'),
  };
}

/** Of what should have been received since then. */
function lossPercent(now: Measurement, before: Measurement | undefined): number | undefined {
  const since = (name: 'packetsReceived' | 'packetsLost'): number | undefined =>
    now[name] === undefined ? undefined : Math.max(0, now[name] - (before?.[name] ?? 0));
  const [received, lost] = [since('packetsReceived'), since('packetsLost')];
  if (received === undefined || lost === undefined || received + lost === 0) return undefined;
  return (100 * lost) / (received + lost);
}
