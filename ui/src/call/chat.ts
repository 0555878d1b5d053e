import type { FileOffer } from './files';
import type { ChatMessage, FileState, MessageOptions } from './model';
import { plainName, plainText } from './plain';
import { Pace } from './pace';
import type { Scope } from './scope';
import { Telling } from './telling';

/** Messages that are kept; the oldest go first. */
const MOST_MESSAGES = 500;
/** Characters of all that are kept. */
const MOST_CHARACTERS = 500_000;
/** Bytes of one message (UTF-8), as many as fit into one reliable packet. */
export const LONGEST_MESSAGE = 14_000;
/** What one participant may send at once. */
const BURST = 20;
/** Milliseconds until they may send one more. */
const PACE = 1_000;
/** Characters of a message's key. */
const LONGEST_KEY = 100;

interface Sender {
  readonly identity: string;
  /** Empty: none is known. */
  readonly name: string;
}

/** What others may say of a message beside its text. */
interface About {
  /** The same of what is sent again. */
  readonly key?: string | undefined;
  readonly replyTo?: string | undefined;
  /** Nobody else got it. */
  readonly private?: boolean;
  /** It offers this. */
  readonly file?: FileOffer | undefined;
}

/** A message on its way to the others. What is sent again has the same `key`. */
export interface Written {
  readonly key: string;
  readonly text: string;
  readonly replyTo: string | undefined;
  /** The user whom alone it is for; absent: everyone. */
  readonly to: string | undefined;
  /** It offers this. */
  readonly file?: FileOffer;
}

/** A file that one offers oneself. */
interface Offered {
  /** Of the message. */
  readonly key: string;
  readonly offer: FileOffer;
  readonly content: Blob;
}

/**
 * What was written in a call. What others send is bounded in count, length and pace, so that nobody
 * fills the page; what is left out is counted where it would stand.
 */
export class Chat {
  readonly #changed: () => void;
  readonly #telling: Telling;
  /** Brings a text to the others; rejects if it did not. */
  readonly #post: (written: Written) => Promise<void>;
  #kept: ChatMessage[] = [];
  #characters = 0;
  #nextId = 0;
  /** Copied when it is read, not for each message. */
  #snapshot: readonly ChatMessage[] | undefined = [];
  readonly #pace = new Pace(BURST, PACE);
  /** The messages that say how many were left out, of those who are too fast. */
  readonly #omitted = new Map<string, ChatMessage>();
  /** What did not reach the others yet, as it was written. */
  readonly #unsent = new Map<number, Written>();
  /** The files of messages. */
  readonly #files = new Map<number, { readonly key: string; readonly from: string | undefined }>();
  /** By sender and key: what came already. */
  readonly #known = new Map<string, number>();

  constructor(changed: () => void, scope: Scope, post: (written: Written) => Promise<void>) {
    this.#changed = changed;
    this.#telling = new Telling(changed, scope);
    this.#post = post;
  }

