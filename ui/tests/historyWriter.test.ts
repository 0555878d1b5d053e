import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Scope } from '../src/call/scope';
import { LOOK_EVERY, StatisticsPoll } from '../src/call/statisticsPoll';
import { HistoryWriter } from '../src/history/writer';
import type { NewEntry } from '../src/platform';
import { program } from './view/program';
import { measurement, quality, ShownCall, someone, statistics } from './support/standIns';

const entry: NewEntry = {
  title: 'Tea time',
  room: 'tea',
  provider: 'livekit',
  profile: null,
  sessionId: null,
  startedAt: 1_000,
};

let call: ShownCall;
let scope: Scope;

beforeEach(() => {
  vi.useFakeTimers();
  program.reset();
  program.historyBegin.mockResolvedValue(7);
  call = new ShownCall();
  scope = new Scope();
});
afterEach(() => vi.useRealTimers());

const record = (): HistoryWriter =>
  new HistoryWriter(call, new StatisticsPoll(call, scope), entry, program, scope);
const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
const others = (...names: string[]): void =>
  call.change({
    participants: [someone('me', { local: true }), ...names.map((name) => someone(name))],
  });
/** What the history was told, in its order. */
const told = (): unknown[] =>
  [
    ...program.historyUpdate.mock.calls.map((values, index) => ({
      order: program.historyUpdate.mock.invocationCallOrder[index] ?? 0,
      values: ['update', ...values.slice(0, 2)],
    })),
    ...program.historyFinish.mock.calls.map((values, index) => ({
      order: program.historyFinish.mock.invocationCallOrder[index] ?? 0,
      values: ['finish', ...values.slice(0, 2)],
    })),
  ]
    .toSorted((one, other) => one.order - other.order)
    .map(({ values }) => values);

describe('the record of a call', () => {
  it('begins with it, and names those who are there already', async () => {
    others('Amina');
    record();
    await pass(0);
    expect(program.historyBegin).toHaveBeenCalledExactlyOnceWith(entry);
    expect(told()).toEqual([['update', 7, ['Amina']]]);
  });

  it('names those who come, also after they went, and never oneself', async () => {
    record();
    await pass(0);
    expect(told()).toEqual([]);
    others('Amina');
    await pass(0);
    others();
    others('Bruno');
    call.change({ messages: [] });
    await pass(0);
    expect(told()).toEqual([
      ['update', 7, ['Amina']],
      ['update', 7, ['Amina', 'Bruno']],
    ]);
  });

  it('says at once what happened while the entry was being made', async () => {
    let begin: (id: number) => void = () => undefined;
    program.historyBegin.mockReturnValue(new Promise((resolve) => (begin = resolve)));
    const writer = record();
    others('Amina');
    others('Amina', 'Bruno');
    await pass(0);
    scope.end();
    void writer.finish('left');
    await pass(0);
    expect(told()).toEqual([]);
    begin(9);
    await pass(0);
    expect(told()).toEqual([
      ['update', 9, ['Amina', 'Bruno']],
      ['finish', 9, 'left'],
    ]);
  });

  it('is renewed every 30 seconds, until the call ends', async () => {
    const writer = record();
    await pass(29_999);
    expect(told()).toHaveLength(0);
    await pass(1);
    expect(told()).toHaveLength(1);
    await pass(30_000);
    expect(told()).toHaveLength(2);
    scope.end();
    expect(vi.getTimerCount()).toBe(0);
    expect(call.listenerCount).toBe(0);
    await writer.finish('removed');
    others('Amina');
    await pass(120_000);
    expect(told().slice(2)).toEqual([['finish', 7, 'removed']]);
  });
});

