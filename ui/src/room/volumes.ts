import type { Participant } from '../call/model';

/** How loud those were who are muted for the user. */
const before = new WeakMap<Participant, number>();

/** Mutes somebody for the user alone, or lets them be heard as loud as before. */
export function silence(participant: Participant, on: boolean): void {
  if (on) {
    if (participant.volume > 0) before.set(participant, participant.volume);
    participant.setVolume(0);
  } else {
    participant.setVolume(before.get(participant) ?? 1);
  }
}

/** `volume`: 0 to 1. What is drawn down to nothing step by step comes back at its full volume. */
export function turn(participant: Participant, volume: number): void {
  if (volume > 0) before.delete(participant);
  participant.setVolume(volume);
}
