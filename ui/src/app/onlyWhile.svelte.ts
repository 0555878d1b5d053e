/**
 * Aborted once something does not hold any more that the page's state says.
 * `end` looks no longer.
 */
export function onlyWhile(holds: () => boolean): {
  readonly signal: AbortSignal;
  readonly end: () => void;
} {
  const over = new AbortController();
  const end = $effect.root(() => {
    $effect(() => {
      if (!holds()) over.abort();
    });
  });
  return { signal: over.signal, end };
}
