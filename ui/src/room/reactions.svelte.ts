import type { Call, Participant } from '../call/model';

/** How long one is seen, milliseconds: as long as it rises. */
const SHOWN = 3_000;
/** Of one participant at a time. */
const MOST = 5;

interface Reaction {
  readonly id: number;
  readonly participant: Participant;
  readonly emoji: string;
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
    const ending = new AbortController();
    const end = call.listen((event) => {
      if (event.kind !== 'reaction') return;
      const { participant, emoji } = event;
      const reaction = { id: (this.#next += 1), participant, emoji };
      this.#all = [...this.#all, reaction];
      const over = (): void => void (this.#all = this.#all.filter((each) => each !== reaction));
      const timer = setTimeout(over, SHOWN);
      ending.signal.addEventListener('abort', () => clearTimeout(timer));
    });
    return () => {
      end();
      ending.abort();
      this.#all = [];
    };
  }
}
