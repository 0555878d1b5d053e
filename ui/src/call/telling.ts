import type { Scope } from './scope';

/** Whoever listens is told no more often, milliseconds. */
const TELL_EVERY = 100;

/** Tells of changes: at once, and of what comes soon after that once more. */
export class Telling {
  readonly #changed: () => void;
  readonly #scope: Scope;
  #waiting = false;
  #again = false;

  constructor(changed: () => void, scope: Scope) {
    this.#changed = changed;
    this.#scope = scope;
  }

  tell(): void {
    this.#again = this.#waiting;
    if (this.#waiting) return;
    this.#waiting = true;
    this.#changed();
    void this.#scope.pause(TELL_EVERY).then(() => {
      this.#waiting = false;
      if (this.#again) this.tell();
    });
  }
}
