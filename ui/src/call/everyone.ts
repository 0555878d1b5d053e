import type { Call, Participant } from './model';

/** Calls back after each change of a call, and of whoever is in it at the time. */
export function subscribeToAll(call: Call, listener: () => void): () => void {
  const ends = new Map<Participant, () => void>();
  const follow = (): void => {
    for (const [participant, end] of ends) {
      if (call.participants.includes(participant)) continue;
      ends.delete(participant);
      end();
    }
    for (const participant of call.participants)
      if (!ends.has(participant)) ends.set(participant, participant.subscribe(listener));
  };
  follow();
  const end = call.subscribe(() => {
    follow();
    listener();
  });
  return () => {
    end();
    for (const each of ends.values()) each();
    ends.clear();
  };
}
