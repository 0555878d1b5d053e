import { describe, expect, it, vi } from 'vitest';

import { patientRetry } from '../src/call/backoff';
import { codeOfAnswer } from '../src/call/livekit/errors';
import { CallError } from '../src/call/model';
import { Scope } from '../src/call/scope';
import { deviceFailure, failure } from '../src/errors/failure';
import { redact } from '../src/errors/redact';
import { errorText, isErrorCode } from '../src/errors/table';

const token = 'eyJhbGciOiJIUzI1NiJ9.eyJ2aWRlbyI6e319.c2lnbmF0dXJl';

describe('the words of the media server', () => {
  it.each([
    [`invalid token: ${token}, error: token has invalid claims: token is expired`, 'token-expired'],
    ['token is not valid yet', 'token-not-yet-valid'],
    ['token signature is invalid: signature is invalid', 'token-signature-wrong'],
    ['signing method none is invalid', 'token-wrong-algorithm'],
    ['invalid API key: nokey', 'token-key-unknown'],
    ['invalid API key:', 'token-issuer-missing'],
    ['identity cannot be empty', 'token-identity-missing'],
    ['no permissions to access the room', 'token-grants-missing'],
    ['permissions denied', 'token-grants-empty'],
    ['no room name', 'token-room-missing'],
    ['invalid authorization token', 'token-not-jwt'],
  ])('%s', (answer, code) => {
    expect(codeOfAnswer(answer)).toBe(code);
    expect(isErrorCode(code)).toBe(true);
  });

  it('are not guessed', () => {
    expect(codeOfAnswer('something new')).toBeUndefined();
  });
});

describe('what the user is told', () => {
  it('never contains a token', () => {
    expect(redact(`a ${token} b`)).toBe('a [token] b');
    const told = failure(new CallError('server-refused', `401 invalid token: ${token}`));
    expect(told).toEqual({ code: 'server-refused', detail: '401 invalid token: [token]' });
  });

  it.each([
    ['any header', 'e30AAAAAAAAA.eyJ2aWRlbyI6e319.c2lnbmF0dXJl'],
    ['a space in the header', 'eyAiYWxnIjoiSFMyNTYifQ.eyJ2aWRlbyI6e319.c2lnbmF0dXJl'],
    ['a line break in the header', 'ewoiYWxnIjoiSFMyNTYifQ.eyJ2aWRlbyI6e319.c2lnbmF0dXJl'],
    ['dashes and underscores', 'ab-cd_ef-gh.-_-_-_-_-_-_.__--__--__--'],
    ['the shortest parts', 'abcdefghij.abcdefghij.abcdefghij'],
    ['five parts', 'eyJhbGciOiJkaXIifQ..aXZpdml2aXZpdg.Y2lwaGVydGV4dA.dGFndGFndGFn'],
    ['a missing end', 'eyJhbGciOiJIUzI1NiJ9.eyJ2aW'],
    ['a header only', 'ewoiYWxnIjoiSFMyNTYifQ'],
    ['another header only', 'eyAiYWxnIjoiSFMyNTYifQ'],
  ])('contains no token with %s', (_, secret) => {
    expect(redact(`wss://a.b.example/rtc?access_token=${secret}&v=1`)).toBe(
      'wss://a.b.example/rtc?access_token=[token]&v=1',
    );
  });

  it.each([
    'a.b.example',
    'wss://livekit-media.eu-central-1.meetings.example:443',
    'backend.long-company-name.example',
    '192.168.100.200',
    'livekit-client 2.23.0',
    'abcdefghi.abcdefghij.abcdefghij',
    'eye.test',
    'the rewording of it',
  ])('still contains %s', (words) => {
    expect(redact(words)).toBe(words);
  });

  it('comes from Rust with its code, and from anywhere else as an inner fault', () => {
    expect(failure({ code: 'token-expired', detail: '' })).toEqual({ code: 'token-expired' });
    expect(failure(new Error('odd'))).toEqual({ code: 'internal', detail: 'odd' });
    expect(failure('odd')).toEqual({ code: 'internal', detail: 'odd' });
    expect(errorText('no such code')).toEqual(errorText('internal'));
    expect(isErrorCode('toString')).toBe(false);
  });

  it('tells missing, busy and forbidden devices apart', () => {
    const named = (name: string): Error => Object.assign(new Error('why'), { name });
    expect(deviceFailure('camera', named('NotFoundError')).code).toBe('no-camera');
    expect(deviceFailure('microphone', named('NotAllowedError')).code).toBe('microphone-denied');
    expect(deviceFailure('camera', named('NotReadableError'))).toEqual({
      code: 'camera-busy',
      detail: 'why',
    });
  });

  it('does not blame the device for a missing grant', () => {
    const refused = new CallError('token-publish-missing');
    expect(deviceFailure('camera', refused)).toEqual({ code: 'token-publish-missing' });
    expect(deviceFailure('camera', new Error('odd')).code).toBe('internal');
  });
});

describe('scopes', () => {
  it('end what they own once, last first', () => {
    const ended: number[] = [];
    const scope = new Scope();
    scope.add(() => ended.push(1));
    scope.add(() => ended.push(2));
    scope.end();
    scope.end();
    expect(ended).toEqual([2, 1]);
    scope.add(() => ended.push(3));
    expect(ended).toEqual([2, 1, 3]);
  });
});

describe('coming back', () => {
  const delays = (random: number): (number | undefined)[] => {
    vi.spyOn(Math, 'random').mockReturnValue(random);
    const found = [0, 1, 2, 3, 4, 9].map((attempt) => patientRetry.delay(attempt, 0));
    vi.restoreAllMocks();
    return found;
  };

  it('waits longer each time, and not for ever', () => {
    expect(delays(0.5)).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
    expect(patientRetry.delay(3, 600_001)).toBeUndefined();
  });

  it('is spread, so that not everybody comes at once', () => {
    expect(delays(0)).toEqual([250, 500, 1000, 2000, 4000, 4000]);
    expect(delays(1)).toEqual([750, 1500, 3000, 6000, 12_000, 12_000]);
  });
});
