/** A host in memory: the boundary is faked once, here. */
import { Host, setHost } from '../src/transport';
import type { Socket } from '../src/transport';
import type {
  Event as WireEvent,
  FromHost,
  Op,
  PcState,
  Request,
  TransceiverState,
  WireError,
} from '../src/wire';

type Answer = { value?: unknown; error?: WireError };
type OpOf<N extends Op['op']> = Extract<Op, { op: N }>;

/** First id that the host hands out. */
export const FIRST_HOST_ID = 0x8000_0000;

/** A connection's state in which nothing has happened. */
export function stateOf(changes: Partial<PcState> = {}): PcState {
  return {
    signalingState: 'stable',
    iceGatheringState: 'new',
    iceConnectionState: 'new',
    connectionState: 'new',
    dtlsState: 'new',
    sctp: null,
    descriptions: null,
    transceivers: [],
    ...changes,
  };
}

/** A transceiver's state. */
export function transceiverOf(
  changes: Partial<TransceiverState> & { id: number },
): TransceiverState {
  return {
    kind: 'video',
    mid: '0',
    direction: 'recvonly',
    currentDirection: null,
    receiverTrack: FIRST_HOST_ID + 100,
    codecs: [],
    headerExtensions: [],
    ...changes,
  };
}

/** Runs all promises and messages that are under way. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export class FakeHost {
  /** All requests so far. */
  readonly requests: Request[] = [];
  /** All binary messages so far. */
  readonly binary: Uint8Array[] = [];
  /** Requests that are kept unanswered. */
  readonly held: Request[] = [];
  opened = 0;
  readonly #answers = new Map<string, (op: never) => Answer>();
  readonly #hold = new Set<string>();
  #socket: Socket | undefined;
  #nextId = FIRST_HOST_ID;

  constructor() {
    const endpoint = (): Promise<{ url: string; secret: string }> =>
      Promise.resolve({ url: 'ws://host.invalid/', secret: 'secret' });
    setHost(new Host(endpoint, () => this.#open()));
    this.on('getUserMedia', ({ audio, video }) => ({
      value: [...(audio ? ['audio'] : []), ...(video ? ['video'] : [])].map((kind) => ({
        track: this.#nextId++,
        kind,
        label: `fake ${kind}`,
        settings: { deviceId: kind, groupId: 'fake' },
      })),
    }));
    this.on('cloneTrack', ({ clone }) => ({ value: { track: clone } }));
    const described = (): Answer => ({ value: { state: stateOf(), added: [], removed: [] } });
    this.on('pcSetLocalDescription', described);
    this.on('pcSetRemoteDescription', described);
    this.on('pcCreateOffer', () => ({ value: { type: 'offer', sdp: 'v=0 offer' } }));
    this.on('pcCreateAnswer', () => ({ value: { type: 'answer', sdp: 'v=0 answer' } }));
    this.on('pcGetStats', () => ({ value: {} }));
  }

  /** Sets how an operation is answered. */
  on<N extends Op['op']>(op: N, answer: (op: OpOf<N>) => Answer): void {
    this.#answers.set(op, answer);
  }

  /** Keeps requests of this kind until `release`. */
  hold(op: Op['op']): void {
    this.#hold.add(op);
  }

  /** Answers the oldest request that was kept. */
  async release(): Promise<void> {
    const request = this.held.shift();
    if (request) this.#reply(request);
    await settle();
  }

  /** All requests of a kind. */
  all<N extends Op['op']>(op: N): OpOf<N>[] {
    return this.requests.filter((request) => request.op === op) as unknown as OpOf<N>[];
  }

  /** Names of the requests, in order. */
  get names(): string[] {
    return this.requests.map(({ op }) => op);
  }

  /** Sends an event to the page. */
  async emit(event: WireEvent): Promise<void> {
    await settle();
    this.#deliver(event);
    await settle();
  }

  /** Sends a binary message to the page. */
  deliverBinary(message: Uint8Array): void {
    this.#socket?.onmessage?.({ data: message.slice().buffer });
  }

  /** Cuts the link. */
  async drop(): Promise<void> {
    await settle();
    this.#socket?.onclose?.();
    await settle();
  }

  #open(): Socket {
    this.opened += 1;
    const socket: Socket = {
      onopen: null,
      onmessage: null,
      onclose: null,
      send: (message) => {
        if (typeof message !== 'string') {
          this.binary.push(new Uint8Array(message));
          return;
        }
        const request = JSON.parse(message) as Request;
        this.requests.push(request);
        if (this.#hold.has(request.op)) this.held.push(request);
        else setImmediate(() => this.#reply(request));
      },
    };
    this.#socket = socket;
    setImmediate(() => socket.onopen?.());
    return socket;
  }

  #reply(request: Request): void {
    const answer = this.#answers.get(request.op)?.(request as never) ?? { value: null };
    this.#deliver({ reply: request.id, ...answer });
  }

  #deliver(message: FromHost): void {
    this.#socket?.onmessage?.({ data: JSON.stringify(message) });
  }
}
