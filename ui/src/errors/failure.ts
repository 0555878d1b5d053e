import { CallError } from '../call/model';
import { redact } from './redact';

/** An error on its way to the user. */
export interface Failure {
  readonly code: string;
  /** What the other side said, without secrets. */
  readonly detail?: string;
}

/** Makes a failure of whatever was thrown. */
export function failure(thrown: unknown): Failure {
  if (thrown instanceof CallError) return withDetail(thrown.code, thrown.detail);
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
