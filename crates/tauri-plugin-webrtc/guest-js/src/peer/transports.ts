/**
 * `RTCIceTransport`, `RTCDtlsTransport`, `RTCSctpTransport` (W3C webrtc-pc, sections 5.5, 5.6 and
 * 6.1). The host bundles everything: a connection has one of each.
 */
import { defineHandlers, nameInterface } from '../surface';
import type { EventHandler } from '../surface';
import type { PcState, SctpState } from '../wire';

/** Keeps pages from constructing transports. */
const KEY = Symbol('transport');

// Set from within the classes: the page sees none of these.
let followIce: (transport: RTCIceTransport, ice: string, gathering: string) => void;
let followDtls: (transport: RTCDtlsTransport, state: string) => void;
let followSctp: (transport: RTCSctpTransport, snapshot: SctpState) => void;

export class RTCIceTransport extends EventTarget {
  declare onstatechange: EventHandler;
  declare ongatheringstatechange: EventHandler;
  declare onselectedcandidatepairchange: EventHandler;
  #state: RTCIceTransportState = 'new';
  #gatheringState: RTCIceGathererState = 'new';

  constructor(key: symbol) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    super();
  }

  get component(): 'rtp' {
    return 'rtp';
  }

  get state(): RTCIceTransportState {
    return this.#state;
  }

  get gatheringState(): RTCIceGathererState {
    return this.#gatheringState;
  }

  /** The pair is told by the statistics only. */
  getSelectedCandidatePair(): null {
    return null;
  }

  static {
    followIce = (transport, ice, gathering) => {
      if (transport.#gatheringState !== gathering) {
        transport.#gatheringState = gathering as RTCIceGathererState;
        transport.dispatchEvent(new Event('gatheringstatechange'));
      }
      if (transport.#state !== ice) {
        transport.#state = ice as RTCIceTransportState;
        transport.dispatchEvent(new Event('statechange'));
      }
    };
  }
}
defineHandlers(RTCIceTransport.prototype, [
  'statechange',
  'gatheringstatechange',
  'selectedcandidatepairchange',
]);
nameInterface(RTCIceTransport, 'RTCIceTransport');

export class RTCDtlsTransport extends EventTarget {
  declare onstatechange: EventHandler;
  declare onerror: EventHandler;
  readonly #ice: RTCIceTransport;
  #state: RTCDtlsTransportState = 'new';

  constructor(key: symbol, ice: RTCIceTransport) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    super();
    this.#ice = ice;
  }

  get iceTransport(): RTCIceTransport {
    return this.#ice;
  }

  get state(): RTCDtlsTransportState {
    return this.#state;
  }

  /** The host does not hand out certificates. */
  getRemoteCertificates(): ArrayBuffer[] {
    return [];
  }

  static {
    followDtls = (transport, state) => {
      if (transport.#state === state) return;
      transport.#state = state as RTCDtlsTransportState;
      transport.dispatchEvent(new Event('statechange'));
    };
  }
}
defineHandlers(RTCDtlsTransport.prototype, ['statechange', 'error']);
nameInterface(RTCDtlsTransport, 'RTCDtlsTransport');

export class RTCSctpTransport extends EventTarget {
  declare onstatechange: EventHandler;
  readonly #dtls: RTCDtlsTransport;
  #snapshot: SctpState;

  constructor(key: symbol, dtls: RTCDtlsTransport, snapshot: SctpState) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    super();
    this.#dtls = dtls;
    this.#snapshot = snapshot;
  }

  get transport(): RTCDtlsTransport {
    return this.#dtls;
  }

  get state(): RTCSctpTransportState {
    return this.#snapshot.state as RTCSctpTransportState;
  }

  get maxMessageSize(): number {
    return this.#snapshot.maxMessageSize;
  }

  get maxChannels(): number | null {
    return this.#snapshot.maxChannels;
  }

  static {
    followSctp = (transport, snapshot) => {
      const { state } = transport.#snapshot;
      transport.#snapshot = snapshot;
      if (state !== snapshot.state) transport.dispatchEvent(new Event('statechange'));
    };
  }
}
defineHandlers(RTCSctpTransport.prototype, ['statechange']);
nameInterface(RTCSctpTransport, 'RTCSctpTransport');

/** The transports of one connection. */
export class Transports {
  readonly ice = new RTCIceTransport(KEY);
  readonly dtls = new RTCDtlsTransport(KEY, this.ice);
  sctp: RTCSctpTransport | null = null;

  /** Follows the host's state. */
  apply(state: PcState): void {
    const gathering = state.iceGatheringState;
    followIce(this.ice, state.iceConnectionState, gathering);
    followDtls(this.dtls, state.dtlsState);
    if (state.sctp && this.sctp) followSctp(this.sctp, state.sctp);
    else if (state.sctp) this.sctp = new RTCSctpTransport(KEY, this.dtls, state.sctp);
  }

  /** The connection was closed by the page. */
  close(): void {
    followIce(this.ice, 'closed', this.ice.gatheringState);
    followDtls(this.dtls, 'closed');
    if (this.sctp) {
      const { maxMessageSize, maxChannels } = this.sctp;
      followSctp(this.sctp, { state: 'closed', maxMessageSize, maxChannels });
    }
  }
}
