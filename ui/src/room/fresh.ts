import type { Call, ChatMessage } from '../call/model';

/** Hears of what others write from now on, until ended. */
export function whenWritten(call: Call, hear: (fresh: readonly ChatMessage[]) => void): () => void {
  let next = (call.messages.at(-1)?.id ?? -1) + 1;
  return call.subscribe(() => {
    const fresh = call.messages.filter(
      ({ id, local, omitted }) => id >= next && !local && omitted === 0,
    );
    next = (call.messages.at(-1)?.id ?? next - 1) + 1;
    if (fresh.length > 0) hear(fresh);
  });
}
