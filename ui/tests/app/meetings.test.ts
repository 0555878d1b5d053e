// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Meetings } from '../../src/app/meetings.svelte';
import { Scope } from '../../src/call/scope';
import { Failures } from '../../src/errors/failures.svelte';
import { meetingSession, sessionsState } from '../support/standIns';
import { program } from '../view/program';

vi.mock('../../src/platform', async () => {
  const { program: inMemory } = await import('../view/program');
  return { platform: inMemory };
});

beforeEach(() => {
  program.reset();
});

describe('meeting sessions', () => {
  it('that are over are still known, until the account is another', async () => {
    const meetings = new Meetings(new Failures(() => undefined));
    await meetings.start(new Scope());
    program.tell('sessions', sessionsState([meetingSession('a')], { ringing: ['a'] }));
    program.tell('sessions', sessionsState([], { missed: ['a'] }));
    expect(meetings.of('a')?.id).toBe('a');
    expect(meetings.missed.rings).toHaveLength(1);
    meetings.forget();
    expect(meetings.of('a')).toBeUndefined();
    expect(meetings.missed.rings).toEqual([]);
  });
});
