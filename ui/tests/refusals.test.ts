import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { comeBack } from '../src/call/comeBack';
import { CallError } from '../src/call/model';
import { isFinal } from '../src/call/refusals';
import { Scope } from '../src/call/scope';
import severities from '../src/errors/severities.json';

/** Nothing of it changes while a call comes back: it ends at once, and says why. */
const FINAL = [
  'token-not-jwt',
  'token-expired',
  'token-not-yet-valid',
  'token-grants-missing',
  'token-grants-empty',
  'token-room-missing',
  'token-other-room',
  'token-identity-missing',
  'token-identity-mismatch',
  'token-other-kind',
  'token-wrong-algorithm',
  'token-issuer-missing',
  'token-key-unknown',
  'token-signature-wrong',
  'token-publish-missing',
  'token-endless',
  'backend-not-signed-in',
  'backend-insecure',
  'server-missing',
  'server-refused',
  'server-needs-dev-mode',
  'link-invalid',
  'stream-key-missing',
  'server-not-allowed',
  'link-other-site',
  'link-server-not-allowed',
  'room-name-invalid',
  'dev-mode-off',
  'dev-secret-missing',
  'removed',
  'ended',
  'duplicate-identity',
  'policy-invalid',
  'sign-in-expired',
  'profile-invalid',
  'profile-unknown',
  'provider-missing',
  'meeting-completed',
  'meeting-cancelled',
  'meeting-not-found',
] as const;

/** What may pass: a server that is down, a network that is blocked, a room that one’s own ghost fills. */
const PASSING = [
  'backend-unreachable-dns',
  'backend-unreachable-refused',
  'backend-unreachable-tls',
  'backend-unreachable-proxy',
  'backend-timeout',
  'backend-error',
  'backend-answer-not-json',
  'backend-answer-no-token',
  'backend-answer-too-large',
  'backend-rate-limited',
  'server-unreachable-dns',
  'server-unreachable-refused',
  'server-unreachable-tls',
  'server-unreachable-proxy',
  'server-timeout',
  'server-error',
  'media-blocked',
  'connection-lost',
  'room-full',
  'internal',
  'backend-endpoint-missing',
  'sign-in-failed',
] as const;

/** What neither a grant nor joining ends in. */
const ELSEWHERE = [
  'publish-failed',
  'permission-asked',
  'permission-denied',
  'action-refused',
  'clock-skew',
  'left',
  'no-camera',
  'no-microphone',
  'camera-busy',
  'microphone-busy',
  'camera-denied',
  'microphone-denied',
  'screen-denied',
  'screen-unavailable',
  'screen-unsupported',
  'page-died',
  'no-webrtc',
  'settings-invalid',
  'settings-unknown-key',
  'settings-locked',
  'settings-not-saved',
  'sign-in-cancelled',
  'sign-in-not-asked',
  'sign-out-not-told',
  'credential-invalid',
  'keyring-missing',
  'keyring-locked',
  'keyring-not-erased',
  'media-udp-blocked',
  'interrupted',
  'history-unavailable',
  'history-newer',
  'history-damaged',
  'history-export-failed',
  'display-missing',
  'update-by-system',
  'update-damaged',
  'update-in-call',
  'update-not-installed',
  'update-not-trusted',
  'update-off',
  'update-older',
  'update-out-of-date',
  'update-unreachable',
  'webview-missing',
  'language-not-loaded',
  'part-not-loaded',
] as const;

const error = (thrown: Error): CallError => new CallError('internal', thrown.message);

describe('a call that comes back', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('knows of each code that can be told whether asking again is of any use', () => {
    const all = [...FINAL, ...PASSING, ...ELSEWHERE];
    expect(all.toSorted()).toEqual(Object.keys(severities).toSorted());
    expect(Object.keys(severities).filter(isFinal).toSorted()).toEqual(FINAL.toSorted());
  });

  it.each(FINAL)('does not ask again after %s', async (code) => {
    const again = vi.fn(() => Promise.reject(new CallError(code)));
    const coming = comeBack(new Scope(), again, error);
    await vi.advanceTimersByTimeAsync(60_000);
    const end = await coming;
    expect(again).toHaveBeenCalledTimes(1);
    expect(end?.code ?? end?.reason).toBe(code);
  });

  it.each(PASSING)('asks again after %s', async (code) => {
    const again = vi.fn(() => Promise.resolve());
    again.mockRejectedValueOnce(new CallError(code));
    const coming = comeBack(new Scope(), again, error);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await coming).toBeUndefined();
    expect(again).toHaveBeenCalledTimes(2);
  });
});
