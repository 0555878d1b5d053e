/** Encodings and the checks of `setParameters` (W3C webrtc-pc, sections 5.1 and 5.2). */
import { invalidState } from '../errors';
import type { Encoding, Kind, TransceiverState } from '../wire';

/** `RTCRtpSendParameters` as the page gets them. */
export interface SendParameters {
  transactionId: string;
  encodings: RTCRtpEncodingParameters[];
  codecs: RTCRtpCodecParameters[];
  headerExtensions: RTCRtpHeaderExtensionParameters[];
  rtcp: RTCRtcpParameters;
  degradationPreference?: RTCDegradationPreference;
}

const RID = /^[A-Za-z0-9]{1,255}$/;

function invalidModification(message: string): DOMException {
  return new DOMException(message, 'InvalidModificationError');
}

/** One encoding of the page, checked and with the defaults filled in. */
function encoding(kind: Kind, given: RTCRtpEncodingParameters): Encoding {
  const {
    rid,
    active = true,
    maxBitrate,
    maxFramerate,
    scaleResolutionDownBy,
    priority,
    networkPriority,
  } = given;
  const { scalabilityMode } = given as { scalabilityMode?: string };
  const wire: Encoding = { active: Boolean(active) };
  if (rid !== undefined) wire.rid = rid;
  if (maxBitrate !== undefined) wire.maxBitrate = number(maxBitrate, 'maxBitrate');
  if (priority !== undefined) wire.priority = priority;
  if (networkPriority !== undefined) wire.networkPriority = networkPriority;
  if (kind === 'audio') return wire;
  if (scaleResolutionDownBy !== undefined) {
    wire.scaleResolutionDownBy = number(scaleResolutionDownBy, 'scaleResolutionDownBy');
    if (wire.scaleResolutionDownBy < 1) throw new RangeError('scaleResolutionDownBy is below 1');
  }
  if (maxFramerate !== undefined) {
    wire.maxFramerate = number(maxFramerate, 'maxFramerate');
    if (wire.maxFramerate < 0) throw new RangeError('maxFramerate is negative');
  }
  if (scalabilityMode !== undefined) wire.scalabilityMode = scalabilityMode;
  return wire;
}

function number(value: unknown, name: string): number {
  const converted = Number(value);
  if (!Number.isFinite(converted)) throw new TypeError(`${name} is not a finite number`);
  return converted;
}

/** The encodings of a new sender. Empty `given`: one with the defaults. */
export function initialEncodings(kind: Kind, given: RTCRtpEncodingParameters[]): Encoding[] {
  const list = given.length > 0 ? given : [{}];
  const rids = list.map(({ rid }) => rid);
  const named = rids.filter((rid) => rid !== undefined);
  if (named.some((rid) => !RID.test(rid))) throw new TypeError('a rid is not well-formed');
  if (named.length > 0 && named.length < list.length) throw new TypeError('some rids are missing');
  if (list.length > 1 && named.length === 0) throw new TypeError('several encodings need rids');
  if (new Set(named).size < named.length) throw new TypeError('rids are not unique');
  const encodings = list.map((entry) => encoding(kind, entry));
  // W3C: audio has no simulcast; a single encoding has no rid.
  const kept = kind === 'audio' ? encodings.slice(0, 1) : encodings;
  if (kept.length === 1) delete kept[0]?.rid;
  if (kind === 'video') {
    // W3C: unless the page chose a scale, each layer has twice the size of the one before.
    const scaled = kept.some((entry) => entry.scaleResolutionDownBy !== undefined);
    kept.forEach((entry, index) => {
      entry.scaleResolutionDownBy ??= scaled ? 1 : 2 ** (kept.length - 1 - index);
    });
  }
  return kept;
}

/** What `getParameters` shows of the negotiated state. */
export function negotiated(state: TransceiverState | undefined): {
  codecs: RTCRtpCodecParameters[];
  headerExtensions: RTCRtpHeaderExtensionParameters[];
  rtcp: RTCRtcpParameters;
} {
  return {
    codecs: (state?.codecs ?? []).map((codec) => ({ payloadType: 0, ...codec })),
    headerExtensions: (state?.headerExtensions ?? []).map(({ uri, id }) => ({
      uri,
      id: id ?? 0,
      encrypted: false,
    })),
    rtcp: { reducedSize: true },
  };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Checks new parameters against those last handed out; answers the encodings to send. */
export function checkedEncodings(
  kind: Kind,
  last: SendParameters | undefined,
  next: Partial<SendParameters>,
): Encoding[] {
  if (!last) throw invalidState('getParameters() has to be called before setParameters()');
  if (!Array.isArray(next.encodings)) throw new TypeError('encodings are missing');
  if (next.transactionId !== last.transactionId) {
    throw invalidModification('the parameters are not those that getParameters() last answered');
  }
  if (
    next.encodings.length !== last.encodings.length ||
    next.encodings.some(({ rid }, index) => rid !== last.encodings[index]?.rid)
  ) {
    throw invalidModification('encodings may be changed, not added, removed or reordered');
  }
  for (const name of ['codecs', 'headerExtensions', 'rtcp'] as const) {
    if (!same(next[name], last[name])) throw invalidModification(`${name} may not be changed`);
  }
  const encodings = next.encodings.map((entry) => encoding(kind, entry));
  if (kind === 'video') for (const entry of encodings) entry.scaleResolutionDownBy ??= 1;
  return encodings;
}
