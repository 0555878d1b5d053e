import type { TrackSource } from '../src/call/model';

/** What a connection of a home says of itself, a little different each time that it is asked. */

const SECONDS = 3;

/** The looks so far. */
let looks = 0;

/** It is looked once more. */
export function count(): void {
  looks += 1;
}

/** The same wave each time, -1 to 1. */
const wave = (length: number): number => Math.sin((looks * 2 * Math.PI) / length);

/** As W3C's webrtc-stats has it; `own`: with what is sent, and the way to the server. */
export function reportOf(source: TrackSource, own: boolean): RTCStatsReport {
  const picture = source === 'camera' || source === 'screen';
  const kind = picture ? 'video' : 'audio';
  const timestamp = looks * SECONDS * 1_000;
  const packets = looks * SECONDS * (picture ? 90 : 50);
  const entries: { readonly id: string }[] = [
    entry('in', 'inbound-rtp', {
      kind,
      timestamp,
      codecId: 'codec',
      packetsReceived: packets,
      packetsLost: Math.floor(packets * 0.002) + (looks > 20 ? 14 : 0),
      bytesReceived: packets * (picture ? 1_050 : 110) + 9_000 * wave(9),
      jitter: 0.004 + 0.002 * wave(7),
      jitterBufferDelay: packets * 0.06,
      jitterBufferEmittedCount: packets,
      ...(picture && { frameWidth: 640, frameHeight: 360, framesPerSecond: 30 }),
    }),
    entry('codec', 'codec', { mimeType: picture ? 'video/VP8' : 'audio/opus' }),
    entry('pair', 'candidate-pair', {
      nominated: true,
      state: 'succeeded',
      currentRoundTripTime: 0.042 + 0.008 * wave(11) + (looks === 21 ? 0.11 : 0),
    }),
  ];
  if (own)
    for (const [index, rid] of ['q', 'h', 'f'].entries())
      entries.push(
        entry(`out-${rid}`, 'outbound-rtp', {
          kind: 'video',
          mid: '1',
          rid,
          timestamp,
          codecId: 'codec',
          bytesSent: (looks * SECONDS + wave(13) / 2) * 18_000 * 3.2 ** index,
          frameWidth: 320 * 2 ** index,
          frameHeight: 180 * 2 ** index,
          framesPerSecond: 30,
        }),
      );
  return new Map(entries.map((each) => [each.id, each]));
}

function entry(id: string, type: string, more: object): { readonly id: string } {
  const whole = { id, type, ...more };
  return whole;
}
