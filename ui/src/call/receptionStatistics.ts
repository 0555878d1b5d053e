import { Flows, number, type Entry, type Report } from './flows';
import type { Measurement, Statistics } from './model';

/** Something that has statistics: a track, as the adapter has it. */
export interface Counted {
  getRTCStatsReport(): Promise<RTCStatsReport | undefined>;
}

/** Of a connection that is being taken down there may be no answer; milliseconds. */
const LONGEST_LOOK = 1_000;

const COUNTS = ['packetsReceived', 'packetsLost', 'freezeCount', 'totalFreezesDuration'] as const;
type Count = (typeof COUNTS)[number];

/** What an `inbound-rtp` said last. */
interface Received extends Partial<Record<Count, number>> {
  /** The id of the participant that it comes from, as long as they are there. */
  readonly from: () => string | undefined;
  /** The largest picture so far, and the last one, pixels. */
  largest?: number;
  height?: number | undefined;
}

interface Track {
  readonly from: () => string | undefined;
  /** By the ids of its entries. */
  readonly received: Map<unknown, Received>;
}

/** What a look found. */
interface Looked {
  /** Round-trip time, seconds. */
  readonly trip: number | undefined;
  readonly report: Report;
}

/** Counts what is received, over all connections of a call. */
export class ReceptionStatistics {
  /** Also that of tracks that ended. */
  readonly #received: Received[] = [];
  readonly #tracks = new Map<Counted, Track>();
  readonly #looks = new Set<Promise<unknown>>();
  /** What had been counted when somebody asked before. */
  #before: Partial<Record<Count, number>> = {};
  readonly #flows = new Flows();

  /** Counts a track from now on; `from` is asked whenever somebody wants to know. */
  begin(track: Counted, from: () => string | undefined): void {
    if (!this.#tracks.has(track)) this.#tracks.set(track, { from, received: new Map() });
  }

  /** The last that can be known of it counts from now on. */
  end(track: Counted): void {
    const known = this.#tracks.get(track);
    if (known === undefined) return;
    this.#tracks.delete(track);
    void this.#look(track, known).then(() => {
      for (const each of known.received.values()) each.height = undefined;
    });
  }

  /** `own` are tracks that are sent: they know the way to the server, too. */
  async statistics(own: readonly Counted[]): Promise<Statistics> {
    const looks = [...this.#tracks].map(([track, known]) => this.#look(track, known));
    const sent = own.map(async (track): Promise<Looked> => {
      const entries = await entriesOf(track);
      return { trip: roundTrip(entries), report: { entries, from: undefined } };
    });
    // Last looks at tracks that ended are waited for as well.
    await Promise.all(this.#looks);
    const looked = await Promise.all([...looks, ...sent]);
    const trip = looked.map((each) => each.trip).find((seconds) => seconds !== undefined);
    const roundTripMs = trip && trip * 1000;
    const totals = measured(this.#received, 'largest', roundTripMs);
    const flows = this.#flows.read(looked.map(({ report }) => report));
    return { now: this.#now(roundTripMs), participants: this.#each(roundTripMs), totals, flows };
  }

  #now(roundTripMs: number | undefined): Measurement {
    const counts = Object.fromEntries(
      COUNTS.map((name) => [name, sum(this.#received, name)] as const),
    ) as Record<Count, number | undefined>;
    const before = this.#before;
    const since = (name: Count): number | undefined => {
      const count = counts[name];
      return count === undefined ? undefined : Math.max(0, count - (before[name] ?? 0));
    };
    const difference: Received = { from: () => undefined };
    for (const name of COUNTS) {
      const value = since(name);
      if (value !== undefined) difference[name] = value;
      if (counts[name] !== undefined) this.#before[name] = counts[name];
    }
    const heights = this.#received.map(({ height }) => height);
    return { ...measured([difference], 'largest', roundTripMs), receivedHeight: most(heights) };
  }

  #each(roundTripMs: number | undefined): Map<string, Measurement> {
    const received = new Map<string, Received[]>();
    for (const each of this.#received) {
      const from = each.from();
      if (from === undefined) continue;
      // One who switches a camera on and off all day has many.
      const known = received.get(from);
      if (known === undefined) received.set(from, [each]);
      else known.push(each);
    }
    return new Map([...received].map(([id, own]) => [id, measured(own, 'height', roundTripMs)]));
  }

  #look(track: Counted, known: Track): Promise<Looked> {
    const look = entriesOf(track).then((entries) => {
      for (const entry of entries) if (entry.type === 'inbound-rtp') this.#count(entry, known);
      return { trip: roundTrip(entries), report: { entries, from: known.from() } };
    });
    this.#looks.add(look);
    void look.then(() => this.#looks.delete(look));
    return look;
  }

  #count(entry: Entry, { from, received }: Track): void {
    let known = received.get(entry.id);
    if (known === undefined) {
      known = { from };
      received.set(entry.id, known);
      this.#received.push(known);
    }
    for (const name of COUNTS) {
      const value = number(entry[name]);
      if (value !== undefined) known[name] = value;
    }
    const height = number(entry.frameHeight);
    if (height === undefined) return;
    known.height = height;
    known.largest = Math.max(known.largest ?? 0, height);
  }
}

function measured(
  received: readonly Received[],
  height: 'largest' | 'height',
  roundTripMs: number | undefined,
): Measurement {
  const frozen = sum(received, 'totalFreezesDuration');
  return {
    roundTripMs,
    packetsReceived: sum(received, 'packetsReceived'),
    packetsLost: sum(received, 'packetsLost'),
    receivedHeight: most(received.map((each) => each[height])),
    freezes: sum(received, 'freezeCount'),
    frozenMs: frozen && frozen * 1000,
  };
}

function sum(received: readonly Received[], name: Count): number | undefined {
  const values = received.map((each) => each[name]).filter((value) => value !== undefined);
  // Duplicates count as less than none lost (RFC 3550, appendix A.3).
  return values.length > 0
    ? Math.max(
        0,
        values.reduce((all, value) => all + value, 0),
      )
    : undefined;
}

function most(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

/** Empty if they cannot be had. */
async function entriesOf(track: Counted): Promise<Entry[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enough = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, LONGEST_LOOK, undefined);
  });
  try {
    const report = await Promise.race([track.getRTCStatsReport(), enough]);
    return report ? [...(report.values() as Iterable<Entry>)] : [];
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}

/** Seconds: that of the pair in use, or else what the server's reports led to. */
function roundTrip(entries: readonly Entry[]): number | undefined {
  const transport = entries.find(({ type }) => type === 'transport');
  const pairs = entries.filter(({ type }) => type === 'candidate-pair');
  const pair =
    pairs.find(({ id }) => id === transport?.selectedCandidatePairId) ??
    pairs.find(({ nominated, state }) => nominated === true && state === 'succeeded');
  const reports = entries.filter(({ type }) => type === 'remote-inbound-rtp');
  return [pair?.currentRoundTripTime, ...reports.map((each) => each.roundTripTime)]
    .map(number)
    .find((seconds) => seconds !== undefined && seconds >= 0);
}