describe('how a call went', () => {
  const finished = async (writer: HistoryWriter): Promise<unknown> => {
    scope.end();
    await writer.finish('left');
    return program.historyFinish.mock.calls[0]?.[2];
  };

  it('is not known without a measurement', async () => {
    expect(await finished(record())).toBeNull();
  });

  it('is what was measured last, with the median of the round trips', async () => {
    const writer = record();
    for (const roundTripMs of [40, 900, undefined, 20, 60, 30]) {
      call.statistics.mockResolvedValueOnce(statistics(measurement({ roundTripMs })));
      await pass(LOOK_EVERY);
    }
    // One was missing; that of the end makes it six.
    call.statistics.mockResolvedValueOnce(
      statistics({
        roundTripMs: 50,
        packetsReceived: 9_900,
        packetsLost: 100,
        receivedHeight: 720,
        freezes: 3,
        frozenMs: 1_250.5,
      }),
    );
    expect(await finished(writer)).toEqual(
      quality({
        roundTripMs: 45,
        lossPercent: 1,
        receivedHeight: 720,
        freezes: 3,
        frozenMs: 1_250.5,
      }),
    );
  });

  it('takes the middle of an odd number of round trips', async () => {
    const writer = record();
    for (const roundTripMs of [100, 9, 30]) {
      call.statistics.mockResolvedValueOnce(statistics(measurement({ roundTripMs })));
      await pass(LOOK_EVERY);
    }
    expect(await finished(writer)).toMatchObject({ roundTripMs: 30, lossPercent: null });
  });

  it.each([
    [{ packetsReceived: 0, packetsLost: 0 }, null],
    [{ packetsReceived: 10 }, null],
    [{ packetsReceived: 0, packetsLost: 4 }, 100],
    [{ packetsReceived: 4, packetsLost: 0 }, 0],
  ])('has the loss %j as %s percent', async (counts, lossPercent) => {
    call.statistics.mockResolvedValue(statistics(measurement({ ...counts, freezes: 0 })));
    expect(await finished(record())).toMatchObject({ lossPercent, freezes: 0 });
  });

  it('counts how often the connection came back', async () => {
    const writer = record();
    const become = (...kinds: ('connected' | 'reconnecting')[]): void => {
      for (const kind of kinds) call.change({ state: { kind } });
    };
    become('connected', 'reconnecting', 'reconnecting', 'connected', 'connected');
    become('reconnecting', 'connected', 'reconnecting');
    call.change({ state: { kind: 'disconnected', reason: 'connection-lost' } });
    expect(await finished(writer)).toEqual({
      reconnections: 2,
      roundTripMs: null,
      lossPercent: null,
      receivedHeight: null,
      freezes: null,
      frozenMs: null,
    });
  });

  it('is told while it goes on', async () => {
    call.statistics.mockResolvedValue(statistics(measurement({ roundTripMs: 40 })));
    record();
    await pass(30_000);
    expect(program.historyUpdate.mock.lastCall?.[2]).toMatchObject({ roundTripMs: 40 });
  });
});

describe('a history that fails', () => {
  const fault = { code: 'history-unavailable', detail: 'disk' };
  const logged = [['warn', 'recording the call: history-unavailable']];

  it('at the beginning is asked nothing more', async () => {
    program.historyBegin.mockRejectedValue(fault);
    others('Amina');
    const writer = record();
    await pass(60_000);
    // What looks how the call goes does so for others, too.
    expect(vi.getTimerCount()).toBe(1);
    await writer.finish('left');
    expect(told()).toEqual([]);
    expect(program.log.mock.calls).toEqual(logged);
  });

  it('later is asked again', async () => {
    program.historyUpdate.mockRejectedValueOnce(fault);
    record();
    others('Amina');
    await pass(0);
    others('Bruno');
    await pass(0);
    expect(told()).toEqual([
      ['update', 7, ['Amina']],
      ['update', 7, ['Amina', 'Bruno']],
    ]);
    expect(program.log.mock.calls).toEqual(logged);
  });

  it('at the end is logged', async () => {
    program.historyFinish.mockRejectedValue(fault);
    await record().finish('left');
    expect(program.log.mock.calls).toEqual(logged);
  });

  it('is finished also if the call cannot be measured', async () => {
    call.statistics.mockRejectedValue(fault);
    await record().finish('left');
    expect(told()).toEqual([['finish', 7, 'left']]);
  });
});
