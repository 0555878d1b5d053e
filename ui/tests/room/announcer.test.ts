import { tick } from 'svelte';
import { expect, it } from 'vitest';

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
