import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Chat, type Written } from '../../src/call/chat';
import { Scope } from '../../src/call/scope';

const bo = { identity: 'bo', name: 'Bo' };
const cy = { identity: 'cy', name: '' };

let told: ReturnType<typeof vi.fn<() => void>>;
let scope: Scope;
let post: ReturnType<typeof vi.fn<(written: Written) => Promise<void>>>;
let chat: Chat;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  told = vi.fn<() => void>();
  scope = new Scope();
  post = vi.fn<(written: Written) => Promise<void>>().mockResolvedValue();
  chat = new Chat(told, scope, post);
});
afterEach(() => vi.useRealTimers());

/** 213 messages of 13 kB a second, as was measured once. */
async function flood(seconds: number): Promise<number> {
  const payload = 'x'.repeat(13_000);
  let sent = 0;
  for (let ms = 0; ms < seconds * 1000; ms += 100) {
    for (let count = 0; count < 21; count += 1) chat.received(bo, payload);
    sent += 21;
    await vi.advanceTimersByTimeAsync(100);
  }
  return sent;
}

describe('whoever floods the chat', () => {
  it('fills no memory, and what is left out is counted', async () => {
    const sent = await flood(15);
    const { messages } = chat;
    const shown = messages.filter(({ omitted }) => omitted === 0);
    const omitted = messages.reduce((sum, each) => sum + each.omitted, 0);
    expect(shown.length).toBeGreaterThan(20);
    expect(shown.length + omitted).toBe(sent);
    await flood(600);
    const kept = chat.messages.reduce((sum, { text }) => sum + text.length, 0);
    expect(kept).toBeLessThanOrEqual(500_000);
    expect(chat.messages.length).toBeLessThanOrEqual(500);
  });

  it('does not keep the page busy', async () => {
    await flood(20);
    expect(told.mock.calls.length).toBeLessThanOrEqual(20 * 10 + 1);
  });

  it('keeps nobody else from being read', async () => {
    await flood(5);
    chat.received(cy, 'hello');
    expect(chat.messages.at(-1)).toMatchObject({ from: 'cy', text: 'hello', omitted: 0 });
    await flood(5);
    expect(chat.messages.some(({ text }) => text === 'hello')).toBe(true);
  });

  it('is read again once they write as people do', async () => {
    await flood(5);
    await vi.advanceTimersByTimeAsync(3_000);
    chat.received(bo, 'sorry');
    expect(chat.messages.at(-1)).toMatchObject({ from: 'Bo', text: 'sorry' });
  });
});

describe('messages', () => {
  it('are told of at once, and so is the last of many', async () => {
    chat.received(bo, 'one');
    expect(told).toHaveBeenCalledOnce();
    chat.received(bo, 'two');
    chat.received(bo, 'three');
    expect(told).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(100);
    expect(told).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toHaveBeenCalledTimes(2);
  });

  it('are copied when they are read, and not for each that comes', () => {
    chat.received(bo, 'one');
    const { messages } = chat;
    expect(chat.messages).toBe(messages);
    chat.received(bo, 'two');
    expect(messages).toHaveLength(1);
    expect(chat.messages).toHaveLength(2);
  });

  it('longer than a packet are cut', () => {
    chat.received(bo, 'é'.repeat(20_000));
    expect(chat.messages[0]?.text).toBe(`${'é'.repeat(7_000)}…`);
  });

  it('of one’s own are never left out, and the oldest go', () => {
    for (let count = 0; count < 600; count += 1) void chat.send(bo, `${count}`);
    expect(chat.messages).toHaveLength(500);
    expect(chat.messages[0]).toMatchObject({ id: 100, text: '100' });
  });

  it('are told to nobody after the call', async () => {
    chat.received(bo, 'one');
    chat.received(bo, 'two');
    scope.end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a message of one’s own', () => {
  const deliveries = (): string[] => chat.messages.map(({ delivery }) => delivery);

  it('stands there at once, and says when it is sent', async () => {
    let done = (): void => undefined;
    post.mockReturnValueOnce(new Promise((resolve) => (done = resolve)));
    const sending = chat.send(bo, 'one');
    expect(deliveries()).toEqual(['sending']);
    expect(told).toHaveBeenCalledOnce();
    done();
    await sending;
    expect(deliveries()).toEqual(['sent']);
    expect(told).toHaveBeenCalledTimes(2);
  });

  it('that did not reach the others says so, and can be sent again as it was written', async () => {
    post.mockRejectedValueOnce(new Error('away'));
    await chat.send(bo, 'one \u202e two');
    expect(deliveries()).toEqual(['failed']);
    expect(chat.messages[0]?.text).toBe('one  two');
    await chat.resend(0);
    const [[first], [again]] = post.mock.calls as [[Written], [Written]];
    expect(first.text).toBe('one \u202e two');
    expect(again).toEqual(first);
    expect(deliveries()).toEqual(['sent']);
    await chat.resend(0);
    expect(post).toHaveBeenCalledTimes(2);
  });
});

describe('what others say of a message', () => {
  it('counts as far as it is a key', () => {
    chat.received(bo, 'one', { key: 'a' });
    chat.received(bo, 'two', { key: 'x'.repeat(101), replyTo: 'x'.repeat(101) });
    chat.received(bo, 'three', { key: 'b', replyTo: 'a' });
    expect(chat.messages.map(({ key, replyTo }) => [key, replyTo])).toEqual([
      ['a', undefined],
      [undefined, undefined],
      ['b', 'a'],
    ]);
  });

  it('is known for as long as the message is kept', async () => {
    chat.received(bo, 'one', { key: 'a' });
    chat.received(bo, 'one', { key: 'a' });
    expect(chat.messages).toHaveLength(1);
    for (let count = 0; count < 500; count += 1) void chat.send(cy, `${count}`);
    await vi.advanceTimersByTimeAsync(1_000);
    chat.received(bo, 'one', { key: 'a' });
    expect(chat.messages.at(-1)).toMatchObject({ text: 'one', key: 'a' });
  });
});
