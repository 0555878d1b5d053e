/** Events of W3C webrtc-pc. */
import type { MediaStream } from '../media/stream';
import type { MediaStreamTrack } from '../media/track';
import { nameInterface } from '../surface';
import type { RTCDataChannel } from './channel';
import type { RTCIceCandidate } from './description';
import type { RTCRtpReceiver } from './receiver';
import type { RTCRtpTransceiver } from './transceiver';

interface TrackInit extends EventInit {
  receiver: RTCRtpReceiver;
  track: MediaStreamTrack;
  streams?: MediaStream[];
  transceiver: RTCRtpTransceiver;
}

export class RTCTrackEvent extends Event {
  readonly #init: TrackInit;

  constructor(type: string, init: TrackInit) {
    super(type, init);
    this.#init = { ...init, streams: Object.freeze([...(init.streams ?? [])]) as MediaStream[] };
  }

  get receiver(): RTCRtpReceiver {
    return this.#init.receiver;
  }

  get track(): MediaStreamTrack {
    return this.#init.track;
  }

  get streams(): readonly MediaStream[] {
    return this.#init.streams ?? [];
  }

  get transceiver(): RTCRtpTransceiver {
    return this.#init.transceiver;
  }
}
nameInterface(RTCTrackEvent, 'RTCTrackEvent');

export class RTCPeerConnectionIceEvent extends Event {
  readonly #candidate: RTCIceCandidate | null;
  readonly #url: string | null;

  constructor(
    type: string,
    init: EventInit & { candidate?: RTCIceCandidate | null; url?: string | null } = {},
  ) {
    super(type, init);
    this.#candidate = init.candidate ?? null;
    this.#url = init.url ?? null;
  }

  get candidate(): RTCIceCandidate | null {
    return this.#candidate;
  }

  get url(): string | null {
    return this.#url;
  }
}
nameInterface(RTCPeerConnectionIceEvent, 'RTCPeerConnectionIceEvent');

interface IceErrorInit extends EventInit {
  address?: string | null;
  port?: number | null;
  url?: string;
  errorCode: number;
  errorText?: string;
}

export class RTCPeerConnectionIceErrorEvent extends Event {
  readonly address: string | null;
  readonly port: number | null;
  readonly url: string;
  readonly errorCode: number;
  readonly errorText: string;

  constructor(type: string, init: IceErrorInit) {
    super(type, init);
    this.address = init.address ?? null;
    this.port = init.port ?? null;
    this.url = init.url ?? '';
    this.errorCode = init.errorCode;
    this.errorText = init.errorText ?? '';
  }
}
nameInterface(RTCPeerConnectionIceErrorEvent, 'RTCPeerConnectionIceErrorEvent');

export class RTCDataChannelEvent extends Event {
  readonly channel: RTCDataChannel;

  constructor(type: string, init: EventInit & { channel: RTCDataChannel }) {
    super(type, init);
    this.channel = init.channel;
  }
}
nameInterface(RTCDataChannelEvent, 'RTCDataChannelEvent');
