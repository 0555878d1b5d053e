import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ChatMessage } from '../../src/call/model';
import { Announcer } from '../../src/room/announcer.svelte';
import { ShownCall, someone } from '../support/standIns';

const bo = someone('bo', { name: 'Bo' });

it('says together what happens at once, as only the last is read out', async () => {
  const call = new ShownCall();
  const announcer = new Announcer();
  announcer.follow(call);
  call.tell({ kind: 'joined', participant: bo });
  call.tell({ kind: 'hand', participant: bo, raised: true });
  expect(announcer.words).toBe('');
  await tick();
  expect(announcer.words).toBe('Bo joined. Bo raised their hand.');
  call.tell({ kind: 'left', participant: bo });
  await tick();
  expect(announcer.words).toBe('Bo left.');
});

it('says nothing of what is only seen', async () => {
  const call = new ShownCall();
  const announcer = new Announcer();
  announcer.follow(call);
  call.tell({ kind: 'joined', participant: bo });
  await tick();
  call.tell({ kind: 'reaction', participant: bo, emoji: '👍' });
  await tick();
  expect(announcer.words).toBe('Bo joined.');
});

describe('a recording', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const enter = async (recording: boolean): Promise<[ShownCall, Announcer]> => {
    const call = new ShownCall();
    call.recording = recording;
    const announcer = new Announcer();
    announcer.follow(call);
    await vi.advanceTimersByTimeAsync(1_000);
    return [call, announcer];
  };

  it('is said to begin and to end, once each', async () => {
    const [call, announcer] = await enter(false);
    expect(announcer.words).toBe('');
    call.change({ recording: true });
    await tick();
    expect(announcer.words).toBe('The recording has begun.');
    call.tell({ kind: 'joined', participant: bo });
    call.change({ audioBlocked: true });
    await tick();
    expect(announcer.words).toBe('Bo joined.');
    call.change({ recording: false });
    await tick();
    expect(announcer.words).toBe('The recording has ended.');
  });

  it('that goes on already is said to who comes in, once they can hear of it', async () => {
    const call = new ShownCall();
    call.recording = true;
    const announcer = new Announcer();
    announcer.follow(call);
    call.change({ audioBlocked: true });
    await tick();
    expect(announcer.words).toBe('');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(announcer.words).toBe('This meeting is being recorded.');
  });

  it('is said to nobody who has left', async () => {
    const call = new ShownCall();
    call.recording = true;
    new Announcer().follow(call)();
    expect([call.listenerCount, vi.getTimerCount()]).toEqual([0, 0]);
    await vi.advanceTimersByTimeAsync(1_000);
  });
});

it('says no more once the room is left', async () => {
  const call = new ShownCall();
  const announcer = new Announcer();
  const end = announcer.follow(call);
  end();
  expect(call.listenerCount).toBe(0);
  call.tell({ kind: 'joined', participant: bo });
  await tick();
  expect(announcer.words).toBe('');
});

it('reads out what others write, and says what of one’s own was not sent', async () => {
  const said: ChatMessage = {
    id: 0,
    from: 'Bo',
    local: false,
    text: 'before',
    at: 0,
    omitted: 0,
    delivery: 'sent',
  };
  const call = new ShownCall();
  call.messages = [said];
  const announcer = new Announcer();
  announcer.follow(call);
  const comes = async (...more: Partial<ChatMessage>[]): Promise<string> => {
    const from = call.messages.length;
    const fresh = more.map((each, index) => ({ ...said, id: from + index, ...each }));
    call.change({ messages: [...call.messages, ...fresh] });
    await tick();
    return announcer.words;
  };
  expect(await comes({ text: 'hi' })).toBe('Bo wrote: hi');
  expect(await comes({ text: 'mine', local: true, delivery: 'sending' })).toBe('Bo wrote: hi');
  expect(await comes({}, {})).toBe('2 new messages.');
  expect(await comes({ text: 'psst', privateWith: 'Bo' })).toBe('Bo wrote to you only: psst');
  const failed = call.messages.map((each) => ({ ...each, delivery: 'failed' as const }));
  call.change({ messages: failed });
  await tick();
  expect(announcer.words).toBe('Your message was not sent.');
  expect(await comes({ text: 'x'.repeat(9_000) })).toBe(`Bo wrote: ${'x'.repeat(200)}…`);
});
