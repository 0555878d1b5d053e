import type { Scope } from '../call/scope';
import { failure, type Failure } from '../errors/failure';
import type { Failures } from '../errors/failures.svelte';
import { platform, type AccountState } from '../platform';

/** Who is signed in, and the ways in and out. What was pasted only passes through. */
export class Account {
  /** Undefined: not heard of yet. */
  state: AccountState | undefined = $state.raw();
  /** Something asked for here is on its way. */
  busy = $state(false);

  readonly #failures: Failures;
  readonly #named: (name: string) => void;
  #cancelled = false;

  /** `named` hears what who is signed in is called; empty: that is not known. */
  constructor(failures: Failures, named: (name: string) => void) {
    this.#failures = failures;
    this.#named = named;
  }

  /** Why the last try to sign in failed. */
  get failure(): Failure | undefined {
    return this.#failures.of('sign-in');
  }

  /** Whether the sign-in has run out; nobody but the user can change that. */
  get expired(): boolean {
    return this.state?.fault?.code === 'sign-in-expired';
  }

  async start(scope: Scope): Promise<void> {
    scope.add(await platform.listen('account', (state) => this.#hear(state)));
    const state = await platform.accountState();
    // What was heard meanwhile is newer.
    if (this.state === undefined) this.#hear(state);
  }

  /** Resolves with whether it worked. */
  readonly signInPaste = (text: string): Promise<boolean> =>
    this.#try(() => platform.signInPaste(text));

  readonly signInBrowser = (): Promise<boolean> => this.#try(() => platform.signInBrowser());

  readonly signInLink = (): Promise<boolean> => this.#try(() => platform.signInLink());

  readonly cancel = async (): Promise<void> => {
    this.#cancelled = true;
    try {
      await platform.signInCancel();
    } catch (thrown) {
      this.#failures.caught('sign-in', thrown);
    }
  };

  readonly signOut = (): Promise<boolean> => this.#try(() => platform.signOut());

  #hear(state: AccountState): void {
    this.state = state;
    this.#named(state.user?.name ?? '');
  }

  async #try(way: () => Promise<void>): Promise<boolean> {
    this.#failures.end('sign-in');
    this.#cancelled = false;
    this.busy = true;
    try {
      await way();
      return true;
    } catch (thrown) {
      const failed = failure(thrown);
      // Whoever cancelled it knows.
      const known = this.#wasCancelled() && failed.code === 'sign-in-cancelled';
      if (!known) this.#failures.tell('sign-in', failed);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Asked anew after the wait, in which it may have happened. */
  #wasCancelled(): boolean {
    return this.#cancelled;
  }
}
