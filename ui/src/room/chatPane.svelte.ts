import type { ChatMessage, Participant } from '../call/model';

/**
 * Whether the chat is open, how much of it was not seen, and what is being written; or, in its place, who is
 * there, or what was said.
 */
export class ChatPane {
  open = $state(false);
  people = $state(false);
  transcript = $state(false);
  draft = $state('');
  /** Key of the message that is being answered. */
  replyTo: string | undefined = $state();
  /** Id of the participant whom alone it is for; empty: everyone. */
  to = $state('');
  readonly unread: number = $derived.by(() =>
    this.open
      ? 0
      : this.#messages().filter(({ id, omitted }) => id >= this.#seen && omitted === 0).length,
  );
  readonly #messages: () => readonly ChatMessage[];
  /** Id of the first message that was not seen. */
  #seen = $state(0);

  constructor(messages: () => readonly ChatMessage[]) {
    this.#messages = messages;
  }

  toggle(): void {
    this.people = this.transcript = false;
    this.open = !this.open;
    this.#seen = (this.#messages().at(-1)?.id ?? -1) + 1;
  }

  togglePeople(): void {
    if (this.open) this.toggle();
    this.transcript = false;
    this.people = !this.people;
  }

  toggleTranscript(): void {
    if (this.open) this.toggle();
    this.people = false;
    this.transcript = !this.transcript;
  }

  /** For them alone. */
  writeTo({ id }: Participant): void {
    this.to = id;
    if (!this.open) this.toggle();
  }
}
