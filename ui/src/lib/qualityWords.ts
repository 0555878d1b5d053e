import type { Flow, Layer, Participant, Statistics } from '../call/model';
import { redact } from '../errors/redact';
import { inEnglish, toUser } from '../words/language.svelte';

/** How a connection does, for somebody who only wants to know whether it is that. */
export type Verdict = 'unknown' | 'good' | 'fair' | 'poor';

/** From these on one hears or sees it: milliseconds to the server and back, per cent lost. */
const LIMITS = {
  fair: { roundTripMs: 200, lossPercent: 1 },
  poor: { roundTripMs: 400, lossPercent: 5 },
} as const;

interface Judged {
  readonly roundTripMs: number | undefined;
  readonly lossPercent: number | undefined;
}

export function verdictOf({ roundTripMs, lossPercent }: Judged): Verdict {
  if (roundTripMs === undefined && lossPercent === undefined) return 'unknown';
  const beyond = (limit: (typeof LIMITS)['fair' | 'poor']): boolean =>
    (roundTripMs ?? 0) >= limit.roundTripMs || (lossPercent ?? 0) >= limit.lossPercent;
  if (beyond(LIMITS.poor)) return 'poor';
  return beyond(LIMITS.fair) ? 'fair' : 'good';
}

/** The verdict with its reason, as one sentence. */
export function verdictWords(judged: Judged, { t } = toUser): string {
  const verdict = verdictOf(judged);
  const { roundTripMs = 0, lossPercent = 0 } = judged;
  if (verdict === 'unknown' || verdict === 'good') return t(`quality-${verdict}`);
  const limit = LIMITS[verdict];
  const slow = roundTripMs >= limit.roundTripMs;
  const reason = lossPercent < limit.lossPercent ? 'slow' : slow ? 'both' : 'loss';
  return t(`quality-${verdict}-${reason}`);
}

const UNKNOWN = '–';

export const milliseconds = (value: number | undefined): string =>
  value === undefined ? UNKNOWN : `${Math.round(value)} ms`;

export const percent = (value: number | undefined, { decimal } = toUser): string =>
  value === undefined ? UNKNOWN : `${decimal(value, value < 10 ? 1 : 0)} %`;

export function bitRate(value: number | undefined, { decimal } = toUser): string {
  if (value === undefined) return UNKNOWN;
  return value < 1e6 ? `${Math.round(value / 1e3)} kbit/s` : `${decimal(value / 1e6, 1)} Mbit/s`;
}

/** As `640 × 360, 30/s`. */
export function pictureSize({
  width,
  height,
  framesPerSecond,
}: Pick<Layer, 'width' | 'height' | 'framesPerSecond'>): string {
  if (width === undefined || height === undefined) return UNKNOWN;
  const size = `${width} × ${height}`;
  return framesPerSecond === undefined ? size : `${size}, ${Math.round(framesPerSecond)}/s`;
}

/** Whose it is, and what: `Amina, picture`. */
export function flowName(flow: Flow, name: string | undefined, { t } = toUser): string {
  const what = flow.kind === 'audio' ? 'sound' : 'picture';
  return flow.direction === 'sent'
    ? t(`quality-own-${what}`)
    : t(`quality-${what}`, { name: name ?? t('quality-somebody') });
}

/** One line for each size that is sent. */
export const layerWords = (layer: Layer, say = toUser): string =>
  [layer.name, pictureSize(layer), bitRate(layer.bitsPerSecond, say)]
    .filter((word) => word !== '')
    .join(' ');

/** A text in English for whoever helps: without names, addresses or anything else that says who was there. */
export function qualityReport(
  build: string,
  { now, totals, flows }: Statistics,
  judged: Judged,
  participants: readonly Participant[],
): string {
  const number = new Map(participants.map(({ id }, index) => [id, `Participant ${index + 1}`]));
  const lines = [
    build,
    verdictWords(judged, inEnglish),
    `Round trip ${milliseconds(now.roundTripMs)}, loss ${percent(judged.lossPercent, inEnglish)}`,
    `Received in all: ${totals.packetsReceived ?? UNKNOWN} packets, ${totals.packetsLost ?? UNKNOWN} lost, ` +
      `${totals.freezes ?? UNKNOWN} freezes of ${milliseconds(totals.frozenMs)}`,
    ...flows.map((flow) => {
      const { participant = '', codec = UNKNOWN, layers } = flow;
      const facts = [
        codec,
        flow.kind === 'video' && pictureSize(flow),
        bitRate(flow.bitsPerSecond, inEnglish),
        `loss ${percent(flow.lossPercent, inEnglish)}`,
        `jitter ${milliseconds(flow.jitterMs)}`,
        flow.direction === 'received' && `delay ${milliseconds(flow.delayMs)}`,
        layers.length > 0 &&
          `sizes: ${layers.map((layer) => layerWords(layer, inEnglish)).join('; ')}`,
      ].filter((fact) => fact !== false);
      return `${flowName(flow, number.get(participant), inEnglish)}: ${facts.join(', ')}`;
    }),
  ];
  return redact(lines.join('\n'));
}
