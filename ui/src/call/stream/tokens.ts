import { patientRetry } from '../backoff';
import { CallError, type GrantProvider, type StreamGrant } from '../model';
import { isFinal } from '../refusals';
import type { Scope } from '../scope';
import { grantError } from './errors';

/** The SDK asks for another token whenever one has expired, and does not stop: no more often than */
const MOST_ASKED = 5;
/** within this many milliseconds. */
const WITHIN = 60_000;
/** While the user is still being connected: a second one that is refused has no better one after it. */
const MOST_ASKED_AT_FIRST = 1;

/**
 * Tokens for the SDK. The first is in hand; all others are fetched. What is handed to the SDK never
 * rejects, because nobody there would catch that: it waits, and `failed` is told.
 */
export class Tokens {
  readonly #grants: GrantProvider<StreamGrant>;
  readonly #scope: Scope;
  readonly #failed: (error: CallError) => void;
  #first: string | undefined;
  /** The SDK has had it, and asks for another one only because it was refused as expired. */
  #last: string;
  readonly #identity: string;
  #fetching: Promise<string> | undefined;
  readonly #asked: number[] = [];
  /** A backend that cannot be reached for a while does not end a call that is going on. */
  patient = false;

  constructor(
    { token, identity }: StreamGrant,
    grants: GrantProvider<StreamGrant>,
    scope: Scope,
    failed: (error: CallError) => void,
  ) {
    this.#first = token;
    this.#last = token;
    this.#identity = identity;
    this.#grants = grants;
    this.#scope = scope;
    this.#failed = failed;
  }

  readonly provider = (): Promise<string> => {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) return Promise.resolve(first);
    // The SDK goes on trying for a while after it was told to disconnect: nobody asks for it any more.
    if (this.#scope.ended) return new Promise(() => undefined);
    return (this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined)));
  };

  async #fetch(): Promise<string> {
    const start = Date.now();
    const asked = this.#asked;
    while (asked[0] !== undefined && asked[0] < start - WITHIN) asked.shift();
    const most = this.patient ? MOST_ASKED : MOST_ASKED_AT_FIRST;
    if (asked.push(start) > most) return await this.#end(new CallError('token-expired'));
    for (let attempt = 0; ; attempt += 1) {
      try {
        const { token, identity } = await this.#grants();
        if (identity === this.#identity) {
          // The SDK would try it for as long as connecting may take.
          if (!this.patient && token === this.#last)
            return await this.#end(new CallError('token-expired'));
          return (this.#last = token);
        }
      } catch (thrown) {
        const error = grantError(thrown);
        const delay = patientRetry.delay(attempt, Date.now() - start);
        if (!this.patient || delay === undefined || isFinal(error.code))
          return await this.#end(error);
        await this.#scope.pause(delay);
        if (this.#scope.ended) return await this.#end(error);
        continue;
      }
      // Somebody else has signed in meanwhile. The SDK has no use for their token, and says so nowhere.
      return await this.#end(new CallError('token-identity-mismatch'));
    }
  }

  /** The SDK is left waiting; whoever uses it is told, and gives it up. */
  #end(error: CallError): Promise<never> {
    this.#failed(error);
    return new Promise(() => undefined);
  }
}
