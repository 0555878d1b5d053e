/**
 * Codes beside those of tokens that another try does not change, at least not within the time in
 * which a call comes back. What a server or a network says of itself is none of them: both change.
 * What a server says of the user is: who was blocked while away does not wait in vain.
 */
const REFUSALS: ReadonlySet<string> = new Set([
  'backend-insecure',
  'backend-not-signed-in',
  'sign-in-expired',
  'meeting-completed',
  'meeting-cancelled',
  'meeting-not-found',
  'removed',
  'ended',
  'duplicate-identity',
  'dev-mode-off',
  'dev-secret-missing',
  'policy-invalid',
  'profile-invalid',
  'profile-unknown',
  'provider-missing',
  'stream-key-missing',
  'server-missing',
  'server-needs-dev-mode',
  'server-refused',
  'server-not-allowed',
  'link-invalid',
  'link-other-site',
  'link-server-not-allowed',
  'room-name-invalid',
]);

/** Whether it stays refused, however often one asks. */
export function isFinal(code: string): boolean {
  return code.startsWith('token-') || REFUSALS.has(code);
}

/** Why a call is over, where the refusal itself says so. */
export function endOf(code: string): 'removed' | 'ended' | 'duplicate-identity' | undefined {
  return code === 'removed' || code === 'ended' || code === 'duplicate-identity' ? code : undefined;
}
