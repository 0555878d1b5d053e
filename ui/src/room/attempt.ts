import type { Call } from '../call/model';
import type { Failures } from '../errors/failures.svelte';

/**
 * Does something in a call; what does not work is told until something of the kind does. Whoever has left
 * meanwhile need not hear of it.
 */
export async function attempt(
  call: Call,
  failures: Failures,
  subject: Parameters<Failures['caught']>[0],
  action: () => Promise<unknown>,
): Promise<void> {
  try {
    await action();
    failures.end(subject);
  } catch (thrown) {
    if (call.state.kind !== 'disconnected') failures.caught(subject, thrown);
  }
}
