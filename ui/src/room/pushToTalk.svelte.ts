import type { Switch } from '../devices/input';

/** Where a space is typed, or does something else. */
const TAKEN =
  'input, textarea, select, button, a, summary, [contenteditable], [role=dialog], [role=menu], [role=listbox]';

/** The button that mutes keeps the keyboard, and whoever then holds the bar wants to speak. */
const isTaken = (target: Element): boolean =>
  target.closest(TAKEN) !== null && target.closest('[data-testid=control-mic]') === null;

/** Speaking while the space bar is held, for who is muted. */
export class PushToTalk {
  /** The microphone is on because of the key. */
  held = $state(false);
  readonly #state: () => Switch;
  readonly #turn: (on: boolean) => void;
  readonly #wanted: () => boolean;

  /** `wanted`: whether the user wants such keys. */
  constructor(state: () => Switch, turn: (on: boolean) => void, wanted: () => boolean) {
    this.#state = state;
    this.#turn = turn;
    this.#wanted = wanted;
  }

  /** Follows the keys of a window until ended; then nobody is heard any more because of a key. */
  follow(target: Window): () => void {
    const ending = new AbortController();
    const { signal } = ending;
    target.addEventListener('keydown', (event) => this.#down(event), { signal });
    target.addEventListener('keyup', (event) => this.#up(event), { signal });
    // Whoever has the keyboard now does not say when the key is let go.
    target.addEventListener('blur', () => this.release(), { signal });
    return () => {
      ending.abort();
      this.release();
    };
  }

  readonly release = (): void => {
    if (!this.held) return;
    this.held = false;
    this.#turn(false);
  };

  #down(event: KeyboardEvent): void {
    const { key, target } = event;
    if (key !== ' ' || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (target instanceof Element && isTaken(target)) return;
    if (this.held) event.preventDefault();
    if (this.held || event.repeat || !this.#wanted() || this.#state() !== 'off') return;
    event.preventDefault();
    this.held = true;
    this.#turn(true);
  }

  #up(event: KeyboardEvent): void {
    if (event.key !== ' ' || !this.held) return;
    // Or the button of the microphone, if it has the keyboard, would be pressed by it.
    event.preventDefault();
    this.release();
  }
}
