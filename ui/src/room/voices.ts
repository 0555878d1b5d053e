import type { Participant } from '../call/model';

/** Somebody stays shown for so long after they were heard last, milliseconds: words have gaps. */
const HOLD = 400;
/**
 * Who begins within so long of somebody else is taken for an echo of them, milliseconds: a voice that
 * several microphones hear begins in all of them, as late as the provider is with telling.
 */
const ECHO = 700;
/** So many times louder is whose voice it is, rather than who was heard first. */
const LOUDER = 1.5;

/**
 * As loud as this somebody speaks, where it is known how loud they are at the moment (linear): -35 dBov, as
 * LiveKit has it.
 */
const SPEAKS = 0.018;

type Heard = Pick<Participant, 'id' | 'speaking' | 'level' | 'loudness' | 'tracks'>;

interface Voice {
  readonly onset: number;
  /** When it was heard last. */
  readonly heard: number;
  readonly level: number;
}

/**
 * Who is shown to speak, out of what the provider says: one for each voice. This is the only place
 * that decides it. How loud somebody is by their own packets counts more than what the server says later.
 */
export class Voices {
  /** Ids, in the order of their beginning. */
  shown: readonly string[] = [];
  readonly #voices = new Map<string, Voice>();
  readonly #last = new Map<string, number>();

  /** When somebody was shown to speak last; undefined: never. */
  lastOf(id: string): number | undefined {
    return this.#last.get(id);
  }

  /** Looks anew; `now`: milliseconds. Whether somebody else is shown now. */
  hear(participants: readonly Heard[], now: number): boolean {
    for (const { id, tracks, ...told } of participants) {
      const loudness = told.loudness?.();
      const level = loudness ?? told.level;
      const speaking = loudness === undefined ? told.speaking : loudness >= SPEAKS;
      // Noise behind a mute is no voice.
      if (!speaking || tracks.microphone?.muted !== false) continue;
      const onset = this.#voices.get(id)?.onset ?? now;
      this.#voices.set(id, { onset, heard: now, level });
    }
    const here = new Set(participants.map(({ id }) => id));
    for (const [id, { heard }] of this.#voices)
      if (now - heard > HOLD || !here.has(id)) this.#voices.delete(id);
    const shown = this.#apart();
    for (const id of shown) this.#last.set(id, now);
    const same = shown.length === this.shown.length && shown.every((id) => this.shown.includes(id));
    if (!same) this.shown = shown;
    return !same;
  }

  /** One of those who began together: whoever is shown already, unless another is much louder. */
  #apart(): readonly string[] {
    const weight = (id: string, { level }: Voice): number =>
      level * (this.shown.includes(id) ? LOUDER : 1);
    const voices = [...this.#voices].toSorted(
      ([one, first], [other, second]) => weight(other, second) - weight(one, first),
    );
    const chosen: [string, Voice][] = [];
    for (const [id, voice] of voices) {
      const echo = chosen.some(([, { onset }]) => Math.abs(onset - voice.onset) <= ECHO);
      if (!echo) chosen.push([id, voice]);
    }
    return chosen.toSorted(([, one], [, other]) => one.onset - other.onset).map(([id]) => id);
  }
}
