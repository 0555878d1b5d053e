/** `RTCDataChannel` (W3C webrtc-pc, section 6.2). */
import { encodeData } from '../binary';
import { RTCError, RTCErrorEvent, invalidState } from '../errors';
import { background, defineHandlers, nameInterface } from '../surface';
import type { EventHandler } from '../surface';
import { host } from '../transport';
import type { ChannelEvent } from '../transport';
import type { DataChannelInit, DataChannelState } from '../wire';

/** Keeps pages from constructing channels. */
const KEY = Symbol('channel');

/** What may be sent. */
type Sendable = string | Blob | ArrayBuffer | ArrayBufferView;

interface Outgoing {
  payload: Uint8Array | Blob;
  binary: boolean;
}

/** What may wait on one channel, as in Chromium; the host's limit (`MAX_DATA_BUFFER`) is the same. */
const MAX_BUFFERED = 16 * 1024 * 1024;

/** WebIDL `unsigned short` with `[EnforceRange]`. */
function unsignedShort(value: unknown, name: string): number {
  const number = Math.trunc(Number(value));
  if (!(number >= 0 && number <= 65535)) throw new TypeError(`${name} is out of range`);
  return number;
}

/** Checks what the page asks for (W3C webrtc-pc, section 6.1, `createDataChannel`). */
export function channelInit(label: string, init: RTCDataChannelInit): DataChannelInit {
  const wire: DataChannelInit = {
    ordered: init.ordered ?? true,
    protocol: init.protocol ?? '',
    negotiated: init.negotiated ?? false,
  };
  const tooLong = (text: string): boolean => new TextEncoder().encode(text).length > 65535;
  if (tooLong(label) || tooLong(wire.protocol)) {
    throw new TypeError('label and protocol may have 65535 bytes');
  }
  if (init.maxPacketLifeTime !== undefined) {
    wire.maxPacketLifeTime = unsignedShort(init.maxPacketLifeTime, 'maxPacketLifeTime');
  }
  if (init.maxRetransmits !== undefined) {
    wire.maxRetransmits = unsignedShort(init.maxRetransmits, 'maxRetransmits');
  }
  if (wire.maxPacketLifeTime !== undefined && wire.maxRetransmits !== undefined) {
    throw new TypeError('maxPacketLifeTime and maxRetransmits exclude each other');
  }
  if (wire.negotiated) {
    if (init.id === undefined) throw new TypeError('a negotiated channel needs an id');
    wire.id = unsignedShort(init.id, 'id');
    if (wire.id === 65535) throw new TypeError('id is out of range');
  }
  return wire;
}

/** Ends a channel whose connection was closed: no events (W3C webrtc-pc, section 4.4.1.10). */
export let abandonChannel: (channel: RTCDataChannel) => void;

export class RTCDataChannel extends EventTarget {
  declare onopen: EventHandler;
  declare onmessage: EventHandler<MessageEvent>;
  declare onbufferedamountlow: EventHandler;
  declare onerror: EventHandler<RTCErrorEvent>;
  declare onclosing: EventHandler;
  declare onclose: EventHandler;
  readonly #channel: number;
  readonly #label: string;
  readonly #init: DataChannelInit;
  readonly #maxMessageSize: () => number;
  #id: number | null;
  #state: DataChannelState = 'connecting';
  #binaryType: BinaryType = 'arraybuffer';
  #threshold = 0;
  /** Payload bytes that the page handed over, and of these, those that left the host. */
  #queued = 0;
  #sent = 0;
  /** Messages behind a `Blob` that is still being read. */
  #waiting: Outgoing[] = [];
  #closing = false;

