/** When to try again, and when to give up. */
interface RetryPolicy {
  /** Milliseconds to wait before try `attempt` (from 0), or undefined to give up. */
  delay(attempt: number, elapsedMs: number): number | undefined;
}

/**
 * Doubles from half a second to eight seconds, for ten minutes; each by up to a half less or more,
 * so that those whom a server lost do not all come back to it in the same moment.
 */
export const patientRetry: RetryPolicy = {
  delay: (attempt, elapsedMs) =>
    elapsedMs > 600_000 ? undefined : Math.min(500 * 2 ** attempt, 8_000) * (0.5 + Math.random()),
};
