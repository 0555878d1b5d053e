import type { FileState } from './model';
import type { Scope } from './scope';

/** Bytes of the largest file. */
export const LARGEST_FILE = 50_000_000;
/** Bytes that are sent at once. */
const PART = 64_000;
/** How many get something of the user's at the same time; the others wait for their turn. */
const MOST_AT_ONCE = 3;
/** How many may wait: nobody can ask for more than there is. */
const MOST_WAITING = 200;
/** Bytes of what has arrived that are kept; of the oldest only the offer stays. */
const MOST_KEPT = 200_000_000;

/** What is said of a file between who has it and who wants it. */
export interface FileWord {
  /** `ask`: it may come; `stop`: no more of it; `gone`: it cannot be had any more. */
  readonly kind: 'ask' | 'stop' | 'gone';
  /** Key of the message that offers it. */
  readonly key: string;
}

/** What a file is, before anything of it has arrived. */
export interface FileOffer {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Media type, as whoever offers it says. */
  readonly type: string;
}

/** Takes a file part by part. */
interface Sink {
  write(part: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** How words and files get from one to the other: an adapter has it. */
export interface FileWire {
  /** `to`: an identity; absent: everybody. */
  say(word: FileWord, to?: string): Promise<void>;
  open(key: string, offer: FileOffer, to: string): Promise<Sink>;
}

/** Where it is told how far a file is. */
export type FileChanged = (
  key: string,
  from: string | undefined,
  state: Partial<FileState>,
) => void;

/** One's own. */
interface Offered {
  readonly file: Blob;
  readonly offer: FileOffer;
  /** The user whom alone it is for. */
  readonly to: string | undefined;
}

interface Arriving {
  readonly key: string;
  readonly from: string;
  readonly ending: AbortController;
  readonly size: number;
  readonly type: string;
  readonly done: () => void;
  /** It comes already: nobody sends it twice at once. */
  begun: boolean;
}

/**
 * The files of a call. One that somebody offers is only known by name and size; nothing of it is sent before
 * the receiver asks for it, and what comes unasked is kept nowhere.
 */
export class Files {
  readonly #wire: FileWire;
  readonly #changed: FileChanged;
  /** One's own, by key. */
  readonly #offered = new Map<string, Offered>();
  /** Who gets what, or waits for it: by key and identity. */
  readonly #leaving = new Map<string, AbortController>();
  readonly #waiting: (() => Promise<void>)[] = [];
  #sending = 0;
  /** By sender and key. */
  readonly #arriving = new Map<string, Arriving>();
  /** What has arrived, the oldest first. */
  readonly #kept: { readonly key: string; readonly from: string; readonly size: number }[] = [];

  constructor(wire: FileWire, changed: FileChanged, scope: Scope) {
    this.#wire = wire;
    this.#changed = changed;
    scope.add(() => {
      this.#offered.clear();
      this.#waiting.length = 0;
      this.interrupt();
    });
  }

  /** It can be had by who asks for it, until it is withdrawn; `to`: by this user alone. */
  offer(key: string, file: Blob, offer: FileOffer, to?: string): void {
    this.#offered.set(key, { file, offer, to });
  }

  /** Nobody gets it any more. */
  async withdraw(key: string): Promise<void> {
    if (!this.#offered.delete(key)) return;
    this.#stop((which) => which.startsWith(`${key}\n`));
    this.#changed(key, undefined, { state: 'gone', content: undefined });
    await this.#wire.say({ kind: 'gone', key });
  }

  /** Asks for a file of somebody else's; resolves when it is here, or is not to come. */
  async fetch(key: string, from: string, { size, type }: FileOffer): Promise<void> {
    const which = keyOf(from, key);
    if (this.#arriving.has(which)) return;
    const ending = new AbortController();
    const over = new Promise<void>((done) => {
      this.#arriving.set(which, { key, from, ending, size, type, done, begun: false });
    });
    this.#changed(key, from, { state: 'arriving', received: 0 });
    try {
      await this.#wire.say({ kind: 'ask', key }, from);
    } catch {
      this.#over(key, from, 'failed');
    }
    await over;
  }

  /** No more of it is wanted. */
  async cancel(key: string, from: string): Promise<void> {
    if (!this.#arriving.has(keyOf(from, key))) return;
    this.#over(key, from, 'offered');
    await this.#wire.say({ kind: 'stop', key }, from);
  }

  /** Whoever left sends nothing and gets nothing any more. */
  left(identity: string): void {
    this.#stop((which) => which.endsWith(`\n${identity}`));
    for (const { key, from } of [...this.#arriving.values()])
      if (from === identity) this.#over(key, from, 'gone');
  }

  /** Somebody else said it. */
  heard({ kind, key }: FileWord, from: string): void {
    if (kind === 'ask') this.#asked(key, from);
    else if (kind === 'stop') this.#stop((which) => which === keyOf(key, from));
    else if (this.#arriving.has(keyOf(from, key))) this.#over(key, from, 'gone');
    else this.#changed(key, from, { state: 'gone' });
  }

  /** Something arrives from somebody else. It is read to its end, also if nobody asked for it. */
  async arrives(key: string, from: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
    const arriving = this.#begin(key, from);
    const read: BlobPart[] = [];
    let received = 0;
    let whole = true;
    try {
      for await (const part of parts) {
        if (arriving === undefined || arriving.ending.signal.aborted) continue;
        received += part.byteLength;
        // What is longer than it was said to be is not what was asked for.
        if (received > arriving.size) this.#over(key, from, 'failed');
        else {
          read.push(part.slice());
          this.#changed(key, from, { state: 'arriving', received });
        }
      }
    } catch {
      whole = false;
    }
    if (arriving === undefined || arriving.ending.signal.aborted) return;
    if (!whole || received !== arriving.size) this.#over(key, from, 'failed');
    else {
      this.#over(key, from, 'here', new Blob(read, { type: arriving.type }));
      this.#keep(key, from, received);
    }
  }

  /** What is on its way breaks off, with the connection. */
  interrupt(): void {
    this.#stop(() => true);
    for (const { key, from } of [...this.#arriving.values()]) this.#over(key, from, 'failed');
  }

  /** Sends no more of it; who wants it again gets it from the beginning. */
  #stop(concerned: (which: string) => boolean): void {
    for (const [which, ending] of [...this.#leaving]) {
      if (!concerned(which)) continue;
      ending.abort();
      this.#leaving.delete(which);
    }
  }

  /** Undefined: nobody asked for it, or it comes already. */
  #begin(key: string, from: string): Arriving | undefined {
    const arriving = this.#arriving.get(keyOf(from, key));
    if (arriving === undefined || arriving.begun) return undefined;
    arriving.begun = true;
    return arriving;
  }

  #asked(key: string, to: string): void {
    const offered = this.#offered.get(key);
    if (offered === undefined || (offered.to !== undefined && offered.to !== to)) {
      this.#wire.say({ kind: 'gone', key }, to).catch(() => undefined);
      return;
    }
    const which = keyOf(key, to);
    if (this.#leaving.has(which) || this.#waiting.length >= MOST_WAITING) return;
    const ending = new AbortController();
    this.#leaving.set(which, ending);
    this.#tellSending(key);
    this.#waiting.push(async () => {
      try {
        await this.#send(key, offered.file, offered.offer, to, ending.signal);
      } catch {
        // Whoever wanted it sees that it broke off, and can ask again.
      }
      if (this.#leaving.get(which) === ending) this.#leaving.delete(which);
      this.#tellSending(key);
    });
    this.#next();
  }

  #next(): void {
    if (this.#sending >= MOST_AT_ONCE) return;
    const send = this.#waiting.shift();
    if (send === undefined) return;
    this.#sending += 1;
    void send().then(() => {
      this.#sending -= 1;
      this.#next();
    });
  }

  async #send(
    key: string,
    file: Blob,
    offer: FileOffer,
    to: string,
    signal: AbortSignal,
  ): Promise<void> {
    /** Asked anew after every wait. */
    const wanted = (): boolean => !signal.aborted;
    if (!wanted()) return;
    const sink = await this.#wire.open(key, offer, to);
    try {
      for (let from = 0; from < file.size && wanted(); from += PART) {
        const part = await file.slice(from, from + PART).arrayBuffer();
        if (wanted()) await sink.write(new Uint8Array(part));
      }
    } finally {
      await sink.close();
    }
  }

  /** To how many it is being sent. */
  #tellSending(key: string): void {
    const sending = [...this.#leaving.keys()].filter((which) => which.startsWith(`${key}\n`));
    this.#changed(key, undefined, { sending: sending.length });
  }

  #over(key: string, from: string, state: FileState['state'], content?: Blob): void {
    const which = keyOf(from, key);
    const arriving = this.#arriving.get(which);
    if (arriving === undefined) return;
    this.#arriving.delete(which);
    arriving.ending.abort();
    this.#changed(key, from, { state, received: content?.size ?? 0, content });
    arriving.done();
  }

  #keep(key: string, from: string, size: number): void {
    this.#kept.push({ key, from, size });
    let all = this.#kept.reduce((sum, each) => sum + each.size, 0);
    while (all > MOST_KEPT && this.#kept.length > 1) {
      const oldest = this.#kept.shift();
      if (oldest === undefined) return;
      all -= oldest.size;
      this.#changed(oldest.key, oldest.from, { state: 'offered', received: 0, content: undefined });
    }
  }
}

const keyOf = (one: string, other: string): string => `${one}\n${other}`;

/** What somebody says of a file that they offer; undefined: that is none. */
export function offerOf(said: string | undefined): FileOffer | undefined {
  if (said === undefined || said.length > 2_000) return undefined;
  try {
    const offer: unknown = JSON.parse(said);
    if (typeof offer !== 'object' || offer === null) return undefined;
    const { name, size, type } = offer as Readonly<Record<string, unknown>>;
    if (typeof name !== 'string' || name.length > 255 || typeof type !== 'string') return undefined;
    const sized = typeof size === 'number' && Number.isSafeInteger(size);
    if (!sized || size <= 0 || size > LARGEST_FILE) return undefined;
    return { name, size, type: /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(type) ? type : '' };
  } catch {
    return undefined;
  }
}
