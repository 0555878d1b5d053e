import { plainName, plainText } from '../lib/plain';
import type { ChatMessage } from './model';
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

/** What a participant may send now: full at first, one more with each {@link PACE}. */
interface Allowance {
  left: number;
  /** Milliseconds since 1970. */
  at: number;
  /** The message that says how many were left out, as long as they are too fast. */
  omitted: ChatMessage | undefined;
}

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
  readonly #told: () => void;
  readonly #scope: Scope;
  #kept: ChatMessage[] = [];
  #characters = 0;
  #nextId = 0;
  /** Copied when it is read, not for each message. */
  #snapshot: readonly ChatMessage[] | undefined = [];
  readonly #allowances = new Map<string, Allowance>();
  #waiting = false;
  #again = false;

  constructor(told: () => void, scope: Scope) {
    this.#told = told;
    this.#scope = scope;
  }

  get messages(): readonly ChatMessage[] {
    return (this.#snapshot ??= [...this.#kept]);
  }

  sent(from: Sender, text: string): void {
    this.#add(from, true, text, 0);
    this.#tell();
  }

  received(from: Sender, payload: Uint8Array): void {
    const allowance = this.#allowance(from.identity);
    if (allowance.left < 1) {
      this.#omit(from, allowance);
    } else {
      allowance.left -= 1;
      allowance.omitted = undefined;
      const whole = payload.length <= LONGEST_MESSAGE;
      const text = new TextDecoder().decode(whole ? payload : payload.subarray(0, LONGEST_MESSAGE));
      this.#add(from, false, whole ? text : `${text}…`, 0);
    }
    this.#tell();
  }

  #allowance(identity: string): Allowance {
    const now = Date.now();
    const known = this.#allowances.get(identity) ?? { left: BURST, at: now, omitted: undefined };
    known.left = Math.min(BURST, known.left + Math.max(0, now - known.at) / PACE);
    known.at = now;
    this.#allowances.set(identity, known);
    return known;
  }

  #omit(from: Sender, allowance: Allowance): void {
    const { omitted } = allowance;
    const index = omitted === undefined ? -1 : this.#kept.indexOf(omitted);
    if (omitted === undefined || index < 0) {
      allowance.omitted = this.#add(from, false, '', 1);
      return;
    }
    allowance.omitted = { ...omitted, omitted: omitted.omitted + 1 };
    this.#kept[index] = allowance.omitted;
    this.#snapshot = undefined;
  }

  #add(from: Sender, local: boolean, text: string, omitted: number): ChatMessage {
    const id = this.#nextId;
    this.#nextId += 1;
    const name = plainName(from.name, from.identity);
    const message = { id, from: name, local, text: plainText(text), at: Date.now(), omitted };
    this.#kept.push(message);
    this.#characters += message.text.length;
    let over = 0;
    while (
      this.#kept.length - over > MOST_MESSAGES ||
      (this.#characters > MOST_CHARACTERS && this.#kept.length - over > 1)
    ) {
      this.#characters -= this.#kept[over]?.text.length ?? 0;
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
    this.#told();
    void this.#scope.pause(TELL_EVERY).then(() => {
      this.#waiting = false;
      if (this.#again) this.#tell();
    });
  }
}
