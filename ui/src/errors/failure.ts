import { redact } from './redact';

/** An error on its way to the user. */
export interface Failure {
  readonly code: string;
  /** What the other side said, without secrets. */
  readonly detail?: string;
}

/** Makes a failure of whatever was thrown. */
export function failure(thrown: unknown): Failure {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown) {
    const { code } = thrown;
    const detail = 'detail' in thrown && typeof thrown.detail === 'string' ? thrown.detail : '';
    if (typeof code === 'string') return withDetail(code, detail);
  }
  return withDetail('internal', thrown instanceof Error ? thrown.message : String(thrown));
}

function withDetail(code: string, detail: string | undefined): Failure {
  return detail === undefined || detail === '' ? { code } : { code, detail: redact(detail) };
}

/** The code for what `getUserMedia` rejected with (W3C mediacapture-main, section 9.2). */
export function deviceFailure(role: 'camera' | 'microphone', thrown: unknown): Failure {
  const name = thrown instanceof Error ? thrown.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return { code: `${role}-denied` };
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return { code: `no-${role}` };
  if (name === 'NotReadableError' || name === 'AbortError')
    return withDetail(`${role}-busy`, thrown instanceof Error ? thrown.message : '');
  // Not the device's fault, and not said to be.
  return failure(thrown);
}

/** Words of a system that refuses, where the user has not just changed their mind. */
const REFUSED = /by system|permissions? policy|screen recording/i;

/**
 * The code for what `getDisplayMedia` rejected with (W3C screen-capture, section 5.1); undefined: the
 * user chose nothing, which is no failure. Both are `NotAllowedError`, and only its words tell them
 * apart.
 */
export function screenFailure(thrown: unknown): Failure | undefined {
  const { name, message } = thrown instanceof Error ? thrown : { name: '', message: '' };
  switch (name) {
    case 'NotAllowedError':
      return REFUSED.test(message) ? withDetail('screen-denied', message) : undefined;
    case 'SecurityError':
      return withDetail('screen-denied', message);
    case 'NotFoundError':
    case 'NotReadableError':
    case 'OverconstrainedError':
    case 'AbortError':
    case 'InvalidStateError':
      return withDetail('screen-unavailable', message);
    case 'NotSupportedError':
      return withDetail('screen-unsupported', message);
    default:
      return failure(thrown);
  }
}
