import { plainName, plainText } from './plain';
import type { ChatMessage } from './model';
import { Pace } from './pace';
import type { Scope } from './scope';

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
/** Whoever listens is told no more often, milliseconds. */
const TELL_EVERY = 100;

interface Sender {
  readonly identity: string;
  /** Empty: none is known. */
  readonly name: string;
}

/**
 * What was written in a call. What others send is bounded in count, length and pace, so that nobody
 * fills the page; what is left out is counted where it would stand.
 */
export class Chat {
  readonly #changed: () => void;
  readonly #scope: Scope;
  /** Brings a text to the others; rejects if it did not. */
  readonly #post: (text: string, id: number) => Promise<void>;
  #kept: ChatMessage[] = [];
  #characters = 0;
  #nextId = 0;
  /** Copied when it is read, not for each message. */
  #snapshot: readonly ChatMessage[] | undefined = [];
  readonly #pace = new Pace(BURST, PACE);
  /** The messages that say how many were left out, of those who are too fast. */
  readonly #omitted = new Map<string, ChatMessage>();
  /** What did not reach the others yet, as it was written. */
  readonly #unsent = new Map<number, string>();
  #waiting = false;
  #again = false;

  constructor(
    changed: () => void,
    scope: Scope,
    post: (text: string, id: number) => Promise<void>,
  ) {
    this.#changed = changed;
    this.#scope = scope;
    this.#post = post;
  }

  get messages(): readonly ChatMessage[] {
    return (this.#snapshot ??= [...this.#kept]);
  }

  /** One of one's own; resolves when it was sent, or is `failed`. */
  async send(from: Sender, text: string): Promise<void> {
    const { id } = this.#add(from, true, text, 0, 'sending');
    this.#unsent.set(id, text);
    await this.#deliver(id, text);
  }

  /** One that failed; resolves as `send` does. */
  async resend(id: number): Promise<void> {
    const text = this.#unsent.get(id);
    const failed = this.#kept.some((each) => each.id === id && each.delivery === 'failed');
    if (text !== undefined && failed) await this.#deliver(id, text);
  }

  received(from: Sender, payload: Uint8Array): void {
    if (!this.#pace.take(from.identity)) {
      this.#omit(from);
    } else {
      this.#omitted.delete(from.identity);
      const whole = payload.length <= LONGEST_MESSAGE;
      const text = new TextDecoder().decode(whole ? payload : payload.subarray(0, LONGEST_MESSAGE));
      this.#add(from, false, whole ? text : `${text}…`, 0);
    }
    this.#tell();
  }

  async #deliver(id: number, text: string): Promise<void> {
    this.#change(id, { delivery: 'sending' });
    // What one wrote oneself is seen at once.
    this.#changed();
    try {
      await this.#post(text, id);
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
    this.#omitted.set(from.identity, changed ?? this.#add(from, false, '', 1));
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

  #add(
    from: Sender,
    local: boolean,
    text: string,
    omitted: number,
    delivery: ChatMessage['delivery'] = 'sent',
  ): ChatMessage {
    const id = this.#nextId;
    this.#nextId += 1;
    const name = plainName(from.name, from.identity);
    const at = Date.now();
    const message = { id, from: name, local, text: plainText(text), at, omitted, delivery };
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
      over += 1;
    }
    this.#kept.splice(0, over);
    this.#snapshot = undefined;
    return message;
  }

  /** At once, and for what comes soon after that once more. */
  #tell(): void {
    this.#again = this.#waiting;
    if (this.#waiting) return;
    this.#waiting = true;
    this.#changed();
    void this.#scope.pause(TELL_EVERY).then(() => {
      this.#waiting = false;
      if (this.#again) this.#tell();
    });
  }
}
