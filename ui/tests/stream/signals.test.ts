// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Call, CallEvent } from '../../src/call/model';
import { Parts, partsOf } from '../../src/call/stream/parts';
import { joinIn, participant, settled } from './joined';
import { newService, remoteStream, somebody, type FakeCall, type Service } from './service';

vi.mock('@stream-io/video-client', async () => (await import('./service')).sdk);

let world: Service;
let call: Call;
let events: CallEvent[];
const sdk = (): FakeCall => world.call;
const cid = 'default:meeting';

beforeEach(async () => {
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
  world = newService();
  call = await joinIn();
  events = [];
  sdk().others(somebody('bo/1', { name: 'Bo' }));
  call.listen((event) => events.push(event));
});
afterEach(async () => {
  await call.leave();
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What another participant's app sends. */
function say(custom: Record<string, unknown>, id = 'bo'): void {
  sdk().emit('custom', { call_cid: cid, custom, user: { id, name: 'Bo' } });
}
const part = (text: string, number = 0, of = 1, id = 'm'): Record<string, unknown> => ({
  type: 'salon.chat',
  own: 'another app',
  id,
  part: number,
  of,
  text,
});
const texts = (): string[] => call.messages.map(({ text }) => text);
const sent = (): Record<string, unknown>[] => sdk().asked as Record<string, unknown>[];

describe('chat', () => {
  it('what is written is there once, though it comes back', async () => {
    await call.sendMessage('hello');
    expect(call.messages).toMatchObject([
      { from: 'ada', local: true, text: 'hello', delivery: 'sent' },
    ]);
  });

  it('what others write is read', () => {
    say(part('good morning'));
    expect(call.messages).toMatchObject([{ from: 'Bo', local: false, text: 'good morning' }]);
  });

  it('a long message goes in parts that the service takes, and comes out whole', async () => {
    const long = 'Grüße, "ẞ"\n'.repeat(800);
    await call.sendMessage(long);
    expect(call.messages.at(-1)?.delivery).toBe('sent');
    const parts = sent();
    expect(parts.length).toBeGreaterThan(2);
    // In whatever order.
    for (const each of [...parts].reverse()) say({ ...each, own: 'another app' });
    expect(texts()).toEqual([long, long]);
  });

  it('one that the service does not take has failed, and can be sent again', async () => {
    world.answering = () => Promise.reject(new Error('Network Error'));
    await call.sendMessage('hello');
    expect(call.messages[0]?.delivery).toBe('failed');
    world.answering = undefined;
    await call.resend(0);
    expect(call.messages).toMatchObject([{ text: 'hello', delivery: 'sent' }]);
  });

  it('one that arrived, though the service did not answer, is not there twice when sent again', async () => {
    const long = 'x'.repeat(9_000);
    let answers = 0;
    world.answering = () => {
      answers += 1;
      return answers > 2
        ? Promise.reject(new Error('timeout of 5000ms exceeded'))
        : Promise.resolve();
    };
    await call.sendMessage(long);
    expect(call.messages[0]?.delivery).toBe('failed');
    const lost = sent().length;
    world.answering = undefined;
    await call.resend(0);
    expect(call.messages[0]?.delivery).toBe('sent');
    for (const each of sent().slice(lost)) say({ ...each, own: 'another app' });
    for (const each of sent()) say({ ...each, own: 'another app' });
    expect(texts()).toEqual([long, long]);
  });

  it('one that is too long is not sent', async () => {
    await expect(call.sendMessage('x'.repeat(14_001))).rejects.toMatchObject({ code: 'internal' });
    expect(call.messages).toEqual([]);
  });

  it.each([
    ['parts without number', part('x', NaN)],
    ['more parts than there can be', part('x', 0, 1_000_000)],
    ['a part beyond the last', part('x', 2, 2)],
    ['a message without text', { ...part('x'), text: 7 }],
    ['an id without end', part('x', 0, 2, 'x'.repeat(5_000))],
    ['a kind that is not ours', { type: 'draw', text: 'x' }],
  ])('%s is no message', (_, custom) => {
    say(custom);
    expect(call.messages).toEqual([]);
  });

  it('nobody fills the page', () => {
    for (let time = 0; time < 500; time += 1) say(part('x', 0, 1, String(time)));
    expect(call.messages.length).toBeLessThan(25);
  });
});

describe('parts', () => {
  it('fit into an event, whatever they are made of', () => {
    for (const letter of ['x', '"', '\u0001', 'ü', '👩‍👩‍👧‍👦', '\ud800']) {
      const text = letter.repeat(Math.floor(14_000 / new TextEncoder().encode(letter).length));
      const parts = partsOf(text);
      expect(parts.join('')).toBe(text);
      for (const each of parts)
        expect(new TextEncoder().encode(JSON.stringify(each)).length).toBeLessThan(4_100);
      const whole = new Parts();
      const taken = parts.map((each, index) =>
        whole.take('bo', { id: 'm', part: index, of: parts.length, text: each }),
      );
      expect(taken.at(-1)).toBe(text);
    }
  });

  it('of messages that are never finished only a few are kept', () => {
    const parts = new Parts();
    for (let id = 0; id < 1_000; id += 1)
      parts.take('bo', { id: String(id), part: 0, of: 2, text: 'x'.repeat(1_000) });
    expect(parts.take('bo', { id: '0', part: 1, of: 2, text: 'y' })).toBeUndefined();
    expect(parts.take('bo', { id: '999', part: 1, of: 2, text: 'y' })).toMatch(/^x+y$/);
  });

  it('of one are not in the way of those of another', () => {
    const parts = new Parts();
    parts.take('cy', { id: 'm', part: 0, of: 2, text: 'from cy, ' });
    for (let id = 0; id < 100; id += 1)
      parts.take('bo', { id: String(id), part: 0, of: 2, text: 'x' });
    expect(parts.take('cy', { id: 'm', part: 1, of: 2, text: 'all' })).toBe('from cy, all');
  });

  it('that come again change nothing', () => {
    const parts = new Parts();
    parts.take('bo', { id: 'm', part: 0, of: 2, text: 'a' });
    expect(parts.take('bo', { id: 'm', part: 0, of: 2, text: 'b' })).toBeUndefined();
    expect(parts.take('bo', { id: 'm', part: 1, of: 2, text: 'c' })).toBe('ac');
  });

  it.each([1, 2, 3])('of a message that came whole (%s) are nothing new', (of) => {
    const parts = new Parts();
    const all = Array.from({ length: of }, (_, index) => index);
    const take = (number: number): string | undefined =>
      parts.take('bo', { id: 'm', part: number, of, text: String(number) });
    expect(all.map(take).at(-1)).toBe(all.join(''));
    for (const again of [all, [...all].reverse(), all])
      expect(again.map(take)).toEqual(all.map(() => undefined));
    // Of somebody else it is another message.
    expect(parts.take('cy', { id: 'm', part: 0, of: 1, text: 'x' })).toBe('x');
  });

  it('of messages that came whole only so many are remembered', () => {
    const parts = new Parts();
    const say = (id: number) => parts.take('bo', { id: String(id), part: 0, of: 1, text: 'x' });
    for (let id = 0; id < 1_000; id += 1) expect(say(id)).toBe('x');
    expect(say(999)).toBeUndefined();
    expect(say(0)).toBe('x');
  });

  it('that came long ago are forgotten', () => {
    vi.useFakeTimers();
    const parts = new Parts();
    parts.take('bo', { id: 'm', part: 0, of: 2, text: 'a' });
    vi.advanceTimersByTime(20_000);
    expect(parts.take('bo', { id: 'm', part: 1, of: 2, text: 'b' })).toBeUndefined();
  });

  it('that are too much together are handed on at once, to be cut', () => {
    const parts = new Parts();
    const text = 'x'.repeat(8_000);
    parts.take('bo', { id: 'm', part: 0, of: 3, text });
    expect(parts.take('bo', { id: 'm', part: 1, of: 3, text })?.length).toBe(16_000);
  });
});

describe('hands and reactions', () => {
  const hand = (raised: number | null, connection = 'bo/1', id = 'bo'): void =>
    say({ type: 'salon.hand', own: 'another app', connection, raised }, id);

  it('a raised hand is seen, and lowered', () => {
    hand(1_000);
    expect(participant(call, 'bo').handRaised).toBe(1_000);
    hand(null);
    expect(participant(call, 'bo').handRaised).toBeUndefined();
    expect(events).toMatchObject([
      { kind: 'hand', raised: true },
      { kind: 'hand', raised: false },
    ]);
  });

  it('nobody raises somebody else’s', () => {
    hand(1_000, 'bo/1', 'cy');
    expect(participant(call, 'bo').handRaised).toBeUndefined();
  });

  const shown = (): Record<string, unknown>[] => sent().filter(({ type }) => type === 'salon.hand');
  const crowd = (size: number) =>
    Array.from({ length: size }, (_, index) => somebody(`guest${index}/1`));

  it('a raised hand is shown to all who come within a moment by one request', async () => {
    vi.useFakeTimers();
    await call.raiseHand(true);
    expect(shown()).toHaveLength(1);
    for (let size = 1; size <= 100; size += 1) sdk().others(...crowd(size));
    // Not at once: everybody else whose hand is raised would answer in the same moment.
    expect(shown()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(shown()).toHaveLength(2);
    expect(shown().at(-1)).toMatchObject({ connection: sdk().sessionId });
    sdk().others(...crowd(101));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(shown()).toHaveLength(3);
  });

  it('a hand that is lowered meanwhile is shown to nobody', async () => {
    vi.useFakeTimers();
    await call.raiseHand(true);
    sdk().others(...crowd(1));
    await call.raiseHand(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(shown()).toHaveLength(2);
    expect(shown().at(-1)).toMatchObject({ raised: null });
  });

  it('a raised hand is shown anew by a connection that was made anew', async () => {
    await call.raiseHand(true);
    sdk().mend('rejoin');
    await settled();
    expect(sent().at(-1)).toMatchObject({ type: 'salon.hand', connection: sdk().sessionId });
    expect(call.participants[0]?.handRaised).toBeTypeOf('number');
  });

  it('a raised hand is shown to who comes back so soon that nobody is said to have left', async () => {
    vi.useFakeTimers();
    await call.raiseHand(true);
    const before = shown().length;
    sdk().others();
    sdk().others(somebody('bo/2', { name: 'Bo' }));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(events).toMatchObject([{ kind: 'hand' }]);
    expect(shown()).toHaveLength(before + 1);
  });

  it('a hand of whom the media server has not told yet is raised when it does', () => {
    hand(1_000, 'cy/1', 'cy');
    hand(2_000, 'cy/2', 'bo');
    sdk().others(somebody('bo/1'), somebody('cy/1'), somebody('cy/2'));
    const hands = call.participants.map(({ handRaised }) => handRaised);
    expect(hands).toEqual([undefined, undefined, 1_000, undefined]);
  });

  it('a hand that was lowered while the own connection was away is lowered', async () => {
    vi.useFakeTimers();
    sdk().others(somebody('bo/1'), somebody('cy/1'));
    hand(1_000);
    hand(2_000, 'cy/1', 'cy');
    events.length = 0;
    vi.setSystemTime(Date.now() + 1_000);
    sdk().mend('rejoin');
    expect(participant(call, 'bo').handRaised).toBe(1_000);
    await vi.advanceTimersByTimeAsync(2_000);
    // Whoever's is raised shows it to every new connection.
    hand(2_000, 'cy/1', 'cy');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(participant(call, 'bo').handRaised).toBeUndefined();
    expect(participant(call, 'cy').handRaised).toBe(2_000);
    expect(events).toMatchObject([
      { kind: 'hand', raised: false, participant: { identity: 'bo' } },
    ]);
  });

  it('hands of connections that nobody has are not kept without end', () => {
    hand(1_000);
    for (let time = 0; time < 5_000; time += 1) hand(1_000, `nobody/${time}`, `user${time}`);
    expect(participant(call, 'bo').handRaised).toBeUndefined();
  });

  it('one that could not be shown is not raised', async () => {
    world.answering = () => Promise.reject(new Error('Network Error'));
    await expect(call.raiseHand(true)).rejects.toMatchObject({
      code: 'server-unreachable-refused',
    });
    expect(call.participants[0]?.handRaised).toBeUndefined();
  });

  it('a reaction is told once, of whom it is', async () => {
    await call.react('🎉');
    sdk().emit('call.reaction_new', {
      call_cid: cid,
      reaction: { emoji_code: '👍', user: { id: 'bo' } },
    });
    sdk().emit('call.reaction_new', {
      call_cid: cid,
      reaction: { emoji_code: ':not an emoji:', user: { id: 'bo' } },
    });
    expect(events).toMatchObject([
      { kind: 'reaction', participant: { identity: 'ada' }, emoji: '🎉' },
      { kind: 'reaction', participant: { identity: 'bo' }, emoji: '👍' },
    ]);
  });

  it('what is spoken is written down with who speaks, once, and of this call alone', () => {
    const bo = { id: 'bo', name: 'Bo' };
    const said = { id: 'one', text: 'as I said', user: bo };
    const speak = (more: object, call_cid = cid): void =>
      sdk().emit('call.closed_caption', { call_cid, closed_caption: { ...said, ...more } });
    speak({});
    speak({ text: 'as I said again' });
    speak({ id: 'two' }, 'default:another');
    speak({ id: 'three', text: 'wie gesagt', translated: true });
    speak({ id: 'four', text: 'yes', user: { id: 'ada' } });
    expect(call.captions).toMatchObject([
      { from: 'Bo', local: false, text: 'as I said', interim: false },
      { local: true, text: 'yes', interim: false },
    ]);
  });
});

describe('what arrives', () => {
  const playing = (): HTMLAudioElement[] => [...document.querySelectorAll('audio')];

  it('is played in an element for each, as loud as the user wants it', async () => {
    const audioStream = remoteStream('audio');
    const screenShareAudioStream = remoteStream('audio');
    sdk().others(
      somebody('bo/1', { publishedTracks: [1, 4], audioStream, screenShareAudioStream }),
    );
    await settled();
    expect(playing().map(({ srcObject }) => srcObject)).toEqual([
      audioStream,
      screenShareAudioStream,
    ]);
    participant(call, 'bo').setVolume(0.25);
    expect(playing().map(({ volume }) => volume)).toEqual([0.25, 0.25]);
    sdk().others(somebody('bo/1'));
    expect(playing()).toEqual([]);
  });

  it('plays no more when the call was left', async () => {
    sdk().others(somebody('bo/1', { audioStream: remoteStream('audio') }));
    await settled();
    await call.leave();
    expect(playing()).toEqual([]);
  });

  it('is counted for whoever it comes from', async () => {
    const inbound = { id: 'a', type: 'inbound-rtp', packetsReceived: 7, packetsLost: 1 };
    const audioStream = remoteStream('audio', [inbound]);
    sdk().others(somebody('bo/1', { publishedTracks: [1], audioStream }));
    const { totals, participants } = await call.statistics();
    expect(totals).toMatchObject({ packetsReceived: 7, packetsLost: 1 });
    expect(participants.get(participant(call, 'bo').id)).toMatchObject({ packetsReceived: 7 });
  });
});
