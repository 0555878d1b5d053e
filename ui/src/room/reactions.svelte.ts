import type { Call, Participant } from '../call/model';

/** How long one is seen, milliseconds: as long as it rises. */
const SHOWN = 3_000;
/** Of one participant at a time. */
const MOST = 5;

interface Reaction {
  readonly id: number;
  readonly participant: Participant;
  readonly emoji: string;
  /** Ends it. */
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The reactions that are seen at present. */
export class Reactions {
  #all: readonly Reaction[] = $state.raw([]);
  #next = 0;

  of(participant: Participant): readonly Reaction[] {
    return this.#all.filter((each) => each.participant === participant).slice(-MOST);
  }

  /** Sees those of a call, until ended. */
  follow(call: Call): () => void {
    const end = call.listen((event) => {
      if (event.kind !== 'reaction') return;
      const { participant, emoji } = event;
      this.#next += 1;
      const id = this.#next;
      const timer = setTimeout(() => {
        this.#all = this.#all.filter((each) => each.id !== id);
      }, SHOWN);
      this.#all = [...this.#all, { id, participant, emoji, timer }];
    });
    return () => {
      end();
      for (const { timer } of this.#all) clearTimeout(timer);
      this.#all = [];
    };
  }
}
