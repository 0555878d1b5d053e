import type { SdkParticipant } from './sdk';

/** Hands that are known at a time: everybody may say anything of connections that nobody has seen. */
const MOST = 1_000;
/** Characters of a connection's id; the service's own have 36. */
const LONGEST = 100;

interface Raised {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** When it was told last. */
  readonly told: number;
}

/**
 * Hands that others have raised, by user and connection, so that nobody raises somebody else's. What a
 * participant says may come before the media server has told that they are there.
 */
export class Hands {
  readonly #raised = new Map<string, Raised>();

  /** `at`: milliseconds since 1970; undefined: lowered. */
  tell(identity: string, connection: string, at: number | undefined): void {
    if (connection.length > LONGEST) return;
    const key = keyOf(identity, connection);
    // The newest last: those before are forgotten first.
    this.#raised.delete(key);
    if (at === undefined) return;
    this.#raised.set(key, { at, told: Date.now() });
    const [oldest] = this.#raised.size > MOST ? this.#raised.keys() : [];
    if (oldest !== undefined) this.#raised.delete(oldest);
  }

  of({ userId, sessionId }: SdkParticipant): number | undefined {
    return this.#raised.get(keyOf(userId, sessionId))?.at;
  }

  /** Those that nobody has told of since then are lowered. */
  forget(before: number): void {
    for (const [key, { told }] of this.#raised) if (told < before) this.#raised.delete(key);
  }
}

const keyOf = (identity: string, connection: string): string => `${connection}\n${identity}`;