  constructor(
    key: symbol,
    channel: number,
    label: string,
    init: DataChannelInit,
    maxMessageSize: () => number,
  ) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    super();
    this.#channel = channel;
    this.#label = label;
    this.#init = init;
    this.#id = init.id ?? null;
    this.#maxMessageSize = maxMessageSize;
    host().channels.set(channel, {
      event: (event) => this.#event(event),
      message: (data) => this.#message(data),
      lost: () => this.#closed('the media host was lost'),
    });
  }

  get label(): string {
    return this.#label;
  }

  get ordered(): boolean {
    return this.#init.ordered;
  }

  get maxPacketLifeTime(): number | null {
    return this.#init.maxPacketLifeTime ?? null;
  }

  get maxRetransmits(): number | null {
    return this.#init.maxRetransmits ?? null;
  }

  get protocol(): string {
    return this.#init.protocol;
  }

  get negotiated(): boolean {
    return this.#init.negotiated;
  }

  get id(): number | null {
    return this.#id;
  }

  get readyState(): DataChannelState {
    return this.#state;
  }

  get bufferedAmount(): number {
    return this.#queued - this.#sent;
  }

  get bufferedAmountLowThreshold(): number {
    return this.#threshold;
  }

  set bufferedAmountLowThreshold(value: number) {
    this.#threshold = Math.max(0, Math.trunc(Number(value)) || 0);
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(value: BinaryType) {
    if (value === 'blob' || value === 'arraybuffer') this.#binaryType = value;
  }

  send(data: Sendable): void {
    if (this.#state !== 'open') throw invalidState("RTCDataChannel.readyState is not 'open'");
    const outgoing = outgoingOf(data);
    const size = sizeOf(outgoing);
    const limit = this.#maxMessageSize();
    if (limit > 0 && size > limit)
      throw new TypeError(`Message too large, ${limit} bytes may be sent`);
    if (this.bufferedAmount + size > MAX_BUFFERED) {
      const message = `${this.bufferedAmount} bytes wait, no more than ${MAX_BUFFERED} may`;
      throw new DOMException(message, 'OperationError');
    }
    this.#queued += size;
    if (outgoing.payload instanceof Blob || this.#waiting.length > 0) {
      const { payload, binary } = outgoing;
      // The page may write into its buffer again before this one's turn comes.
      this.#waiting.push({ payload: payload instanceof Blob ? payload : payload.slice(), binary });
      if (this.#waiting.length === 1) background(this.#flush());
    } else {
      this.#transmit(outgoing.payload, outgoing.binary);
    }
  }

  close(): void {
    if (this.#closing || this.#state === 'closing' || this.#state === 'closed') return;
    this.#closing = true;
    this.#state = 'closing';
    if (this.#waiting.length === 0) host().post({ op: 'dataChannelClose', channel: this.#channel });
  }

  static {
    abandonChannel = (channel) => {
      host().channels.delete(channel.#channel);
      channel.#state = 'closed';
    };
  }

  #transmit(payload: Uint8Array, binary: boolean): void {
    host().sendBinary(encodeData(this.#channel, payload, binary));
  }

  async #flush(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const { payload, binary } = next;
      const bytes = payload instanceof Blob ? new Uint8Array(await payload.arrayBuffer()) : payload;
      if (this.#state === 'closed') return;
      this.#transmit(bytes, binary);
      this.#waiting.shift();
    }
    if (this.#closing) host().post({ op: 'dataChannelClose', channel: this.#channel });
  }

  #event(event: ChannelEvent): void {
    if (event.event === 'dataChannelSent') {
      this.#drained(event.sent);
      return;
    }
    if (event.event === 'dataChannelFailed') {
      this.#closed(event.reason);
      return;
    }
    if (event.streamId !== null) this.#id = event.streamId;
    switch (event.state) {
      case 'connecting':
        break;
      case 'open':
        if (this.#state !== 'connecting') break;
        this.#state = 'open';
        this.dispatchEvent(new Event('open'));
        break;
      case 'closing':
        if (this.#state === 'closed' || this.#closing) break;
        this.#state = 'closing';
        this.dispatchEvent(new Event('closing'));
        break;
      case 'closed':
        this.#closed();
        break;
    }
  }

  #drained(sent: number): void {
    const before = this.bufferedAmount;
    this.#sent = Math.min(Math.max(sent, this.#sent), this.#queued);
    if (before > this.#threshold && this.bufferedAmount <= this.#threshold) {
      this.dispatchEvent(new Event('bufferedamountlow'));
    }
  }

  #message(data: string | ArrayBuffer): void {
    if (this.#state === 'closed') return;
    const shown =
      typeof data === 'string' || this.#binaryType === 'arraybuffer' ? data : new Blob([data]);
    this.dispatchEvent(new MessageEvent('message', { data: shown }));
  }

  #closed(reason?: string): void {
    if (this.#state === 'closed') return;
    host().channels.delete(this.#channel);
    this.#state = 'closed';
    this.#waiting = [];
    if (reason !== undefined) {
      const error = new RTCError({ errorDetail: 'data-channel-failure' }, reason);
      this.dispatchEvent(new RTCErrorEvent('error', { error }));
    }
    this.dispatchEvent(new Event('close'));
  }
}
defineHandlers(RTCDataChannel.prototype, [
  'open',
  'message',
  'bufferedamountlow',
  'error',
  'closing',
  'close',
]);
nameInterface(RTCDataChannel, 'RTCDataChannel');

/** A channel that the page or the remote side opens. */
export function newChannel(
  channel: number,
  label: string,
  init: DataChannelInit,
  maxMessageSize: () => number,
): RTCDataChannel {
  return new RTCDataChannel(KEY, channel, label, init, maxMessageSize);
}

function outgoingOf(data: unknown): Outgoing {
  if (data instanceof Blob) return { payload: data, binary: true };
  if (data instanceof ArrayBuffer) return { payload: new Uint8Array(data), binary: true };
  if (ArrayBuffer.isView(data)) {
    const payload = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { payload, binary: true };
  }
  return { payload: new TextEncoder().encode(String(data)), binary: false };
}

function sizeOf({ payload }: Outgoing): number {
  return payload instanceof Blob ? payload.size : payload.byteLength;
}
