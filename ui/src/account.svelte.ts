import type { Scope } from './call/scope';
import { failure, type Failure } from './errors/failure';
import type { Failures } from './errors/failures.svelte';
import { platform, type AccountState } from './platform';

/** Who is signed in, and the ways in and out. What was pasted only passes through. */
export class Account {
  /** Undefined: not heard of yet. */
  state: AccountState | undefined = $state.raw();
  /** Something asked for here is on its way. */
  busy = $state(false);

  readonly #failures: Failures;
  #cancelled = false;

  constructor(failures: Failures) {
    this.#failures = failures;
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
    scope.add(await platform.listen('account', (state) => (this.state = state)));
    const state = await platform.accountState();
    // What was told meanwhile is newer.
    this.state ??= state;
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
      this.#failures.tell('sign-in', failure(thrown));
    }
  };

  readonly signOut = (): Promise<boolean> => this.#try(() => platform.signOut());

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
