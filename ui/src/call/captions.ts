import type { Caption } from './model';
import { Pace } from './pace';
import { plainName, plainText } from './plain';
import type { Scope } from './scope';
import { Telling } from './telling';

/** Captions that are kept; the oldest go first. */
const MOST_CAPTIONS = 500;
/** Characters of all that are kept. */
const MOST_CHARACTERS = 300_000;
/** Characters of one. */
export const LONGEST_CAPTION = 2_000;
/** Those of one speaker that may begin at once, and how soon one more, milliseconds. */
const PACE = { burst: 10, period: 500 } as const;
/** Characters of what a segment is called. */
const LONGEST_KEY = 100;

/** Something that was said, as far as it is written down. */
export interface Spoken {
  readonly identity: string;
  /** Empty: none is known. */
  readonly name: string;
  readonly local: boolean;
  /** What it is called as long as it may become another text, by this speaker alone. */
  readonly segment: string;
  readonly text: string;
  /** It stays as it is. */
  readonly final: boolean;
}

/**
 * What was said in a call, written down. An interim text gives way to the one after it. All is bounded in
 * count, length and pace, as others may send it: nobody fills the page, and nobody's final text is lost for
 * how often it changed before.
 */
export class Captions {
  readonly #telling: Telling;
  readonly #scope: Scope;
  readonly #pace = new Pace(PACE.burst, PACE.period);
  #kept: Caption[] = [];
  #characters = 0;
  #nextId = 0;
  /** By speaker and segment: ids of those that are kept. */
  readonly #known = new Map<string, number>();
  /** Made when it is read, not for each change. */
  #snapshot: readonly Caption[] | undefined = [];

  constructor(changed: () => void, scope: Scope) {
    this.#telling = new Telling(() => {
      if (!scope.ended) changed();
    }, scope);
    this.#scope = scope;
  }

  /** Those of which there is something to be read. */
  get all(): readonly Caption[] {
    return (this.#snapshot ??= this.#kept.filter(({ text }) => text !== ''));
  }

  heard({ identity, name, local, segment, text: said, final }: Spoken): void {
    if (this.#scope.ended || segment.length > LONGEST_KEY) return;
    const key = `${identity}\n${segment}`;
    const text = written(said);
    const at = Date.now();
    const known = this.#known.get(key);
    if (known !== undefined) {
      if (this.#of(known)?.interim === true)
        this.#change(known, { text, interim: !final, changed: at });
    } else {
      if (text === '' || !this.#pace.take(identity)) return;
      const from = plainName(name, identity);
      this.#add(key, { from, local, text, interim: !final, at, changed: at });
    }
    this.#telling.tell();
  }

  /** What was called so, and is not final yet, comes another way. */
  withdraw(identity: string, segment: string): void {
    const id = this.#known.get(`${identity}\n${segment}`);
    if (id === undefined || this.#of(id)?.interim !== true) return;
    this.#change(id, { text: '', interim: false });
    this.#telling.tell();
  }

  #of(id: number): Caption | undefined {
    return this.#kept[id - (this.#kept[0]?.id ?? 0)];
  }

  #change(id: number, more: Partial<Caption>): void {
    const index = id - (this.#kept[0]?.id ?? 0);
    const before = this.#kept[index];
    if (before === undefined) return;
    const caption = { ...before, ...more };
    this.#characters += caption.text.length - before.text.length;
    this.#kept[index] = caption;
    this.#trim();
  }

  #add(key: string, caption: Omit<Caption, 'id'>): void {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#kept.push({ id, ...caption });
    this.#known.set(key, id);
    this.#characters += caption.text.length;
    this.#trim();
  }

  #trim(): void {
    this.#snapshot = undefined;
    let over = 0;
    while (
      this.#kept.length - over > MOST_CAPTIONS ||
      (this.#characters > MOST_CHARACTERS && this.#kept.length - over > 1)
    ) {
      this.#characters -= this.#kept[over]?.text.length ?? 0;
      over += 1;
    }
    if (over === 0) return;
    this.#kept.splice(0, over);
    const first = this.#kept[0]?.id ?? 0;
    for (const [key, id] of this.#known) {
      if (id >= first) return;
      this.#known.delete(key);
    }
  }
}

/** In one line, in its own order, cut. */
function written(text: string): string {
  const line = plainText(text.slice(0, LONGEST_CAPTION + 1))
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length > LONGEST_CAPTION ? `${line.slice(0, LONGEST_CAPTION)}…` : line;
}
