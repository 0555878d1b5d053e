import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Caption } from '../../src/call/model';
import { CaptionReader } from '../../src/room/captionReader.svelte';
import { ShownCall } from '../support/standIns';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const caption = (id: number, text: string, more: Partial<Caption> = {}): Caption => ({
  ...{ id, from: 'Bo', local: false, text, interim: false, at: 0, changed: 0, ...more },
});

it('reads out what is final, together, and no more often than can be listened to', async () => {
  const call = new ShownCall();
  call.captions = [caption(0, 'before'), caption(1, 'onc', { interim: true })];
  const reader = new CaptionReader();
  const end = reader.follow(call);
  const said = (...more: Caption[]): void =>
    call.change({ captions: [caption(0, 'before'), ...more] });
  said(caption(1, 'once u', { interim: true }));
  expect(reader.words).toBe('');
  said(caption(1, 'Once upon a time.'));
  expect(reader.words).toBe('Bo: Once upon a time.');
  const more = [caption(1, 'Once upon a time.'), caption(2, 'There'), caption(3, 'was.')];
  said(...more);
  said(...more, caption(4, 'Mine.', { local: true }));
  expect(reader.words).toBe('Bo: Once upon a time.');
  await vi.advanceTimersByTimeAsync(4_000);
  expect(reader.words).toBe('Bo: There Bo: was.');
  await vi.advanceTimersByTimeAsync(60_000);
  expect([reader.words, vi.getTimerCount()]).toEqual(['Bo: There Bo: was.', 0]);
  end();
  expect([reader.words, call.listenerCount]).toEqual(['', 0]);
});

it('reads the end of what is too much to be listened to', async () => {
  const call = new ShownCall();
  const reader = new CaptionReader();
  reader.follow(call);
  call.change({ captions: [caption(0, 'first')] });
  const flood = Array.from({ length: 300 }, (_, id) => caption(id, `${id} ${'x'.repeat(100)}`));
  call.change({ captions: flood });
  await vi.advanceTimersByTimeAsync(4_000);
  expect(reader.words.length).toBeLessThanOrEqual(401);
  expect(reader.words).toMatch(/^….*299 x+$/);
});
