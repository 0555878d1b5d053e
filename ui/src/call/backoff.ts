/** When to try again, and when to give up. */
interface RetryPolicy {
  /** Milliseconds to wait before try `attempt` (from 0), or undefined to give up. */
  delay(attempt: number, elapsedMs: number): number | undefined;
}

/** Doubles from half a second to eight seconds, for ten minutes. */
export const patientRetry: RetryPolicy = {
  delay: (attempt, elapsedMs) =>
    elapsedMs > 600_000 ? undefined : Math.min(500 * 2 ** attempt, 8_000),
};
