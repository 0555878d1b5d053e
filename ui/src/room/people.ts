import type { Call, Participant } from '../call/model';
import type { Failures } from '../errors/failures.svelte';
import { attempt } from './attempt';

/**
 * Who is listed, and where: whoever waits to speak first, in the order of their hands, then the others as
 * they came.
 */
export function listed(participants: readonly Participant[], search: string): Participant[] {
  const wanted = folded(search.trim());
  const found = participants.filter(({ name }) => folded(name).includes(wanted));
  const raised = found.filter(({ handRaised }) => handRaised !== undefined);
  const order = ({ handRaised = 0 }: Participant): number => handRaised;
  return [
    ...raised.toSorted((one, other) => order(one) - order(other)),
    ...found.filter(({ handRaised }) => handRaised === undefined),
  ];
}

/** Without case and accents. */
function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** What the user does to others in a call. What does not work is told until something does. */
export class Moderation {
  readonly #call: Call;
  readonly #failures: Failures;

  constructor(call: Call, failures: Failures) {
    this.#call = call;
    this.#failures = failures;
  }

  /** For everyone. */
  mute(...participants: Participant[]): Promise<void> {
    return this.#try(() =>
      Promise.all(participants.map((each) => this.#call.mute(each, 'microphone'))),
    );
  }

  remove(participant: Participant): Promise<void> {
    return this.#try(() => this.#call.remove(participant));
  }

  endForAll(): Promise<void> {
    return this.#try(() => this.#call.endForAll());
  }

  #try(action: () => Promise<unknown>): Promise<void> {
    return attempt(this.#call, this.#failures, 'people', action);
  }
}
