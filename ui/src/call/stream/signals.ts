import type { Written } from '../chat';
import { Pace } from '../pace';
import { emojiOf, REACTIONS } from '../reactions';
import type { Scope } from '../scope';
import { Parts, partsOf } from './parts';
import type { SdkCall } from './sdk';

/** Parts of messages, and hands, of one user that are read at once, and how soon one more. */
const EVENTS = { burst: 60, period: 200 } as const;

/** The names of our custom events. */
const CHAT = 'salon.chat';
const HAND = 'salon.hand';

interface From {
  readonly identity: string;
  readonly name: string;
  /** Of the connection that it came from, if the sender says so. */
  readonly connection: string | undefined;
}

interface About {
  readonly key: string;
  readonly replyTo: string | undefined;
}

/** What comes through a call beside its tracks. */
interface Heard {
  message(from: From, text: string, about: About): void;
  reaction(from: From, emoji: string): void;
  /** Milliseconds since 1970; undefined: lowered. */
  hand(connection: string, identity: string, raised: number | undefined): void;
  caption(from: Pick<From, 'identity' | 'name'>, id: string, text: string): void;
}

/** Says and hears what the service carries beside tracks, no faster than can be shown. */
export class Signals {
  /** Events come back to who sent them: these are one's own. */
  readonly #own = crypto.randomUUID();
  readonly #parts = new Parts();
  readonly #events = new Pace(EVENTS.burst, EVENTS.period);
  readonly #reactions = new Pace(REACTIONS.burst, REACTIONS.period);
  readonly #heard: Heard;

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  /** Hears what comes through one of the SDK's calls. */
  listen(sdk: SdkCall, scope: Scope): void {
    scope.add(
      sdk.on('custom', ({ call_cid, custom, user }) => {
        if (call_cid !== sdk.cid || custom.own === this.#own || !this.#events.take(user.id)) return;
        const connection = textOf(custom.connection);
        const from = { identity: user.id, name: user.name ?? '', connection };
        if (custom.type === CHAT) this.#message(from, custom);
        if (custom.type === HAND && connection !== undefined)
          this.#heard.hand(connection, user.id, timeOf(custom.raised));
      }),
    );
    scope.add(
      sdk.on('call.reaction_new', ({ call_cid, reaction: { emoji_code, custom, user } }) => {
        if (call_cid !== sdk.cid || custom?.own === this.#own) return;
        const emoji = emojiOf(emoji_code ?? '');
        if (emoji === undefined || !this.#reactions.take(user.id)) return;
        const connection = textOf(custom?.connection);
        this.#heard.reaction({ identity: user.id, name: user.name ?? '', connection }, emoji);
      }),
    );
    scope.add(
      sdk.on('call.closed_caption', ({ call_cid, closed_caption }) => {
        const { id, text, translated, user } = closed_caption;
        // What is translated is said in its own language, too.
        if (call_cid !== sdk.cid || translated === true) return;
        this.#heard.caption({ identity: user.id, name: user.name ?? '' }, id, text);
      }),
    );
  }

  /**
   * Rejects if any part of it was not taken. Sent again it has the same key: what of it did arrive,
   * though nobody said so, is not there twice.
   */
  async message(sdk: SdkCall, connection: string, written: Written): Promise<void> {
    const parts = partsOf(written.text);
    const { key: id, replyTo } = written;
    const reply = replyTo === undefined ? {} : { reply: replyTo };
    const around = { type: CHAT, own: this.#own, connection, id, of: parts.length, ...reply };
    for (const [part, each] of parts.entries())
      await sdk.sendCustomEvent({ ...around, part, text: each });
  }

  async hand(sdk: SdkCall, connection: string, raised: number | undefined): Promise<void> {
    await sdk.sendCustomEvent({
      type: HAND,
      own: this.#own,
      connection,
      raised: raised ?? null,
    });
  }

  async react(sdk: SdkCall, connection: string, emoji: string): Promise<void> {
    await sdk.sendReaction({
      type: 'reaction',
      emoji_code: emoji,
      custom: { own: this.#own, connection },
    });
  }

  #message(from: From, said: Readonly<Record<string, unknown>>): void {
    const { id, part, of, text, reply } = said;
    if (typeof id !== 'string' || typeof text !== 'string') return;
    if (typeof part !== 'number' || typeof of !== 'number') return;
    const whole = this.#parts.take(from.identity, { id, part, of, text });
    if (whole !== undefined) this.#heard.message(from, whole, { key: id, replyTo: textOf(reply) });
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** Whatever else others write there is no raised hand. */
const timeOf = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;
