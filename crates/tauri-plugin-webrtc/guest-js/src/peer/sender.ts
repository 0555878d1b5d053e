/** `RTCRtpSender` (W3C webrtc-pc, section 5.2). */
import { invalidState } from '../errors';
import { coreOf } from '../media/track';
import type { MediaStreamTrack, TrackCore } from '../media/track';
import { isOurs } from '../media/stream';
import type { MediaStream } from '../media/stream';
import { nameInterface, queueTask } from '../surface';
import { host } from '../transport';
import type { Capabilities, Encoding, Kind, TransceiverState } from '../wire';
import { capabilities } from './capabilities';
import { checkedEncodings, negotiated } from './parameters';
import type { SendParameters } from './parameters';
import type { Peer } from './peer';
import { statsReport } from './stats';
import type { RTCStatsReport } from './stats';
import type { RTCDtlsTransport } from './transports';

/** What is behind a sender. */
export interface SenderCore {
  readonly peer: Peer;
  /** Id on the wire. */
  readonly transceiver: number;
  readonly kind: Kind;
  track: MediaStreamTrack | null;
  encodings: Encoding[];
  degradationPreference: RTCDegradationPreference | undefined;
  /** The host's last word; undefined before the first. */
  state: TransceiverState | undefined;
  stopped: boolean;
}

/** Keeps pages from constructing senders. */
const KEY = Symbol('sender');

/** The core of a local track that can be sent. */
export function sendable(track: unknown): TrackCore {
  const core = typeof track === 'object' && track !== null ? coreOf(track) : undefined;
  if (!core) throw new TypeError('not a MediaStreamTrack that can be sent');
  if (core.remote) {
    throw new DOMException('Forwarding a received track is not supported', 'NotSupportedError');
  }
  return core;
}

/** Ids of streams that go into the msid. */
export function streamIds(streams: readonly MediaStream[]): string[] {
  if (!streams.every((stream) => isOurs(stream))) throw new TypeError('not a MediaStream');
  return [...new Set(streams.map((stream) => stream.id))];
}

export class RTCRtpSender {
  readonly #core: SenderCore;
  /** What `getParameters` answers until the end of this task. */
  #current: SendParameters | undefined;
  /** What `setParameters` may change: that which was answered last. */
  #lastReturned: SendParameters | undefined;

  constructor(key: symbol, core: SenderCore) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#core = core;
  }

  static getCapabilities(kind: string): Capabilities | null {
    return capabilities(kind, 'sender');
  }

  get track(): MediaStreamTrack | null {
    return this.#core.track;
  }

  get transport(): RTCDtlsTransport | null {
    const { state, peer } = this.#core;
    return state?.mid == null ? null : peer.transports.dtls;
  }

  /** DTMF is not offered. */
  get dtmf(): null {
    return null;
  }

  getParameters(): SendParameters {
    const core = this.#core;
    if (!this.#current) {
      const parameters: SendParameters = {
        transactionId: crypto.randomUUID(),
        encodings: core.encodings.map((entry) => ({ ...entry }) as RTCRtpEncodingParameters),
        ...negotiated(core.state),
      };
      if (core.degradationPreference !== undefined) {
        parameters.degradationPreference = core.degradationPreference;
      }
      this.#current = parameters;
      // W3C ends the transaction here, too. Chromium does not, and its pages wait in between.
      this.#lastReturned = parameters;
      queueTask(() => {
        if (this.#current === parameters) this.#current = undefined;
      });
    }
    return structuredClone(this.#current);
  }

  async setParameters(parameters: Partial<SendParameters>): Promise<void> {
    const core = this.#core;
    if (core.stopped) throw invalidState('The transceiver is stopped');
    const transaction = this.#lastReturned;
    const encodings = checkedEncodings(core.kind, transaction, parameters);
    const { degradationPreference } = parameters;
    await host().request({
      op: 'senderSetParameters',
      pc: core.peer.id,
      transceiver: core.transceiver,
      encodings,
      degradationPreference: degradationPreference ?? null,
    });
    core.encodings = encodings;
    core.degradationPreference = degradationPreference;
    this.#current = undefined;
    if (this.#lastReturned === transaction) this.#lastReturned = undefined;
  }

  async replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    const core = this.#core;
    const next = track === null ? null : sendable(track);
    if (next && next.kind !== core.kind) throw new TypeError(`not a track of kind ${core.kind}`);
    await core.peer.chain(async () => {
      if (core.stopped) throw invalidState('The transceiver is stopped');
      await host().request({
        op: 'senderReplaceTrack',
        pc: core.peer.id,
        transceiver: core.transceiver,
        track: next?.hostId ?? null,
        trackId: next?.id ?? null,
      });
      if (!core.peer.closed) core.track = track;
    });
  }

  setStreams(...streams: MediaStream[]): void {
    const core = this.#core;
    if (core.peer.closed) throw invalidState('The connection is closed');
    host().post({
      op: 'senderSetStreams',
      pc: core.peer.id,
      transceiver: core.transceiver,
      streams: streamIds(streams),
    });
  }

  async getStats(): Promise<RTCStatsReport> {
    const { peer, transceiver } = this.#core;
    if (peer.closed) return statsReport({}, peer);
    const request = { op: 'pcGetStats', pc: peer.id, transceiver, side: 'sender' } as const;
    return statsReport(await host().request(request), peer);
  }
}
nameInterface(RTCRtpSender, 'RTCRtpSender');

/** The sender of a new transceiver. */
export function newSender(core: SenderCore): RTCRtpSender {
  return new RTCRtpSender(KEY, core);
}
