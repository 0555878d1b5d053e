// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Reactions } from '../../src/room/reactions.svelte';
import { ShownCall, someone } from '../support/standIns';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const bo = someone('bo');
const emoji = '👏';

it('are seen for three seconds, and the last few of one participant', () => {
  const call = new ShownCall();
  const reactions = new Reactions();
  reactions.follow(call);
  for (let count = 0; count < 9; count += 1)
    call.tell({ kind: 'reaction', participant: bo, emoji });
  expect(reactions.of(bo)).toHaveLength(5);
  expect(reactions.of(someone('cy'))).toEqual([]);
  vi.advanceTimersByTime(2_999);
  expect(reactions.of(bo)).toHaveLength(5);
  vi.advanceTimersByTime(1);
  expect(reactions.of(bo)).toEqual([]);
});

it('leave nothing behind: of those that are over there is nothing to end with the room', () => {
  const call = new ShownCall();
  const reactions = new Reactions();
  const end = reactions.follow(call);
  for (let count = 0; count < 50; count += 1) {
    call.tell({ kind: 'reaction', participant: bo, emoji });
    vi.advanceTimersByTime(3_000);
  }
  call.tell({ kind: 'reaction', participant: bo, emoji });
  const cleared = vi.spyOn(globalThis, 'clearTimeout');
  end();
  expect(cleared).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
  expect(reactions.of(bo)).toEqual([]);
  call.tell({ kind: 'reaction', participant: bo, emoji });
  expect(reactions.of(bo)).toEqual([]);
});
