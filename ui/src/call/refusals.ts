/** Codes beside those of tokens that another try does not change. */
const REFUSALS: ReadonlySet<string> = new Set([
  'backend-not-signed-in',
  'sign-in-expired',
  'meeting-completed',
  'meeting-cancelled',
  'meeting-not-found',
  'dev-mode-off',
  'dev-secret-missing',
]);

/** Whether it stays refused, however often one asks. */
export function isFinal(code: string): boolean {
  return code.startsWith('token-') || REFUSALS.has(code);
}
