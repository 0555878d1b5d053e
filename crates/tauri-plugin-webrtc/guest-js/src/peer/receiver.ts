/** `RTCRtpReceiver` (W3C webrtc-pc, section 5.3). */
import { TrackCore } from '../media/track';
import type { MediaStreamTrack } from '../media/track';
import { nameInterface } from '../surface';
import { host } from '../transport';
import type { Capabilities, Kind, TransceiverState } from '../wire';
import { capabilities } from './capabilities';
import { negotiated } from './parameters';
import type { Peer } from './peer';
import { Sources } from './sources';
import { statsReport } from './stats';
import type { RTCStatsReport } from './stats';
import type { RTCDtlsTransport } from './transports';

/** What is behind a receiver. */
export class ReceiverCore {
  readonly peer: Peer;
  /** Id on the wire. */
  readonly transceiver: number;
  readonly track: TrackCore;
  readonly sources: Sources;
  /** The host's last word; undefined before the first. */
  state: TransceiverState | undefined;

  constructor(peer: Peer, transceiver: number, kind: Kind, trackId?: string) {
    this.peer = peer;
    this.transceiver = transceiver;
    this.track = new TrackCore(kind, true, `remote ${kind}`, trackId);
    this.sources = new Sources(this.track);
  }
}

/** Keeps pages from constructing receivers. */
const KEY = Symbol('receiver');

export class RTCRtpReceiver {
  readonly #core: ReceiverCore;
  #jitterBufferTarget: number | null = null;

  constructor(key: symbol, core: ReceiverCore) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#core = core;
  }

  static getCapabilities(kind: string): Capabilities | null {
    return capabilities(kind, 'receiver');
  }

  get track(): MediaStreamTrack {
    return this.#core.track.track;
  }

  get transport(): RTCDtlsTransport | null {
    const { state, peer } = this.#core;
    return state?.mid == null ? null : peer.transports.dtls;
  }

  /** Milliseconds; null: adaptive. */
  get jitterBufferTarget(): number | null {
    return this.#jitterBufferTarget;
  }

  set jitterBufferTarget(value: number | null) {
    const target = value == null ? null : Number(value);
    if (target !== null && !(target >= 0 && target <= 4000)) {
      throw new RangeError('jitterBufferTarget has to be between 0 and 4000 milliseconds');
    }
    this.#jitterBufferTarget = target;
    const { peer, transceiver } = this.#core;
    if (peer.closed) return;
    host().post({
      op: 'receiverSetJitterBufferTarget',
      pc: peer.id,
      transceiver,
      milliseconds: target,
    });
  }

  /** The older name of the same wish, in seconds. */
  get playoutDelayHint(): number | null {
    return this.#jitterBufferTarget === null ? null : this.#jitterBufferTarget / 1000;
  }

  set playoutDelayHint(value: number | null) {
    this.jitterBufferTarget = value == null ? null : Number(value) * 1000;
  }

  getParameters(): RTCRtpParameters {
    return negotiated(this.#core.state);
  }

  /** No mixer is between: the sources that contribute are the ones that send. */
  getContributingSources(): RTCRtpContributingSource[] {
    return [];
  }

  /** Of sound: pictures have no level, and whose they are the track tells. */
  getSynchronizationSources(): RTCRtpSynchronizationSource[] {
    const { track, sources } = this.#core;
    return track.kind === 'audio' ? sources.now() : [];
  }

  async getStats(): Promise<RTCStatsReport> {
    const { peer, transceiver } = this.#core;
    if (peer.closed) return statsReport({}, peer);
    const request = { op: 'pcGetStats', pc: peer.id, transceiver, side: 'receiver' } as const;
    return statsReport(await host().request(request), peer);
  }
}
nameInterface(RTCRtpReceiver, 'RTCRtpReceiver');

/** The receiver of a new transceiver. */
export function newReceiver(core: ReceiverCore): RTCRtpReceiver {
  return new RTCRtpReceiver(KEY, core);
}
