// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { GRANT, joinIn } from './joined';
import { newService, type Service } from './service';

vi.mock('@stream-io/video-client', async () => (await import('./service')).sdk);

let service: Service;
/** What the coordinator answers, one after the other; the last again and again. */
let answers: (() => Response | Promise<Response>)[];
let asked: { url: string; token: string | null }[];
let requests: AbortSignal[];
const ever = new AbortController().signal;

const inCall = (...users: string[]) => ({
  call: { session: { id: 's', participants: users.map((id) => ({ user: { id } })) } },
});
const json = (body: unknown) => () => Response.json(body);

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  service = newService();
  asked = [];
  requests = [];
  vi.stubGlobal(
    'fetch',
    (url: URL, { headers, signal }: { headers: Record<string, string>; signal: AbortSignal }) => {
      asked.push({ url: url.href, token: headers.Authorization ?? null });
      requests.push(signal);
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? json({});
      return Promise.resolve().then(answer);
    },
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function leftBehind(grant = GRANT): Promise<boolean | undefined> {
  let grants = 0;
  const call = await joinIn(undefined, () => {
    grants += 1;
    return Promise.resolve({ ...grant, token: `token-${grants}` });
  });
  await call.leave();
  let deserted: boolean | undefined;
  void call.deserted(ever).then((is) => (deserted = is));
  await vi.advanceTimersByTimeAsync(120_000);
  return deserted;
}

describe('a call that was left', () => {
  it('is deserted once the server has nobody there, also if that takes a while', async () => {
    answers = [json(inCall('ada', 'bo')), json(inCall('bo')), json(inCall())];
    expect(await leftBehind()).toBe(true);
    expect(asked).toHaveLength(3);
    const url = 'https://video.stream-io-api.com/video/call/default/meeting';
    expect(asked[0]?.url).toBe(`${url}?api_key=key&user_id=ada`);
    // One that is fresh: that of the call may have ended with it.
    expect(new Set(asked.map(({ token }) => token))).toEqual(new Set(['token-2']));
  });

  it.each([
    ['has no session any more', { call: { session: null } }],
    ['has one that ended', { call: { session: { ended_at: '2026-11-28T01:00:00Z' } } }],
  ])('is deserted if it %s', async (_, answer) => {
    answers = [json(answer)];
    expect(await leftBehind()).toBe(true);
  });

  it('is not, as long as the others stay, and is asked about no more after a while', async () => {
    answers = [json(inCall('bo'))];
    expect(await leftBehind()).toBe(false);
    expect(asked.length).toBeLessThan(15);
    const { length } = asked;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toHaveLength(length);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ['nothing of it', json({})],
    ['something else', json({ call: { session: { participants: 'many' } } })],
    ['no JSON', () => new Response('<html>')],
    ['a refusal', () => new Response('{"call":{}}', { status: 403 })],
    ['nothing at all', () => Promise.reject(new TypeError('Failed to fetch'))],
  ])('is not, where the server says %s', async (_, answer) => {
    answers = [answer];
    expect(await leftBehind()).toBe(false);
  });

  it.each([
    ['before it is asked', 0],
    ['between two answers', 5_000],
  ])('is asked about no more once that does not matter, %s', async (_, after) => {
    answers = [json(inCall('bo'))];
    let grants = 0;
    const call = await joinIn(undefined, () => {
      grants += 1;
      return Promise.resolve(GRANT);
    });
    await call.leave();
    const matters = new AbortController();
    let deserted: boolean | undefined;
    void call.deserted(matters.signal).then((is) => (deserted = is));
    await vi.advanceTimersByTimeAsync(after);
    const before = [asked.length, grants];
    matters.abort();
    answers = [json(inCall())];
    await vi.advanceTimersByTimeAsync(120_000);
    expect([asked.length, grants]).toEqual(before);
    expect([asked.length > 0, deserted]).toEqual([after > 0, false]);
  });

  it('is not, by an answer that is not waited for any more', async () => {
    answers = [() => new Promise(() => undefined)];
    const call = await joinIn();
    await call.leave();
    const matters = new AbortController();
    void call.deserted(matters.signal);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(requests.map(({ aborted }) => aborted)).toEqual([false]);
    matters.abort();
    expect(requests.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('has no tokens any more for whoever tries on', async () => {
    let grants = 0;
    const call = await joinIn(undefined, () => {
      grants += 1;
      return Promise.resolve(GRANT);
    });
    await call.leave();
    void service.token();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(grants).toBe(1);
  });

  it('is asked about where its coordinator is', async () => {
    answers = [json(inCall())];
    const grant = { ...GRANT, baseUrl: 'http://127.0.0.1:1/video/', callId: 'a/b' };
    expect(await leftBehind(grant)).toBe(true);
    expect(asked[0]?.url).toMatch('http://127.0.0.1:1/video/call/default/a%2Fb?');
  });
});
