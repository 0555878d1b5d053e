// @vitest-environment jsdom
// Before what stands in for it, which asks for the SDK as well: each would wait for the other.
import 'livekit-client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Call } from '../../src/call/model';
import { joinIn } from './joined';
import { newWorld, type World } from './world';

vi.mock('livekit-client', async (original) => {
  const { inMemory } = await import('./world');
  return inMemory(await original());
});

let world: World;
let call: Call;

beforeEach(async () => {
  vi.useFakeTimers();
  world = newWorld();
  world.arrive('bo', 'Bo');
  call = await joinIn(world);
});
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

const shown = async (): Promise<unknown[]> => {
  await vi.advanceTimersByTimeAsync(1);
  return call.captions.map(({ from, text, interim }) => [from, text, interim]);
};

it('streams of one segment follow each other, until one is final', async () => {
  world.spell('bo', ['good'], 's', false);
  expect(await shown()).toEqual([['Bo', 'good', true]]);
  world.spell('bo', ['good morning'], 's', false);
  expect(await shown()).toEqual([['Bo', 'good morning', true]]);
  world.spell('bo', ['Good morning.'], 's', true);
  expect(await shown()).toEqual([['Bo', 'Good morning.', false]]);
  world.spell('bo', ['And?'], 't', true);
  expect(await shown()).toHaveLength(2);
});

it('a stream that grows is shown as it grows, and is final when its end says so', async () => {
  const texts: string[] = [];
  call.subscribe(() => texts.push(call.captions.map(({ text }) => text).join()));
  const attributes = { 'lk.segment_id': 's', 'lk.transcription_final': 'false' };
  const closing = { 'lk.transcription_final': 'true' };
  const topic = 'lk.transcription';
  world.write('bo', ['I am ', 'the ', 'assistant.'], attributes, { topic, closing });
  expect(await shown()).toEqual([['Bo', 'I am the assistant.', false]]);
  expect(texts[0]).toBe('I am');
});

it('a stream of which nobody says whether it is final is, once it has ended', async () => {
  world.write('bo', ['one'], {}, { topic: 'lk.transcription', id: 'a' });
  world.write('bo', ['two'], {}, { topic: 'lk.transcription', id: 'b', broken: true });
  expect(await shown()).toEqual([
    ['Bo', 'one', false],
    ['Bo', 'two', true],
  ]);
});

it('packets are read where there are no streams, each segment as it changes', async () => {
  world.transcribe('bo', 'goo', { id: 's', final: false });
  expect(await shown()).toEqual([['Bo', 'goo', true]]);
  world.transcribe('bo', 'Good.', { id: 's' });
  world.transcribe('bo', 'Good.', { id: 's' });
  expect(await shown()).toEqual([['Bo', 'Good.', false]]);
});

it('what comes in packets and in streams is read once, under whichever names', async () => {
  world.transcribe('bo', 'goo', { id: 'packet', final: false });
  world.spell('bo', ['good'], 'stream', false);
  world.transcribe('bo', 'good', { id: 'packet', final: false });
  expect(await shown()).toEqual([['Bo', 'good', true]]);
  world.transcribe('bo', 'Good.', { id: 'packet' });
  world.spell('bo', ['Good.'], 'stream', true);
  expect(await shown()).toEqual([['Bo', 'Good.', false]]);
});

it('a text without end is read to it, and no more of it kept than is shown', async () => {
  const read = vi.fn();
  const handler = world.room.texts.of('lk.transcription');
  handler?.(
    {
      info: { id: 'long', attributes: {} },
      async *[Symbol.asyncIterator]() {
        for (let count = 0; count < 5_000; count += 1) yield await Promise.resolve('x'.repeat(100));
        read();
      },
    },
    { identity: 'bo' },
  );
  await vi.waitFor(() => expect(read).toHaveBeenCalledOnce());
  expect(await shown()).toEqual([['Bo', `${'x'.repeat(2_000)}…`, false]]);
});

it('own words are known as one’s own', async () => {
  world.spell('me', ['hello'], 's', true);
  await shown();
  expect(call.captions).toMatchObject([{ local: true, text: 'hello' }]);
});

it('nothing is heard of a room that was left', async () => {
  const { room } = world;
  await call.leave();
  expect(room.texts.of('lk.transcription')).toBeUndefined();
  expect(room.listenerCount).toBe(0);
});
