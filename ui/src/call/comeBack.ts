import { failure } from '../errors/failure';
import { patientRetry } from './backoff';
import { CallError, type CallState } from './model';
import { endOf, isFinal } from './refusals';
import type { Scope } from './scope';

/** Why a call is over. */
export type End = Omit<Extract<CallState, { kind: 'disconnected' }>, 'kind'>;

/**
 * A call broke beyond mending: `again` gets a fresh grant and a fresh connection, until it works.
 * Resolves with why it is over if it never did; undefined: it works, or the user has left meanwhile.
 *
 * `errorOf` says in our words what an SDK threw.
 */
export async function comeBack(
  life: Scope,
  again: () => Promise<void>,
  errorOf: (thrown: Error) => CallError,
): Promise<End | undefined> {
  // Asked anew after every wait.
  const left = (): boolean => life.ended;
  const start = Date.now();
  for (let attempt = 0; !left(); attempt += 1) {
    const delay = patientRetry.delay(attempt, Date.now() - start);
    if (delay === undefined) return { reason: 'connection-lost' };
    await life.pause(delay);
    if (left()) return undefined;
    try {
      await again();
      return undefined;
    } catch (thrown) {
      if (left()) return undefined;
      // What fetches grants rejects with an object that has a code, an SDK with an error.
      const foreign = thrown instanceof Error && !(thrown instanceof CallError);
      const error = foreign ? errorOf(thrown) : thrown;
      const { code } = failure(error);
      // A refusal stays one, however often one asks; what may pass is tried again.
      if (!isFinal(code) || (error instanceof CallError && error.passes)) continue;
      const reason = endOf(code);
      return reason === undefined ? { reason: 'refused', code } : { reason };
    }
  }
  return undefined;
}
