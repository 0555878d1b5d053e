/** A text as the SDK hands it on: in parts, once somebody reads it. */
export interface Reader extends AsyncIterable<string> {
  readonly info: { readonly id: string; attributes: Readonly<Record<string, string>> };
}
/** Bytes likewise. */
export interface ByteReader extends AsyncIterable<Uint8Array> {
  readonly info: Reader['info'];
}
export type ByteHandler = (reader: ByteReader, from: { readonly identity: string }) => void;

/** What is said of bytes that are sent. */
export interface SentBytes extends SentText {
  readonly name: string;
  readonly totalSize: number;
  readonly mimeType?: string;
}

/** Bytes that are sent, as long as sending works. */
export class SentStream {
  readonly parts: Uint8Array[] = [];
  closed = false;

  constructor(
    readonly about: SentBytes,
    readonly sending: () => Promise<void> | undefined,
  ) {}

  async write(part: Uint8Array): Promise<void> {
    await this.sending();
    this.parts.push(part);
  }

  async close(): Promise<void> {
    await this.sending();
    this.closed = true;
  }
}

/** Who has asked for what, by topic. */
export class Handlers<Handler> {
  readonly #all = new Map<string, Handler>();

  add(topic: string, handler: Handler): void {
    if (this.#all.has(topic)) throw new Error(`a handler for ${topic} has already been set`);
    this.#all.set(topic, handler);
  }

  remove(topic: string): void {
    this.#all.delete(topic);
  }

  /** Undefined: where nobody has asked for it, it is gone. */
  of(topic: string): Handler | undefined {
    return this.#all.get(topic);
  }
}

/** How a text stream comes; `broken`: its end does not. */
export interface HowSent {
  readonly id?: string;
  readonly broken?: boolean;
  readonly topic?: string;
  /** What its end says. */
  readonly closing?: Readonly<Record<string, string>>;
}

export type TextHandler = (reader: Reader, from: { readonly identity: string }) => void;

/** What is said of a text that is sent. */
export interface SentText {
  readonly topic: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly destinationIdentities?: readonly string[];
}
