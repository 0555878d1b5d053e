/** A connection's operations chain (W3C webrtc-pc, section 4.4.1.2). */

export class Operations {
  readonly #waiting: (() => void)[] = [];
  readonly #emptied: () => void;
  #closed = false;

  /** `emptied` runs each time that the last operation is done. */
  constructor(emptied: () => void) {
    this.#emptied = emptied;
  }

  /** An operation is under way. */
  get busy(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Runs an operation after those that are under way. Once the connection is closed neither it nor
   * they settle.
   */
  add<T>(operation: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (deliver: () => void): void => {
        if (this.#closed) return;
        deliver();
        this.#waiting.shift();
        const [next] = this.#waiting;
        if (next) next();
        else this.#emptied();
      };
      const run = (): void => {
        operation().then(
          (value) => settle(() => resolve(value)),
          (error: Error) => settle(() => reject(error)),
        );
      };
      this.#waiting.push(run);
      if (this.#waiting.length === 1) run();
    });
  }

  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
  }
}
