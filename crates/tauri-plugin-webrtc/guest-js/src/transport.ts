/**
 * The page's end of the wire: one WebSocket to the host. Requests are sent in order and answered
 * in order; events and binary messages come in between and are given to whoever listens under
 * their id. The link is opened when first needed and again after a loss.
 */
import { decodeBinary } from './binary';
import type { DataMessage, Picture, RawPicture } from './binary';
import { fromWire } from './errors';
import { background } from './surface';
import type {
  DescriptionSet,
  DeviceInfo,
  DisplayAnswer,
  Event as WireEvent,
  FromHost,
  LocalTrack,
  Op,
  Opened,
  SessionDescription,
  TrackSettings,
} from './wire';

/** Subprotocol that the host selects. */
const SUBPROTOCOL = 'webrtc.v1';

/** Bytes of data-channel messages after which the host is told that they were handled. */
const TAKEN_STEP = 256 * 1024;

/** Where the host's WebSocket is. */
export type EndpointProvider = () => Promise<Opened>;

/** Replies that are not null. */
interface Replies {
  enumerateDevices: DeviceInfo[];
  getUserMedia: LocalTrack[];
  getDisplayMedia: DisplayAnswer;
  chooseDisplaySource: LocalTrack[];
  cloneTrack: LocalTrack;
  applyConstraints: TrackSettings;
  pcCreateOffer: SessionDescription;
  pcCreateAnswer: SessionDescription;
  pcSetLocalDescription: DescriptionSet;
  pcSetRemoteDescription: DescriptionSet;
  pcGetStats: Record<string, RTCStats>;
}
type ReplyTo<O extends Op> = O['op'] extends keyof Replies ? Replies[O['op']] : null;

/** Events about one thing. */
export type ConnectionEvent = Extract<WireEvent, { pc: number }>;
export type TrackEvent = Extract<WireEvent, { track: number }>;
export type ChannelEvent = Extract<WireEvent, { channel: number; event: `dataChannel${string}` }>;

/** What a data channel hears. */
export interface ChannelListener {
  event(event: ChannelEvent): void;
  message(data: DataMessage['data']): void;
  lost(): void;
}

/** What a connection hears. */
export interface ConnectionListener {
  event(event: ConnectionEvent): void;
  lost(): void;
}

/** What a track hears. */
export interface TrackListener {
  event(event: TrackEvent): void;
  lost(): void;
}

/** What a painter of a track's pictures hears. */
export interface PictureListener {
  picture(picture: Picture | RawPicture): void;
}

/** The part of a WebSocket that is used here, so that tests can stand in for it. */
export interface Socket {
  send(message: string | ArrayBuffer): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

/** Opens the socket of an endpoint. */
export type OpenSocket = (endpoint: Opened) => Socket;

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** The host's own WebSocket. */
export const openWebSocket: OpenSocket = ({ url, secret }) => {
  const socket = new WebSocket(url, [SUBPROTOCOL, secret]);
  socket.binaryType = 'arraybuffer';
  return socket as Socket;
};

function lostError(): DOMException {
  return new DOMException('The connection to the media host was lost', 'OperationError');
}

/** The host, as the polyfill's classes see it. */
export class Host {
  readonly connections = new Map<number, ConnectionListener>();
  readonly channels = new Map<number, ChannelListener>();
  readonly pictures = new Map<number, PictureListener>();
  readonly #tracks = new Map<number, Set<TrackListener>>();
  readonly #endpoint: EndpointProvider;
  readonly #openSocket: OpenSocket;
  readonly #opened: () => void;
  readonly #waiting = new Map<number, Waiting>();
  #socket: Socket | undefined;
  /** Messages that wait for the socket; undefined once it is open. */
  #queue: (string | ArrayBuffer)[] | undefined;
  /** Bytes of data-channel messages handled since the host was last told. */
  #taken = 0;
  #nextRequest = 1;
  #nextId = 1;
  #deviceChange: () => void = () => undefined;

  /** `opened` runs whenever the link is open, while the host is busy with what was asked first. */
  constructor(
    endpoint: EndpointProvider,
    openSocket: OpenSocket = openWebSocket,
    opened: () => void = () => undefined,
  ) {
    this.#endpoint = endpoint;
    this.#openSocket = openSocket;
    this.#opened = opened;
  }

  /** A new id for something that the page creates. */
  newId(): number {
    return this.#nextId++;
  }

