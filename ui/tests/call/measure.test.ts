// @vitest-environment jsdom
import { DisconnectReason, Track } from 'livekit-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { measurement } from '../support/standIns';
import { joinIn, totals } from './joined';
import { newWorld, type World } from './world';

vi.mock('livekit-client', async (original) => {
  const { inMemory } = await import('./world');
  return inMemory(await original());
});

const { Microphone, Camera } = Track.Source;

let world: World;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  world = newWorld();
  world.arrive('bo');
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

const sound = (packetsReceived: number, packetsLost: number, id = 'a'): object => ({
  id,
  type: 'inbound-rtp',
  kind: 'audio',
  packetsReceived,
  packetsLost,
});
const picture = (frameHeight: number, freezeCount = 0, totalFreezesDuration = 0): object => ({
  ...sound(1_000, 10, 'v'),
  kind: 'video',
  frameHeight,
  freezeCount,
  totalFreezesDuration,
});
const pair = (id: string, currentRoundTripTime?: number, more: object = {}): object => ({
  id,
  type: 'candidate-pair',
  state: 'succeeded',
  nominated: true,
  currentRoundTripTime,
  ...more,
});

describe('measuring a call', () => {
  it('adds up all that is received', async () => {
    const call = await joinIn(world);
    world.publish('bo', Microphone).stats = [sound(500, 5), pair('p', 0.04)];
    world.publish('bo', Camera).stats = [picture(720, 2, 1.5), pair('p', 0.04)];
    expect(await totals(call)).toEqual({
      roundTripMs: 40,
      packetsReceived: 1_500,
      packetsLost: 15,
      receivedHeight: 720,
      freezes: 2,
      frozenMs: 1_500,
    });
  });

  it('counts nothing twice, and remembers the largest picture', async () => {
    const call = await joinIn(world);
    const camera = world.publish('bo', Camera);
    camera.stats = [picture(720, 1, 0.5)];
    await totals(call);
    camera.stats = [picture(180, 2, 0.75)];
    expect(await totals(call)).toMatchObject({
      packetsReceived: 1_000,
      receivedHeight: 720,
      freezes: 2,
      frozenMs: 750,
    });
  });

  it('knows nothing where nothing is told', async () => {
    const call = await joinIn(world);
    expect(await totals(call)).toEqual(measurement());
    world.publish('bo', Microphone);
    world.publish('bo', Camera).stats = [
      { id: 'v', type: 'inbound-rtp', packetsReceived: Number.NaN, packetsLost: '7' },
      { id: 'T', type: 'transport' },
      pair('p'),
      pair('q', 0.5, { nominated: false }),
    ];
    expect(await totals(call)).toEqual(measurement());
  });

  it('never has less than none lost', async () => {
    const call = await joinIn(world);
    world.publish('bo', Microphone).stats = [sound(500, -3)];
    expect(await totals(call)).toMatchObject({ packetsReceived: 500, packetsLost: 0 });
  });

  it('goes on without what cannot be had', async () => {
    const call = await joinIn(world);
    world.publish('bo', Microphone).stats = new Error('closed');
    world.publish('bo', Camera).stats = [picture(720)];
    expect(await totals(call)).toMatchObject({ packetsReceived: 1_000 });
  });

  it('waits a second for an answer, and not for ever', async () => {
    const call = await joinIn(world);
    const camera = world.publish('bo', Camera);
    camera.stats = [picture(720)];
    camera.counting = new Promise(() => undefined);
    const done = vi.fn();
    void totals(call).then(done);
    await vi.advanceTimersByTimeAsync(999);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toHaveBeenCalledExactlyOnceWith(measurement());
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the round trip', () => {
  it('is that of the pair in use', async () => {
    const call = await joinIn(world);
    world.publish('bo', Microphone).stats = [
      pair('old', 0.9),
      pair('new', 0.03),
      { id: 'T', type: 'transport', selectedCandidatePairId: 'new' },
    ];
    expect((await totals(call)).roundTripMs).toBe(30);
  });

  it.each([
    [
      'the pair',
      [pair('p', 0.05), { id: 'r', type: 'remote-inbound-rtp', roundTripTime: 0.06 }],
      50,
    ],
    ['reports', [pair('p'), { id: 'r', type: 'remote-inbound-rtp', roundTripTime: 0.06 }], 60],
  ])('is known to whoever is alone, from %s', async (_, stats, roundTripMs) => {
    const call = await joinIn(world);
    expect(world.localTracks).toHaveLength(2);
    for (const track of world.localTracks) track.stats = stats;
    expect(await totals(call)).toEqual(measurement({ roundTripMs }));
  });
});

describe('what ended', () => {
  it('keeps counting, with what is known at its end', async () => {
    const call = await joinIn(world);
    const camera = world.publish('bo', Camera);
    camera.stats = [picture(720)];
    await totals(call);
    camera.stats = [{ ...picture(720), packetsReceived: 3_000 }];
    world.unpublish('bo', Camera);
    expect((await totals(call)).packetsReceived).toBe(3_000);
    // Another one is another, whatever it is called in the statistics.
    world.publish('bo', Camera).stats = [picture(360)];
    expect(await totals(call)).toMatchObject({ packetsReceived: 4_000, receivedHeight: 720 });
  });

  it('is waited for while its last counts are on their way', async () => {
    const call = await joinIn(world);
    const camera = world.publish('bo', Camera);
    camera.stats = [picture(720)];
    camera.counting = new Promise((resolve) => setTimeout(resolve, 100));
    world.unpublish('bo', Camera);
    const measured = totals(call);
    await vi.advanceTimersByTimeAsync(100);
    expect((await measured).packetsReceived).toBe(1_000);
  });

  it('keeps counting also if nothing is told of it any more', async () => {
    const call = await joinIn(world);
    const camera = world.publish('bo', Camera);
    camera.stats = [picture(720)];
    await totals(call);
    camera.stats = [];
    world.unpublish('bo', Camera);
    expect((await totals(call)).packetsReceived).toBe(1_000);
  });

  it('keeps counting over connections', async () => {
    const call = await joinIn(world);
    world.publish('bo', Microphone).stats = [sound(500, 5)];
    world.end(DisconnectReason.SIGNAL_CLOSE);
    await vi.advanceTimersByTimeAsync(500);
    expect(call.state).toEqual({ kind: 'connected' });
    world.publish('bo', Microphone).stats = [sound(200, 1)];
    expect(await totals(call)).toMatchObject({ packetsReceived: 700, packetsLost: 6 });
  });

  it('can be measured after the call', async () => {
    const call = await joinIn(world);
    world.publish('bo', Microphone).stats = [sound(500, 5)];
    await call.leave();
    expect((await totals(call)).packetsReceived).toBe(500);
  });
});
