/** `RTCRtpTransceiver` (W3C webrtc-pc, section 5.4). */
import { invalidState } from '../errors';
import { nameInterface, queueTask } from '../surface';
import { host } from '../transport';
import type { Codec, Direction, Encoding, Kind, TransceiverState } from '../wire';
import { capabilities } from './capabilities';
import type { Peer } from './peer';
import { ReceiverCore, newReceiver } from './receiver';
import type { RTCRtpReceiver } from './receiver';
import { newSender } from './sender';
import type { RTCRtpSender, SenderCore } from './sender';

const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive', 'stopped'] as const;

function knownDirection(value: unknown): Direction | undefined {
  const name = String(value);
  return DIRECTIONS.find((known) => known === name);
}

/** WebIDL conversion to `RTCRtpTransceiverDirection`. */
export function directionOf(value: unknown): Direction {
  const direction = knownDirection(value);
  if (!direction) throw new TypeError(`'${String(value)}' is no direction`);
  return direction;
}

/** A direction with sending switched on or off. */
export function withSending(direction: Direction, on: boolean): Direction {
  const receives = direction === 'sendrecv' || direction === 'recvonly';
  if (on) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}

/** Does a direction send? */
export function sends(direction: Direction | null): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

/** What is behind a transceiver. The page is the master of `direction`, the host of the rest. */
export class TransceiverCore {
  readonly peer: Peer;
  readonly id: number;
  readonly kind: Kind;
  readonly sender: RTCRtpSender;
  readonly receiver: RTCRtpReceiver;
  readonly senderCore: SenderCore;
  readonly receiverCore: ReceiverCore;
  readonly transceiver: RTCRtpTransceiver;
  direction: Direction;
  currentDirection: Direction | null = null;
  mid: string | null = null;
  stopping = false;
  /** The sender was in use once: `addTrack` may not take it over (W3C, section 5.1). */
  hasSent = false;
  /** The host has named it in a snapshot. */
  known = false;

  constructor(
    peer: Peer,
    id: number,
    kind: Kind,
    direction: Direction,
    encodings: Encoding[],
    trackId?: string,
  ) {
    this.peer = peer;
    this.id = id;
    this.kind = kind;
    this.direction = direction;
    this.senderCore = {
      peer,
      transceiver: id,
      kind,
      track: null,
      encodings,
      degradationPreference: undefined,
      state: undefined,
      stopped: false,
    };
    this.receiverCore = new ReceiverCore(peer, id, kind, trackId);
    this.sender = newSender(this.senderCore);
    this.receiver = newReceiver(this.receiverCore);
    this.transceiver = new RTCRtpTransceiver(KEY, this);
  }

  get stopped(): boolean {
    return this.currentDirection === 'stopped';
  }

  setDirection(direction: Direction): void {
    if (this.direction === direction) return;
    this.direction = direction;
    host().post({
      op: 'transceiverSetDirection',
      pc: this.peer.id,
      transceiver: this.id,
      direction,
    });
  }

  /** Takes over the host's view. */
  follow(state: TransceiverState): void {
    this.known = true;
    this.mid = state.mid;
    this.currentDirection = state.currentDirection;
    this.senderCore.state = state;
    this.receiverCore.state = state;
    this.receiverCore.track.bind(state.receiverTrack);
    if (sends(state.currentDirection)) this.hasSent = true;
    if (state.direction === 'stopped') this.finish();
  }

  /** Stopped, by whichever side. */
  finish(): void {
    this.halt();
    this.receiverCore.track.end();
  }

  /** Stopped, but for the end of what was received. */
  halt(): void {
    this.direction = 'stopped';
    this.stopping = true;
    this.senderCore.stopped = true;
  }
}

/** Keeps pages from constructing transceivers. */
const KEY = Symbol('transceiver');

export class RTCRtpTransceiver {
  readonly #core: TransceiverCore;

  constructor(key: symbol, core: TransceiverCore) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#core = core;
  }

  get mid(): string | null {
    return this.#core.mid;
  }

  get sender(): RTCRtpSender {
    return this.#core.sender;
  }

  get receiver(): RTCRtpReceiver {
    return this.#core.receiver;
  }

  get stopped(): boolean {
    return this.#core.stopped;
  }

  get currentDirection(): Direction | null {
    return this.#core.currentDirection;
  }

  get direction(): Direction {
    return this.#core.direction;
  }

  set direction(value: Direction) {
    const core = this.#core;
    const direction = knownDirection(value);
    // WebIDL: an attribute ignores what is no value of its enumeration.
    if (!direction) return;
    if (core.peer.closed) throw invalidState('The connection is closed');
    if (core.stopping) throw invalidState('The transceiver is stopping');
    if (direction === 'stopped') throw new TypeError('stop() stops a transceiver');
    core.setDirection(direction);
  }

  stop(): void {
    const core = this.#core;
    if (core.peer.closed) throw invalidState('The connection is closed');
    if (core.stopping) return;
    core.halt();
    // Not in the midst of what the page does (mediacapture-main, 4.3.1: a task of its own).
    queueTask(() => core.receiverCore.track.end());
    host().post({ op: 'transceiverStop', pc: core.peer.id, transceiver: core.id });
  }

  setCodecPreferences(codecs: Codec[]): void {
    const core = this.#core;
    const offered = [
      ...(capabilities(core.kind, 'sender')?.codecs ?? []),
      ...(capabilities(core.kind, 'receiver')?.codecs ?? []),
    ];
    const wanted: Codec[] = [];
    for (const codec of codecs) {
      if (wanted.some((other) => sameCodec(other, codec))) continue;
      if (!offered.some((known) => sameCodec(known, codec))) {
        throw new DOMException('A codec is not supported', 'InvalidModificationError');
      }
      wanted.push(codec);
    }
    const auxiliary = /\/(rtx|red|ulpfec|flexfec-03|telephone-event|CN)$/i;
    if (wanted.length > 0 && wanted.every(({ mimeType }) => auxiliary.test(mimeType))) {
      throw new DOMException('No media codec is left', 'InvalidModificationError');
    }
    host().post({
      op: 'transceiverSetCodecPreferences',
      pc: core.peer.id,
      transceiver: core.id,
      codecs: wanted,
    });
  }
}
nameInterface(RTCRtpTransceiver, 'RTCRtpTransceiver');

function sameCodec(a: Codec, b: Codec): boolean {
  return (
    a.mimeType.toLowerCase() === b.mimeType.toLowerCase() &&
    a.clockRate === b.clockRate &&
    a.channels === b.channels &&
    (a.sdpFmtpLine ?? '') === (b.sdpFmtpLine ?? '')
  );
}
