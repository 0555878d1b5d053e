import type { Flow, Statistics } from '../call/model';
import { lossPercent, type StatisticsPoll } from '../call/statisticsPoll';

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

  /** Keeps what is seen at each look, from now on until ended. */
  follow(poll: StatisticsPoll): () => void {
    const end = poll.subscribe((statistics) => {
      this.latest = statistics;
      this.samples = [...this.samples, sampleOf(statistics)].slice(-KEPT);
    });
    void poll.look();
    return end;
  }
}

/** Of all that is known of one direction. */
function rate(flows: readonly Flow[], direction: Flow['direction']): number | undefined {
  const rates = flows
    .filter((flow) => flow.direction === direction)
    .flatMap(({ bitsPerSecond }) => bitsPerSecond ?? []);
  return rates.length === 0 ? undefined : rates.reduce((sum, each) => sum + each, 0);
}

function sampleOf({ now, flows }: Statistics): Sample {
  const jitters = flows
    .filter(({ direction }) => direction === 'received')
    .flatMap(({ jitterMs }) => jitterMs ?? []);
  return {
    roundTripMs: now.roundTripMs,
    lossPercent: lossPercent(now.packetsReceived, now.packetsLost),
    jitterMs: jitters.length === 0 ? undefined : Math.max(...jitters),
    receivedBitsPerSecond: rate(flows, 'received'),
    sentBitsPerSecond: rate(flows, 'sent'),
  };
}
