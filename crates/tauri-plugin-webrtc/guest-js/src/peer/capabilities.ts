/**
 * `getCapabilities` of senders and receivers, which is synchronous: the host is asked once when
 * the polyfill starts, and until the answer is there, what every host can do is told.
 */
import { background } from '../surface';
import { host } from '../transport';
import type { Capabilities, Kind, Side } from '../wire';

const BASE: Record<Kind, Capabilities> = {
  audio: {
    codecs: [
      {
        mimeType: 'audio/opus',
        clockRate: 48000,
        channels: 2,
        sdpFmtpLine: 'minptime=10;useinbandfec=1',
      },
    ],
    headerExtensions: [
      { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' },
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' },
    ],
  },
  video: {
    codecs: [
      { mimeType: 'video/VP8', clockRate: 90000 },
      { mimeType: 'video/rtx', clockRate: 90000 },
    ],
    headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' }],
  },
};

const known = new Map<string, Capabilities>();

function isKind(kind: unknown): kind is Kind {
  return kind === 'audio' || kind === 'video';
}

/** Asks the host for all four pairs. */
export function learnCapabilities(): void {
  for (const kind of ['audio', 'video'] as const) {
    for (const side of ['sender', 'receiver'] as const) {
      background(
        host()
          .request({ op: 'capabilities', kind, side })
          .then((capabilities) => known.set(`${kind}/${side}`, capabilities)),
      );
    }
  }
}

/** What a sender or receiver of this kind can do; null for an unknown kind. */
export function capabilities(kind: unknown, side: Side): Capabilities | null {
  if (!isKind(kind)) return null;
  return structuredClone(known.get(`${kind}/${side}`) ?? BASE[kind]);
}
