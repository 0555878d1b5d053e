import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { StreamGrant } from '../../src/call/model';
import { Scope } from '../../src/call/scope';
import { Tokens } from '../../src/call/stream/tokens';

const GRANT: StreamGrant = {
  provider: 'stream',
  apiKey: 'key',
  identity: 'ann',
  name: 'Ann',
  token: 'first',
  callType: 'default',
  callId: 'meeting',
  create: true,
};

const failed = vi.fn();
/** What the backend gives, one after the other; the last one again and again. */
let given: string[];
const grants = vi.fn(() => {
  const token = (given.length > 1 ? given.shift() : given[0]) ?? 'first';
  return Promise.resolve({ ...GRANT, token });
});

function tokens(): Tokens {
  return new Tokens(GRANT, grants, new Scope(), failed);
}

/** Whether the SDK is left waiting, and why. */
async function left(asked: Promise<string>): Promise<unknown> {
  let answered = false;
  void asked.then(() => (answered = true));
  await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce());
  expect(answered).toBe(false);
  const [error] = failed.mock.calls[0] as [{ code: string }];
  return error.code;
}

beforeEach(() => {
  vi.clearAllMocks();
  given = ['second', 'third', 'fourth'];
});

describe('a token that the service calls expired', () => {
  it('is followed by a new one', async () => {
    const { provider } = tokens();
    expect(await provider()).toBe('first');
    expect(await provider()).toBe('second');
    expect(failed).not.toHaveBeenCalled();
  });

  it('ends it at once if the backend has no other one', async () => {
    given = ['first'];
    const { provider } = tokens();
    await provider();
    expect(await left(provider())).toBe('token-expired');
    expect(grants).toHaveBeenCalledOnce();
  });

  it('ends it if the next one is refused as well, before the user is connected', async () => {
    const { provider } = tokens();
    await provider();
    await provider();
    expect(await left(provider())).toBe('token-expired');
    expect(grants).toHaveBeenCalledOnce();
  });

  it('is fetched anew five times in a minute in a call, also if it is still the same', async () => {
    given = ['first'];
    const all = tokens();
    await all.provider();
    all.patient = true;
    for (let time = 0; time < 5; time += 1) expect(await all.provider()).toBe('first');
    expect(await left(all.provider())).toBe('token-expired');
    expect(grants).toHaveBeenCalledTimes(5);
  });
});
