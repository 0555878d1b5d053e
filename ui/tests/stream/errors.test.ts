// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CallError, type StreamGrant } from '../../src/call/model';
import { stream } from '../../src/call/stream/provider';
import { Devices, GRANT, grants, joinIn, settled } from './joined';
import { newService, type FakeCall, type Service } from './service';

vi.mock('@stream-io/video-client', async () => (await import('./service')).sdk);

let world: Service;
beforeEach(() => {
  world = newService();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The code that somebody who wants to join is told. */
async function told(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (thrown) {
    return thrown instanceof CallError ? thrown.code : `not ours: ${String(thrown)}`;
  }
  return 'joined';
}

/** As the coordinator's answer comes over the WebSocket: the error's message is JSON. */
const json = (code: number | string, more: object = {}): Error =>
  new Error(JSON.stringify({ code, message: 'as the server says it', ...more }));
/** As it comes over HTTP. */
const http = (code: number, status: number, message = ''): Error =>
  Object.assign(new Error(message), { code, status });
/** After a media server's refusal the SDK has looked for another one, and found none. */
const elsewhere = (code: number): Error =>
  Object.assign(new Error('join failed'), { errorEvent: { error: { code, message: 'full' } } });
const wrapped = (cause: Error): Error => new Error('Call to tokenProvider failed', { cause });

describe('what the coordinator refuses when the user connects', () => {
  const refusals: readonly (readonly [string, Error, string])[] = [
    [
      'a token of another user',
      wrapped(new Error('userToken does not have a user_id or is not matching with user.id')),
      'token-identity-mismatch',
    ],
    ['a wrong secret, in a message that is JSON', json(43), 'token-signature-wrong'],
    ['an unknown key', json(2), 'token-key-unknown'],
    ['a token that is not valid yet', json(41), 'token-not-yet-valid'],
    ['a token of the future', json(42), 'token-not-yet-valid'],
    ['an expired token', json(40), 'token-expired'],
    ['a suspended app', json(99, { StatusCode: 403 }), 'server-refused'],
    [
      'a token of another user, as the server says it',
      json(5, { message: 'user_id claim is not user.id' }),
      'token-identity-mismatch',
    ],
    ['a token that is none', json(5, { message: 'JWTAuth error' }), 'server-refused'],
    ['a server in trouble', json(-1, { StatusCode: 503 }), 'server-error'],
    ['no network', json('1006', { isWSFailure: true }), 'server-unreachable-refused'],
    ['an answer that is none', new Error('{"message":'), 'internal'],
    ['an error without words', new Error(), 'internal'],
  ];
  it.each(refusals)('%s', async (_, thrown, code) => {
    world.connecting = () => Promise.reject(thrown);
    expect(await told(joinIn())).toBe(code);
    expect(world.disconnected).toBe(1);
  });
});

describe('what the coordinator refuses when the user joins', () => {
  const refusals: readonly (readonly [string, Error, string])[] = [
    ['an unknown call or type', http(16, 404), 'meeting-not-found'],
    ['something that is not there', http(0, 404), 'meeting-not-found'],
    ['no permission', http(17, 403), 'server-refused'],
    ['too many who ask', http(9, 429), 'server-error'],
    ['a server in trouble', http(-1, 500), 'server-error'],
    ['no media server with room', elsewhere(700), 'server-refused'],
    ['media servers that go down', elsewhere(600), 'server-refused'],
    [
      'no network',
      Object.assign(new Error('Network Error'), { code: 'ERR_NETWORK' }),
      'server-unreachable-refused',
    ],
    [
      'no answer in time',
      Object.assign(new Error('timeout of 5000ms exceeded'), { code: 'ECONNABORTED' }),
      'server-timeout',
    ],
    [
      'a media server that says nothing',
      new Error('Waiting for "joinResponse" timed out'),
      'server-timeout',
    ],
  ];
  it.each(refusals)('%s', async (_, thrown, code) => {
    world.joining = () => Promise.reject(thrown);
    expect(await told(joinIn())).toBe(code);
    expect(world.call.leaves).toBe(1);
    expect(world.disconnected).toBe(1);
  });
});

/** The SDK waits for an answer that it has missed. */
const waits = (then: (call: FakeCall) => void) => (call: FakeCall) => {
  queueMicrotask(() => then(call));
  return new Promise<never>(() => undefined);
};

describe('what a media server says while the SDK only waits', () => {
  it.each([
    [301, 'room-full'],
    [300, 'meeting-not-found'],
    [403, 'server-refused'],
    [429, 'server-error'],
    [500, 'server-error'],
  ])('%d is told as %s', async (code, expected) => {
    const error = { code, message: 'no' };
    world.joining = waits((call) => call.emit('error', { error, reconnectStrategy: 1 }));
    expect(await told(joinIn())).toBe(expected);
  });

  it('one that is full lets the SDK look for another one', async () => {
    world.joining = (call) => {
      const error = { code: 700, message: 'full' };
      call.emit('error', { error, reconnectStrategy: 4 });
      return Promise.resolve();
    };
    expect(await told(joinIn())).toBe('joined');
  });

  it('a call that has ended says so', async () => {
    world.joining = waits((call) => call.emit('callEnded', { reason: 1 }));
    expect(await told(joinIn())).toBe('ended');
  });
});

describe('where the SDK would wait without end', () => {
  it('connecting ends after a time', async () => {
    vi.useFakeTimers();
    world.connecting = () => new Promise(() => undefined);
    const attempt = told(joinIn());
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await attempt).toBe('server-timeout');
  });

  it('joining ends after a time', async () => {
    vi.useFakeTimers();
    world.gate = new Promise(() => undefined);
    const attempt = told(joinIn());
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await attempt).toBe('server-timeout');
    expect(world.call.state.callingState).toBe('left');
  });

  it('nobody is left in the call whose user does not want to join any more', async () => {
    world.gate = new Promise(() => undefined);
    const abort = new AbortController();
    const attempt = told(joinIn(new Devices(), grants(), abort.signal));
    await settled();
    abort.abort();
    expect(await attempt).toBe('connection-lost');
    expect(world.call.state.callingState).toBe('left');
    expect(world.disconnected).toBe(1);
  });

  it('tokens that expire as soon as they come are asked for a few times only', async () => {
    const fetch = vi.fn(grants());
    const call = await joinIn(new Devices(), fetch);
    for (let time = 0; time < 10; time += 1) {
      void world.token();
      await settled();
    }
    expect(fetch.mock.calls.length).toBeLessThan(8);
    expect(call.state).toEqual({ kind: 'disconnected', reason: 'refused', code: 'token-expired' });
  });
});