  /** Opens the link if there is none: events come only over it. */
  open(): void {
    if (this.#queue || this.#socket) return;
    this.#queue = [];
    background(this.#connect());
  }

  /** Asks the host, and opens the link if there is none. */
  request<O extends Op>(op: O): Promise<ReplyTo<O>> {
    const id = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as ReplyTo<O>), reject });
      this.#send(JSON.stringify({ id, ...op }));
    });
  }

  /** Tells the host something whose answer nobody waits for. */
  post(op: Op): void {
    background(this.request(op));
  }

  /** Sends a binary message. */
  sendBinary(message: ArrayBuffer): void {
    this.#send(message);
  }

  /** Listens to a track's events. Returns what ends it. */
  listenTrack(track: number, listener: TrackListener): () => void {
    let listeners = this.#tracks.get(track);
    if (!listeners) {
      listeners = new Set();
      this.#tracks.set(track, listeners);
    }
    listeners.add(listener);
    const mine = listeners;
    return () => {
      mine.delete(listener);
      if (mine.size === 0 && this.#tracks.get(track) === mine) this.#tracks.delete(track);
    };
  }

  /** Sets what runs when the list of devices changes. */
  onDeviceChange(listener: () => void): void {
    this.#deviceChange = listener;
  }

  #send(message: string | ArrayBuffer): void {
    this.open();
    if (this.#queue) this.#queue.push(message);
    else this.#socket?.send(message);
  }

  async #connect(): Promise<void> {
    let socket: Socket;
    try {
      socket = this.#openSocket(await this.#endpoint());
    } catch (error) {
      this.#lost();
      throw error;
    }
    this.#socket = socket;
    socket.onopen = () => {
      const queue = this.#queue ?? [];
      this.#queue = undefined;
      for (const message of queue) socket.send(message);
      this.#opened();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.#text(data);
      else if (data instanceof ArrayBuffer) this.#binary(data);
    };
    socket.onclose = () => this.#lost();
  }

  #text(text: string): void {
    const message = JSON.parse(text) as FromHost;
    if ('reply' in message) {
      const waiting = this.#waiting.get(message.reply);
      this.#waiting.delete(message.reply);
      if (message.error) waiting?.reject(fromWire(message.error));
      else waiting?.resolve(message.value ?? null);
    } else {
      this.#event(message);
    }
  }

  #event(event: WireEvent): void {
    switch (event.event) {
      case 'deviceChange':
        this.#deviceChange();
        break;
      case 'trackEnded':
      case 'trackMuted':
      case 'audioLevel':
        for (const listener of [...(this.#tracks.get(event.track) ?? [])]) listener.event(event);
        break;
      case 'dataChannelState':
      case 'dataChannelSent':
      case 'dataChannelFailed':
        this.channels.get(event.channel)?.event(event);
        break;
      case 'pcState':
      case 'pcIceCandidate':
      case 'pcIceCandidateError':
      case 'pcNegotiationNeeded':
      case 'pcDataChannel':
        this.connections.get(event.pc)?.event(event);
        break;
    }
  }

  #binary(buffer: ArrayBuffer): void {
    const message = decodeBinary(buffer);
    switch (message?.type) {
      case 'data':
        try {
          this.channels.get(message.channel)?.message(message.data);
        } finally {
          this.#handled(buffer.byteLength);
        }
        break;
      case 'picture':
      case 'raw':
        this.pictures.get(message.track)?.picture(message);
        break;
      case undefined:
        break;
    }
  }

  /** The host reads no more from the network than the page has handled, give or take a little. */
  #handled(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken < TAKEN_STEP) return;
    this.post({ op: 'dataTaken', bytes: this.#taken });
    this.#taken = 0;
  }

  /** Everything that lived behind the link is gone with it. */
  #lost(): void {
    this.#taken = 0;
    this.#socket = undefined;
    this.#queue = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(lostError());
    for (const listener of [...this.channels.values()]) listener.lost();
    for (const listener of [...this.connections.values()]) listener.lost();
    for (const listeners of [...this.#tracks.values()])
      for (const listener of [...listeners]) listener.lost();
  }
}

let current: Host | undefined;

/** The host of this page. */
export function host(): Host {
  if (!current) throw new Error('the WebRTC polyfill is not installed');
  return current;
}

/** Sets the host of this page, once by `install` (and per case by tests). */
export function setHost(value: Host): void {
  current = value;
}
