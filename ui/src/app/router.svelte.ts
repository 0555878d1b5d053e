import type { Failures } from '../errors/failures.svelte';
import type { OngoingCall } from './ongoingCall';
import type { Visit } from './visit.svelte';

/** Screens that the user opens from home. */
export type Place = 'doctor' | 'history' | 'settings';

export type Screen =
  | { readonly name: 'starting' | 'home' | Place }
  | { readonly name: 'lobby'; readonly visit: Visit }
  | { readonly name: 'room'; readonly visit: Visit; readonly ongoing: OngoingCall };

/** Where the user wanted to go. */
export interface Wish {
  /** They have gone elsewhere since, or wanted to. */
  readonly overtaken: boolean;
}

/** Which screen is shown. */
export class Router {
  screen: Screen = $state.raw({ name: 'starting' });
  readonly #failures: Failures;
  /** Counts where the user wanted to go. */
  #wishes = $state(0);

  constructor(failures: Failures) {
    this.#failures = failures;
  }

  /** The meeting that the user is in the lobby or the room of. */
  get visit(): Visit | undefined {
    return 'visit' in this.screen ? this.screen.visit : undefined;
  }

  readonly home = (): void => this.show({ name: 'home' });

  readonly open = (place: Place): void => {
    this.#failures.clear();
    this.show({ name: place });
  };

  /** Overtakes what is still on its way to another screen. */
  wish(): Wish {
    this.#wishes += 1;
    const mine = this.#wishes;
    const current = (): number => this.#wishes;
    return {
      get overtaken(): boolean {
        return current() !== mine;
      },
    };
  }

  /** As the user wants it. */
  show(screen: Screen): void {
    this.wish();
    this.fallBack(screen);
  }

  /** Not as the user wants it: what they are on their way to is not overtaken by this. */
  fallBack(screen: Screen): void {
    const before = this.visit;
    this.screen = screen;
    if (before !== this.visit) before?.end();
  }
}