describe('tokens', () => {
  it('the first is handed over once, all others are fetched', async () => {
    await joinIn();
    expect(world.tokens).toEqual(['first']);
    expect(await world.token()).toBe('second');
    expect(await world.token()).toBe('third');
  });

  it('who is signed out meanwhile is told so, and nothing is left unhandled', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    let signedIn = true;
    const fetch = (): Promise<StreamGrant> =>
      // What comes of Rust is an object with a code.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      signedIn ? Promise.resolve(GRANT) : Promise.reject({ code: 'sign-in-expired' });
    const call = await joinIn(new Devices(), fetch);
    signedIn = false;
    void world.token();
    await settled();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(call.state).toMatchObject({ reason: 'refused', code: 'sign-in-expired' });
    expect(unhandled).not.toHaveBeenCalled();
    process.off('unhandledRejection', unhandled);
  });

  it('a backend that is away for a while ends no call', async () => {
    vi.useFakeTimers();
    let away = false;
    const fetch = (): Promise<StreamGrant> =>
      away
        ? Promise.reject(new CallError('backend-timeout'))
        : Promise.resolve({ ...GRANT, token: 'after all' });
    const call = await joinIn(new Devices(), fetch);
    away = true;
    const token = world.token();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(call.state.kind).toBe('connected');
    away = false;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await token).toBe('after all');
  });

  it('of somebody else who has signed in meanwhile are not handed over', async () => {
    const fetch = grants();
    let identity = 'ada';
    const call = await joinIn(new Devices(), async () => ({ ...(await fetch()), identity }));
    identity = 'bo';
    const token = vi.fn();
    void world.token().then(token);
    await settled();
    const code = 'token-identity-mismatch';
    expect(call.state).toEqual({ kind: 'disconnected', reason: 'refused', code });
    expect(token).not.toHaveBeenCalled();
  });

  it('of several that are asked for at once one is fetched', async () => {
    const fetch = vi.fn(grants());
    await joinIn(new Devices(), fetch);
    await Promise.all([world.token(), world.token(), world.token()]);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it('a backend that has no other one for a token that expired is told with its own code', async () => {
    world.connecting = async () => {
      await world.token();
    };
    let asked = 0;
    const fetch = (): Promise<StreamGrant> => {
      asked += 1;
      return asked === 1
        ? Promise.resolve(GRANT)
        : Promise.reject(new CallError('backend-rate-limited'));
    };
    expect(await told(joinIn(new Devices(), fetch))).toBe('backend-rate-limited');
  });

  it('a grant that cannot be had is told with its own code', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    const fetch = (): Promise<StreamGrant> => Promise.reject({ code: 'backend-error' });
    await expect(stream.connectUser(fetch)).rejects.toEqual({ code: 'backend-error' });
    expect(world.clients).toEqual([]);
  });
});

describe('what the SDK is told', () => {
  it('neither reports, nor remembers devices, nor opens any', async () => {
    await joinIn();
    const [client] = world.clients;
    expect(client?.options.clientEventsReportingEnabled).toBe(false);
    expect(client?.options.devicePersistence.enabled).toBe(false);
    expect(world.call.told).toEqual([
      'watchdog false',
      'camera off',
      'microphone off',
      'no listening while muted',
    ]);
  });

  it('with a coordinator on this computer no other host is asked where it is', async () => {
    const baseUrl = 'http://127.0.0.1:4000/video';
    await joinIn(new Devices(), () => Promise.resolve({ ...GRANT, baseUrl }));
    expect(world.clients[0]?.options).toMatchObject({
      baseURL: baseUrl,
      locationHintUrl: 'http://127.0.0.1:4000/hint',
    });
  });

  it('what it logs has no tokens in it', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await joinIn();
    const { sink } = world.clients[0]?.options.logOptions.default ?? {};
    sink?.('warn', 'refused eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiYSJ9.c2ln', { secret: 'x' });
    expect(warned.mock.calls).toEqual([['refused [token]']]);
    warned.mockRestore();
  });
});
