import { RoomEvent, type RemoteTrack, type Room, type Track } from 'livekit-client';

import type { Measurement } from '../model';
import type { Scope } from '../scope';

/** An object of W3C's webrtc-stats, of which browsers leave much out. */
type Entry = Readonly<Record<string, unknown>>;

/** Of a connection that is being taken down there may be no answer; milliseconds. */
const LONGEST_LOOK = 1_000;

const COUNTS = [
  'packetsReceived',
  'packetsLost',
  'freezeCount',
  'totalFreezesDuration',
  'frameHeight',
] as const;
type Count = (typeof COUNTS)[number];
/** What an `inbound-rtp` said last. */
type Received = Partial<Record<Count, number>>;

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** Counts what is received, over all connections of a call. */
export class Reception {
  /** Also that of tracks that ended. */
  readonly #received: Received[] = [];
  readonly #tracks = new Map<RemoteTrack, Map<unknown, Received>>();
  readonly #looks = new Set<Promise<unknown>>();

  /** Counts the tracks of one connection. */
  listen(room: Room, scope: Scope): void {
    const subscribed = (track: RemoteTrack): void => void this.#tracks.set(track, new Map());
    const unsubscribed = (track: RemoteTrack): void => this.#end(track);
    room.on(RoomEvent.TrackSubscribed, subscribed);
    room.on(RoomEvent.TrackUnsubscribed, unsubscribed);
    scope.add(() => {
      room.off(RoomEvent.TrackSubscribed, subscribed);
      room.off(RoomEvent.TrackUnsubscribed, unsubscribed);
      for (const track of [...this.#tracks.keys()]) this.#end(track);
    });
  }

  /** `own` are tracks that are sent: they know the way to the server, too. */
  async measure(own: readonly Pick<Track, 'getRTCStatsReport'>[]): Promise<Measurement> {
    const looks = [...this.#tracks].map(([track, received]) => this.#look(track, received));
    const sent = own.map(async (track) => roundTrip(await entriesOf(track)));
    // Last looks at tracks that ended are waited for as well.
    await Promise.all(this.#looks);
    const trips = await Promise.all([...looks, ...sent]);
    const frozen = this.#sum('totalFreezesDuration');
    const heights = this.#all('frameHeight');
    const trip = trips.find((seconds) => seconds !== undefined);
    return {
      roundTripMs: trip && trip * 1000,
      packetsReceived: this.#sum('packetsReceived'),
      packetsLost: this.#sum('packetsLost'),
      receivedHeight: heights.length > 0 ? Math.max(...heights) : undefined,
      freezes: this.#sum('freezeCount'),
      frozenMs: frozen && frozen * 1000,
    };
  }

  /** The last that can be known of it counts from now on. */
  #end(track: RemoteTrack): void {
    const received = this.#tracks.get(track);
    if (received === undefined) return;
    this.#tracks.delete(track);
    void this.#look(track, received);
  }

  /** Resolves with the round-trip time, seconds. */
  #look(track: RemoteTrack, received: Map<unknown, Received>): Promise<number | undefined> {
    const look = entriesOf(track).then((entries) => {
      for (const entry of entries) if (entry.type === 'inbound-rtp') this.#count(entry, received);
      return roundTrip(entries);
    });
    this.#looks.add(look);
    void look.then(() => this.#looks.delete(look));
    return look;
  }

  #count(entry: Entry, received: Map<unknown, Received>): void {
    let known = received.get(entry.id);
    if (known === undefined) {
      known = {};
      received.set(entry.id, known);
      this.#received.push(known);
    }
    for (const name of COUNTS) {
      const value = number(entry[name]);
      if (value === undefined) continue;
      known[name] = name === 'frameHeight' ? Math.max(known[name] ?? 0, value) : value;
    }
  }

  #all(name: Count): number[] {
    return this.#received.map((each) => each[name]).filter((value) => value !== undefined);
  }

  #sum(name: Count): number | undefined {
    const values = this.#all(name);
    // Duplicates count as less than none lost (RFC 3550, appendix A.3).
    return values.length > 0
      ? Math.max(
          0,
          values.reduce((sum, value) => sum + value, 0),
        )
      : undefined;
  }
}

/** Empty if they cannot be had. */
async function entriesOf(track: Pick<Track, 'getRTCStatsReport'>): Promise<Entry[]> {
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
