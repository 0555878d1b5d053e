import type { Flow, Layer } from './model';
import { plainName } from './plain';

/** An object of W3C's webrtc-stats, of which browsers leave much out. */
export type Entry = Readonly<Record<string, unknown>>;

/** What was told of one track, or of one connection. */
export interface Report {
  readonly entries: readonly Entry[];
  /** The id of the participant that it comes from, if anybody knows. */
  readonly from: string | undefined;
}

/** Nobody calls a codec by a longer name. */
const LONGEST_NAME = 32;
/** Of two looks that are nearer no rate follows; milliseconds. */
const SHORTEST = 200;

export const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** What was counted of one entry when it was looked at last. */
interface Before {
  /** By the clock of the statistics, milliseconds. */
  readonly at: number;
  readonly counts: Readonly<Record<string, number | undefined>>;
  readonly rates: Rates;
}

interface Rates {
  readonly bitsPerSecond: number | undefined;
  readonly lossPercent: number | undefined;
  readonly delayMs: number | undefined;
}

const UNKNOWN: Rates = { bitsPerSecond: undefined, lossPercent: undefined, delayMs: undefined };

/** Reads how each track does from statistics, which count from the beginning. */
export class Flows {
  #before = new Map<string, Before>();

  /** Of all that there is now; what is not there any more is forgotten. */
  read(reports: readonly Report[]): Flow[] {
    const before = this.#before;
    this.#before = new Map();
    return reports.flatMap((report, index) => {
      // Ids are unique within one connection: two that are made alike have the same ones.
      const rates = (entry: Entry): Rates =>
        this.#rates(`${report.from ?? ''} ${index} ${String(entry.id)}`, entry, before);
      return [...received(report, rates), ...sent(report, rates)];
    });
  }

  #rates(key: string, entry: Entry, all: ReadonlyMap<string, Before>): Rates {
    const at = number(entry.timestamp);
    const names = [
      'bytesReceived',
      'bytesSent',
      'packetsReceived',
      'packetsLost',
      'jitterBufferDelay',
      'jitterBufferEmittedCount',
    ] as const;
    const counts = Object.fromEntries(names.map((name) => [name, number(entry[name])]));
    const before = all.get(key);
    if (at === undefined || (before !== undefined && at - before.at < SHORTEST)) {
      if (before !== undefined) this.#before.set(key, before);
      return before?.rates ?? UNKNOWN;
    }
    const since = (name: string): number | undefined => {
      const [now, then] = [counts[name], before?.counts[name]];
      return now === undefined || then === undefined ? undefined : Math.max(0, now - then);
    };
    const bytes = since('bytesReceived') ?? since('bytesSent');
    const seconds = (at - (before?.at ?? at)) / 1000;
    const [lost, came] = [since('packetsLost'), since('packetsReceived')];
    const rates: Rates = {
      bitsPerSecond: bytes === undefined ? undefined : (8 * bytes) / seconds,
      lossPercent:
        lost === undefined || came === undefined || lost + came === 0
          ? undefined
          : (100 * lost) / (lost + came),
      delayMs: quotient(since('jitterBufferDelay'), since('jitterBufferEmittedCount')),
    };
    this.#before.set(key, { at, counts, rates });
    return rates;
  }
}

/** Of seconds by a count: milliseconds for each. */
function quotient(seconds: number | undefined, count: number | undefined): number | undefined {
  return seconds === undefined || count === undefined || count === 0
    ? undefined
    : (1000 * seconds) / count;
}

function received({ entries, from }: Report, rates: (entry: Entry) => Rates): Flow[] {
  return entries
    .filter(({ type }) => type === 'inbound-rtp')
    .flatMap((entry) => {
      const kind = kindOf(entry);
      if (kind === undefined) return [];
      const jitter = number(entry.jitter);
      return [
        {
          direction: 'received',
          participant: from,
          kind,
          codec: codecOf(entry, entries),
          ...rates(entry),
          jitterMs: jitter && jitter * 1000,
          ...sizeOf(entry),
          layers: [],
        },
      ];
    });
}

/** What is sent in several layers is one flow. */
function sent({ entries }: Report, rates: (entry: Entry) => Rates): Flow[] {
  const outbound = entries.filter(({ type }) => type === 'outbound-rtp');
  const tracks = new Map<string, Entry[]>();
  for (const entry of outbound) {
    const track = [entry.mid, entry.mediaSourceId, entry.kind].map(String).join(' ');
    const layers = tracks.get(track);
    if (layers === undefined) tracks.set(track, [entry]);
    else layers.push(entry);
  }
  return [...tracks.values()].flatMap((layers): Flow[] => {
    const [first] = layers;
    const kind = first && kindOf(first);
    if (kind === undefined) return [];
    const shown = layers.map((entry): Layer => {
      const { bitsPerSecond } = rates(entry);
      return { name: nameOf(entry.rid) ?? '', bitsPerSecond, ...sizeOf(entry) };
    });
    const known = shown
      .map(({ bitsPerSecond }) => bitsPerSecond)
      .filter((rate) => rate !== undefined);
    const largest = shown.reduce((one, other) => (area(other) > area(one) ? other : one));
    const { width, height, framesPerSecond } = largest;
    const heard = entries.filter(
      ({ type, localId }) =>
        type === 'remote-inbound-rtp' && layers.some(({ id }) => id === localId),
    );
    const fraction = heard.map(({ fractionLost }) => number(fractionLost)).find(Number.isFinite);
    const jitter = heard.map((each) => number(each.jitter)).find(Number.isFinite);
    return [
      {
        direction: 'sent',
        participant: undefined,
        kind,
        codec: first && codecOf(first, entries),
        bitsPerSecond: known.length === 0 ? undefined : known.reduce((sum, rate) => sum + rate, 0),
        lossPercent: fraction && fraction * 100,
        delayMs: undefined,
        jitterMs: jitter && jitter * 1000,
        width,
        height,
        framesPerSecond,
        layers: shown.length > 1 ? shown : [],
      },
    ];
  });
}

const area = ({ width, height }: Layer): number => (width ?? 0) * (height ?? 0);

function kindOf({ kind }: Entry): Flow['kind'] | undefined {
  return kind === 'audio' || kind === 'video' ? kind : undefined;
}

function sizeOf(entry: Entry): Pick<Layer, 'width' | 'height' | 'framesPerSecond'> {
  return {
    width: number(entry.frameWidth),
    height: number(entry.frameHeight),
    framesPerSecond: number(entry.framesPerSecond),
  };
}

/** As `VP8`, of `video/VP8`. */
function codecOf({ codecId }: Entry, entries: readonly Entry[]): string | undefined {
  const codec = entries.find(({ type, id }) => type === 'codec' && id === codecId);
  return nameOf(typeof codec?.mimeType === 'string' ? codec.mimeType.split('/').at(-1) : undefined);
}

/** What comes from elsewhere is shown as a short line. */
function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== ''
    ? plainName(value, '?').slice(0, LONGEST_NAME)
    : undefined;
}