  get messages(): readonly ChatMessage[] {
    return (this.#snapshot ??= [...this.#kept]);
  }

  /** One of one's own; resolves when it was sent, or is `failed`. */
  async send(
    from: Sender,
    text: string,
    { replyTo, to }: MessageOptions = {},
    offered?: Offered,
  ): Promise<void> {
    const key = offered?.key ?? crypto.randomUUID();
    const { id } = this.#add(from, text, {
      local: true,
      delivery: 'sending',
      key,
      ...(replyTo !== undefined && { replyTo }),
      ...(to !== undefined && { privateWith: to.name }),
      ...(offered !== undefined && { file: stateOf(offered.offer, offered.content) }),
    });
    if (offered !== undefined) this.#files.set(id, { key, from: undefined });
    const written = {
      key,
      text,
      replyTo,
      to: to?.identity,
      ...(offered !== undefined && { file: offered.offer }),
    };
    this.#unsent.set(id, written);
    await this.#deliver(id, written);
  }

  /** One that failed; resolves as `send` does. */
  async resend(id: number): Promise<void> {
    const written = this.#unsent.get(id);
    const failed = this.#kept.some((each) => each.id === id && each.delivery === 'failed');
    if (written !== undefined && failed) await this.#deliver(id, written);
  }

  received(from: Sender, text: string, about: About = {}): void {
    const key = about.key === undefined || about.key.length > LONGEST_KEY ? undefined : about.key;
    const known = key === undefined ? undefined : `${from.identity}\n${key}`;
    if (known !== undefined && this.#known.has(known)) return;
    if (!this.#pace.take(from.identity)) {
      this.#omit(from);
    } else {
      this.#omitted.delete(from.identity);
      const { replyTo, file } = about;
      const { id, from: name } = this.#add(from, cut(text), {
        ...(key !== undefined && { key }),
        ...(replyTo !== undefined && replyTo.length <= LONGEST_KEY && { replyTo }),
        ...(key !== undefined && file !== undefined && { file: stateOf(file) }),
      });
      if (key !== undefined && file !== undefined)
        this.#files.set(id, { key, from: from.identity });
      if (about.private === true) this.#change(id, { privateWith: name });
      if (known !== undefined) this.#known.set(known, id);
    }
    this.#telling.tell();
  }

  /** By which key, and from whom, the file of a message is had; `from` is absent of one's own. */
  fileOf(id: number): { readonly key: string; readonly from: string | undefined } | undefined {
    return this.#files.get(id);
  }

  /** The file that somebody offered with this key is another now. */
  changeFile(key: string, from: string | undefined, more: Partial<FileState>): void {
    for (const [id, each] of this.#files) {
      if (each.key !== key || each.from !== from) continue;
      const file = this.#kept[id - (this.#kept[0]?.id ?? 0)]?.file;
      if (file !== undefined) this.#change(id, { file: { ...file, ...more } });
    }
    this.#telling.tell();
  }

  async #deliver(id: number, written: Written): Promise<void> {
    this.#change(id, { delivery: 'sending' });
    // What one wrote oneself is seen at once.
    this.#changed();
    try {
      await this.#post(written);
      this.#unsent.delete(id);
      this.#change(id, { delivery: 'sent' });
    } catch {
      this.#change(id, { delivery: 'failed' });
    }
    this.#changed();
  }

  #omit(from: Sender): void {
    const omitted = this.#omitted.get(from.identity);
    const changed = omitted && this.#change(omitted.id, { omitted: omitted.omitted + 1 });
    this.#omitted.set(from.identity, changed ?? this.#add(from, '', { omitted: 1 }));
  }

  /** Undefined: it is no longer kept. */
  #change(id: number, more: Partial<ChatMessage>): ChatMessage | undefined {
    const index = id - (this.#kept[0]?.id ?? 0);
    const before = this.#kept[index];
    if (before === undefined) return undefined;
    const message = { ...before, ...more };
    this.#kept[index] = message;
    this.#snapshot = undefined;
    return message;
  }

  #add(from: Sender, text: string, more: Partial<ChatMessage>): ChatMessage {
    const id = this.#nextId;
    this.#nextId += 1;
    const name = plainName(from.name, from.identity);
    const message: ChatMessage = {
      id,
      from: name,
      local: false,
      text: plainText(text),
      at: Date.now(),
      omitted: 0,
      delivery: 'sent',
      ...more,
    };
    this.#kept.push(message);
    this.#characters += message.text.length;
    let over = 0;
    while (
      this.#kept.length - over > MOST_MESSAGES ||
      (this.#characters > MOST_CHARACTERS && this.#kept.length - over > 1)
    ) {
      const dropped = this.#kept[over];
      this.#characters -= dropped?.text.length ?? 0;
      this.#unsent.delete(dropped?.id ?? -1);
      this.#files.delete(dropped?.id ?? -1);
      over += 1;
    }
    this.#kept.splice(0, over);
    if (over > 0) this.#forget(this.#kept[0]?.id ?? 0);
    this.#snapshot = undefined;
    return message;
  }

  /** What came before the first that is kept. */
  #forget(first: number): void {
    for (const [known, id] of this.#known) {
      if (id >= first) return;
      this.#known.delete(known);
    }
  }
}

/** Of what nothing has arrived yet; `content`: it is one's own. */
function stateOf({ name, size, type }: FileOffer, content?: Blob): FileState {
  const named = plainName(name, '');
  return { name: named, size, type, state: 'offered', received: 0, content, sending: 0 };
}

/** As much of a text as one message may have. */
function cut(text: string): string {
  // No character has less than a byte: what is longer need not be measured.
  const bytes = new TextEncoder().encode(text.slice(0, LONGEST_MESSAGE + 1));
  if (bytes.length <= LONGEST_MESSAGE) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, LONGEST_MESSAGE))}…`;
}
