/** `RTCSessionDescription` and `RTCIceCandidate` (W3C webrtc-pc, sections 4.7.1 and 4.8.1). */
import { nameInterface } from '../surface';
import type { IceCandidate, SdpType, SessionDescription } from '../wire';

export class RTCSessionDescription {
  type: SdpType;
  sdp: string;

  constructor(init: RTCSessionDescriptionInit) {
    this.type = sdpType(init.type);
    this.sdp = init.sdp ?? '';
  }

  toJSON(): SessionDescription {
    return { type: this.type, sdp: this.sdp };
  }
}
nameInterface(RTCSessionDescription, 'RTCSessionDescription');

/** WebIDL conversion to `RTCSdpType`. */
export function sdpType(value: unknown): SdpType {
  switch (value) {
    case 'offer':
    case 'pranswer':
    case 'answer':
    case 'rollback':
      return value;
    default:
      throw new TypeError(`'${String(value)}' is not a valid RTCSdpType`);
  }
}

/** What a candidate line says (RFC 8839, section 5.1). */
interface CandidateFields {
  foundation: string | null;
  component: 'rtp' | 'rtcp' | null;
  protocol: 'udp' | 'tcp' | null;
  priority: number | null;
  address: string | null;
  port: number | null;
  type: 'host' | 'srflx' | 'prflx' | 'relay' | null;
  tcpType: 'active' | 'passive' | 'so' | null;
  relatedAddress: string | null;
  relatedPort: number | null;
}

const UNKNOWN: CandidateFields = {
  foundation: null,
  component: null,
  protocol: null,
  priority: null,
  address: null,
  port: null,
  type: null,
  tcpType: null,
  relatedAddress: null,
  relatedPort: null,
};

/** Reads a candidate line; all null if it is none. */
export function parseCandidate(line: string): CandidateFields {
  const words = line.replace(/^(a=)?candidate:/, '').split(' ');
  const [foundation, component, protocol, priority, address, port, typ, type] = words;
  const transport = protocol?.toLowerCase();
  if (
    foundation === undefined ||
    (component !== '1' && component !== '2') ||
    (transport !== 'udp' && transport !== 'tcp') ||
    address === undefined ||
    typ !== 'typ' ||
    (type !== 'host' && type !== 'srflx' && type !== 'prflx' && type !== 'relay')
  ) {
    return UNKNOWN;
  }
  const extension = (name: string): string | null => {
    for (let i = 8; i + 1 < words.length; i += 2)
      if (words[i] === name) return words[i + 1] ?? null;
    return null;
  };
  const tcpType = extension('tcptype');
  const relatedPort = extension('rport');
  return {
    foundation,
    component: component === '1' ? 'rtp' : 'rtcp',
    protocol: transport,
    priority: Number(priority),
    address,
    port: Number(port),
    type,
    tcpType: tcpType === 'active' || tcpType === 'passive' || tcpType === 'so' ? tcpType : null,
    relatedAddress: extension('raddr'),
    relatedPort: relatedPort === null ? null : Number(relatedPort),
  };
}

export class RTCIceCandidate {
  readonly #init: IceCandidate;
  readonly #fields: CandidateFields;

  constructor(init: RTCIceCandidateInit = {}) {
    const { candidate = '', sdpMid = null, sdpMLineIndex = null, usernameFragment } = init;
    if (sdpMid === null && sdpMLineIndex === null) {
      throw new TypeError('sdpMid or sdpMLineIndex has to be given');
    }
    const line = candidate.replace(/^a=/, '');
    const ufrag = / ufrag (\S+)/.exec(line)?.[1];
    this.#init = {
      candidate: line,
      sdpMid,
      sdpMLineIndex,
      usernameFragment: usernameFragment ?? ufrag ?? null,
    };
    this.#fields = parseCandidate(line);
  }

  get candidate(): string {
    return this.#init.candidate;
  }

  get sdpMid(): string | null {
    return this.#init.sdpMid;
  }

  get sdpMLineIndex(): number | null {
    return this.#init.sdpMLineIndex;
  }

  get usernameFragment(): string | null {
    return this.#init.usernameFragment;
  }

  get foundation(): CandidateFields['foundation'] {
    return this.#fields.foundation;
  }

  get component(): CandidateFields['component'] {
    return this.#fields.component;
  }

  get priority(): CandidateFields['priority'] {
    return this.#fields.priority;
  }

  get address(): CandidateFields['address'] {
    return this.#fields.address;
  }

  get protocol(): CandidateFields['protocol'] {
    return this.#fields.protocol;
  }

  get port(): CandidateFields['port'] {
    return this.#fields.port;
  }

  get type(): CandidateFields['type'] {
    return this.#fields.type;
  }

  get tcpType(): CandidateFields['tcpType'] {
    return this.#fields.tcpType;
  }

  get relatedAddress(): CandidateFields['relatedAddress'] {
    return this.#fields.relatedAddress;
  }

  get relatedPort(): CandidateFields['relatedPort'] {
    return this.#fields.relatedPort;
  }

  /** How a relay is reached is not told by the host. */
  get relayProtocol(): null {
    return null;
  }

  get url(): null {
    return null;
  }

  toJSON(): IceCandidate {
    return { ...this.#init };
  }
}
nameInterface(RTCIceCandidate, 'RTCIceCandidate');
