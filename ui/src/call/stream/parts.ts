import { LONGEST_MESSAGE } from '../chat';

/** A custom event of Stream's has 5 KB, in JSON; so much of it is text, the rest is around it. */
const PART = 4_000;
/** Parts of a message of control characters only, each of which JSON writes with six. */
const MOST_PARTS = Math.ceil((LONGEST_MESSAGE * 6) / (PART - 6));
/** Messages of one sender that may be under way at a time, and of all. */
const MOST_OF_ONE = 3;
const MOST = 30;
/** Messages that are remembered after they came whole: what comes again is the same one. */
const MOST_WHOLE = 200;
/** Milliseconds after which the rest of a message is not waited for any more. */
const PATIENCE = 15_000;

const bytes = (text: string): number => new TextEncoder().encode(text).length;

/** Cuts a text such that each part fits into an event. */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let size = 0;
  for (const character of text) {
    const more = bytes(JSON.stringify(character)) - 2;
    if (size + more > PART) {
      parts.push(part);
      part = '';
      size = 0;
    }
    part += character;
    size += more;
  }
  return [...parts, part];
}

/** A part as it came. */
interface Part {
  /** Of the message, of its sender's choice. */
  readonly id: string;
  /** From 0. */
  readonly part: number;
  readonly of: number;
  readonly text: string;
}

interface Unfinished {
  readonly sender: string;
  readonly since: number;
  readonly texts: (string | undefined)[];
  missing: number;
  size: number;
}

/** Puts messages together. What others send is bounded in count, length and time. */
export class Parts {
  readonly #unfinished = new Map<string, Unfinished>();
  readonly #whole = new Set<string>();

  /** The text, once it is whole. One that is too long is handed on when that is known. */
  take(sender: string, { id, part, of, text }: Part): string | undefined {
    if (!within(of, 1, MOST_PARTS) || !within(part, 0, of - 1) || id.length > 64) return undefined;
    const key = `${sender}\n${id}`;
    if (this.#whole.has(key)) return undefined;
    if (of === 1) return this.#finish(key, text);
    this.#forget();
    const known = this.#unfinished.get(key) ?? this.#begin(key, sender, of);
    if (known.texts.length !== of || known.texts[part] !== undefined) return undefined;
    known.texts[part] = text;
    known.missing -= 1;
    known.size += bytes(text);
    if (known.missing > 0 && known.size <= LONGEST_MESSAGE) return undefined;
    // Whoever takes it cuts it.
    return this.#finish(key, known.texts.map((each) => each ?? '').join(''));
  }

  #finish(key: string, text: string): string {
    this.#unfinished.delete(key);
    this.#whole.add(key);
    const [oldest = key] = this.#whole;
    if (this.#whole.size > MOST_WHOLE) this.#whole.delete(oldest);
    return text;
  }

  #begin(key: string, sender: string, of: number): Unfinished {
    const all = [...this.#unfinished];
    const own = all.filter(([, each]) => each.sender === sender);
    const oldest = own.length >= MOST_OF_ONE ? own[0] : all.length >= MOST ? all[0] : undefined;
    if (oldest !== undefined) this.#unfinished.delete(oldest[0]);
    const texts = Array.from({ length: of }, (): string | undefined => undefined);
    const begun = { sender, since: Date.now(), texts, missing: of, size: 0 };
    this.#unfinished.set(key, begun);
    return begun;
  }

  #forget(): void {
    const now = Date.now();
    for (const [key, { since }] of this.#unfinished)
      if (now - since > PATIENCE) this.#unfinished.delete(key);
  }
}

const within = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;
