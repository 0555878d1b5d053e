import { expect, it } from 'vitest';

import type { ChatMessage } from '../../src/call/model';
import { ChatPane } from '../../src/room/chatPane.svelte';

const message = (id: number, omitted = 0): ChatMessage => ({
  id,
  from: 'Bo',
  local: false,
  text: 'hi',
  at: 0,
  omitted,
  delivery: 'sent',
});

it('counts what came since the chat was last open, but not what was left out', () => {
  let messages = $state.raw([message(0), message(1)]);
  const pane = new ChatPane(() => messages);
  expect(pane.unread).toBe(2);
  pane.toggle();
  expect([pane.open, pane.unread]).toEqual([true, 0]);
  // It comes while the chat is open.
  messages = [...messages, message(2)];
  expect(pane.unread).toBe(0);
  pane.toggle();
  expect([pane.open, pane.unread]).toEqual([false, 0]);
  // Old ones are no longer kept, and many came too fast.
  messages = [message(2), message(3, 40), message(4)];
  expect(pane.unread).toBe(1);
});
