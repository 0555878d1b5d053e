// @vitest-environment jsdom
import { ConnectionError, DisconnectReason, Track } from 'livekit-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { liveKit } from '../../src/call/livekit/provider';
import type { GrantProvider, LiveKitGrant } from '../../src/call/model';
import { LocalDevices } from '../../src/devices/local.svelte';
import { joinIn, own, participant, streamOf, tracksOf, without } from './joined';
import { newWorld, type World } from './world';

vi.mock('livekit-client', async (original) => {
  const { inMemory } = await import('./world');
  return inMemory(await original());
});

let world: World;

beforeEach(() => {
  vi.useFakeTimers();
  // In the middle of what waits are spread over.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  world = newWorld();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

const away = (): Error => ConnectionError.serverUnreachable('away');
const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

describe('a connection that the SDK mends', () => {
  it('is reconnecting meanwhile, with the same room and token', async () => {
    const call = await joinIn(world);
    world.interrupt();
    expect(call.state).toEqual({ kind: 'reconnecting' });
    await pass(5_000);
    world.mend();
    expect(call.state).toEqual({ kind: 'connected' });
    expect(world.rooms).toHaveLength(1);
    expect(world.issued).toBe(1);
  });
});

describe('a connection that the SDK gives up', () => {
  it.each([
    undefined,
    DisconnectReason.UNKNOWN_REASON,
    DisconnectReason.SERVER_SHUTDOWN,
    DisconnectReason.STATE_MISMATCH,
    DisconnectReason.SIGNAL_CLOSE,
    DisconnectReason.MIGRATION,
  ])('is replaced after half a second (reason %s)', async (reason) => {
    vi.setSystemTime(1_000);
    const call = await joinIn(world);
    world.end(reason);
    expect(call.state).toEqual({ kind: 'reconnecting' });
    await pass(499);
    expect(world.connects).toHaveLength(1);
    await pass(1);
    expect(world.connects).toHaveLength(2);
    expect(call.state).toEqual({ kind: 'connected' });
    expect(call.since).toBe(1_000);
  });

  it('takes a fresh token for each try', async () => {
    await joinIn(world);
    world.refusal = away();
    world.end();
    await pass(500 + 1_000);
    world.refusal = undefined;
    await pass(2_000);
    expect(world.connects.map(({ token }) => token)).toEqual([
      'token-1',
      'token-2',
      'token-3',
      'token-4',
    ]);
  });

  it('is tried again after longer and longer waits, and not for ever', async () => {
    const call = await joinIn(world);
    const start = Date.now();
    const tries: number[] = [];
    world.refusal = away();
    world.end();
    for (let count = 1; call.state.kind !== 'disconnected' && Date.now() - start < 900_000;) {
      await pass(100);
      if (world.connects.length > count) tries.push(Date.now() - start);
      count = world.connects.length;
    }
    expect(tries.slice(0, 6)).toEqual([500, 1_500, 3_500, 7_500, 15_500, 23_500]);
    expect(call.state).toEqual({ kind: 'disconnected', reason: 'connection-lost' });
    expect(tries.at(-1)).toBeGreaterThan(600_000);
    expect(tries.at(-1)).toBeLessThan(610_000);
  });

  it('is replaced once, however often it is told of', async () => {
    const call = await joinIn(world);
    const { room } = world;
    world.end();
    room.emit('disconnected', DisconnectReason.SIGNAL_CLOSE);
    await pass(60_000);
    expect(world.connects).toHaveLength(2);
    room.emit('disconnected', DisconnectReason.SIGNAL_CLOSE);
    room.emit('disconnected', DisconnectReason.PARTICIPANT_REMOVED);
    await pass(60_000);
    expect(world.connects).toHaveLength(2);
    expect(call.state).toEqual({ kind: 'connected' });
    expect(room.listenerCount).toBe(0);
  });

  it('is replaced again when the next one breaks', async () => {
    const call = await joinIn(world);
    world.end();
    await pass(500);
    world.end();
    expect(call.state).toEqual({ kind: 'reconnecting' });
    await pass(500);
    expect(world.connects).toHaveLength(3);
    expect(call.state).toEqual({ kind: 'connected' });
  });

  it('brings the tracks, the others and the chat back', async () => {
    world.arrive('bo');
    const call = await joinIn(world);
    await call.sendMessage('before');
    await call.enable('camera', false);
    world.end();
    await pass(500);
    expect(call.participants.map(({ identity }) => identity)).toEqual(['me', 'bo']);
    expect(tracksOf(call, 'me')).toMatchObject({
      microphone: { muted: false },
      camera: undefined,
    });
    await call.enable('camera', true);
    expect(tracksOf(call, 'me').camera).toMatchObject({ muted: false });
    world.write('bo', ['after']);
    await pass(0);
    expect(call.messages.map(({ id, text }) => [id, text])).toEqual([
      [0, 'before'],
      [1, 'after'],
    ]);
  });

  it('shows and obeys the own switches meanwhile', async () => {
    const call = await joinIn(world);
    world.end();
    expect(tracksOf(call, 'me').microphone).toEqual({ muted: false, paused: false });
    await call.enable('microphone', false);
    expect(tracksOf(call, 'me').microphone).toEqual({ muted: true, paused: false });
    await pass(500);
    expect(call.state).toEqual({ kind: 'connected' });
    expect(tracksOf(call, 'me').microphone).toEqual({ muted: true, paused: false });
  });

  it('asks no longer what the host asked before', async () => {
    const call = await joinIn(world);
    await pass(0);
    await call.enable('microphone', false);
    await world.host(Track.Source.Microphone, false);
    expect(call.asked).toEqual(['microphone']);
    world.end();
    await pass(5_000);
    expect(call.state).toEqual({ kind: 'connected' });
    expect(call.asked).toEqual([]);
  });

  it('never shows anybody without an identity', async () => {
    const call = await joinIn(world);
    const release = world.hold();
    world.end();
    await pass(500);
    expect(world.connects).toHaveLength(2);
    await call.enable('microphone', false);
    expect(call.participants.map(({ identity }) => identity)).toEqual(['me']);
    release();
    await pass(0);
    expect(call.state).toEqual({ kind: 'connected' });
  });

  it('goes on showing cameras where they were shown', async () => {
    world.arrive('bo');
    const call = await joinIn(world);
    const before = world.publish('bo', Track.Source.Camera);
    const [mine, theirs] = [document.createElement('video'), document.createElement('video')];
    participant(call, 'me').attach('camera', mine);
    participant(call, 'bo').attach('camera', theirs);
    world.end();
    expect(before.elements.has(theirs)).toBe(false);
    expect(streamOf(mine)).toEqual([own.devices.input('camera').track]);
    await pass(500);
    const next = world.publish('bo', Track.Source.Camera);
    expect(next.elements.has(theirs)).toBe(true);
    expect(streamOf(mine)).toEqual([own.devices.input('camera').track]);
  });
});

describe('leaving meanwhile', () => {
  it('ends the wait', async () => {
    const call = await joinIn(world);
    world.end();
    await pass(100);
    await call.leave();
    expect(vi.getTimerCount()).toBe(0);
    await pass(60_000);
    expect(call.state).toEqual({ kind: 'disconnected', reason: 'left' });
    expect(world.issued).toBe(1);
  });

  it('does not use the token that comes then', async () => {
    let hand: ((token: LiveKitGrant) => void) | undefined;
    const first = await world.token();
    const tokens = vi
      .fn<GrantProvider<LiveKitGrant>>(() => new Promise((resolve) => (hand = resolve)))
      .mockResolvedValueOnce(first);
    const user = await liveKit.connectUser(tokens);
    const call = await user.join(new LocalDevices(without));
    world.end();
    await pass(500);
    await call.leave();
    hand?.(first);
    await pass(60_000);
    expect(tokens).toHaveBeenCalledTimes(2);
    expect(world.connects).toHaveLength(1);
  });

  it('disconnects what connects then', async () => {
    const call = await joinIn(world);
    const release = world.hold();
    world.end();
    await pass(500);
    await call.leave();
    release();
    await pass(60_000);
    expect(call.state).toEqual({ kind: 'disconnected', reason: 'left' });
    expect(world.room.state).toBe('disconnected');
    expect(world.connects).toHaveLength(2);
  });
});

describe('a refusal', () => {
  it('of the media server ends the call with its reason', async () => {
    const call = await joinIn(world);
    world.refusal = ConnectionError.notAllowed('invalid API key: k', 401);
    world.end();
    await pass(60_000);
    expect(call.state).toEqual({
      kind: 'disconnected',
      reason: 'refused',
      code: 'token-key-unknown',
    });
    expect(world.connects).toHaveLength(2);
  });

  it.each([
    [{ code: 'backend-not-signed-in', detail: '' }, 'disconnected'],
    [{ code: 'sign-in-expired', detail: '' }, 'disconnected'],
    [{ code: 'meeting-completed', detail: '' }, 'disconnected'],
    [{ code: 'meeting-cancelled', detail: '' }, 'disconnected'],
    [{ code: 'meeting-not-found', detail: '' }, 'disconnected'],
    [{ code: 'token-room-missing', detail: '' }, 'disconnected'],
    [{ code: 'backend-timeout', detail: '' }, 'reconnecting'],
    [new Error('odd'), 'reconnecting'],
  ])('of a token: %j makes the call %s', async (refusal, kind) => {
    let asked = 0;
    const user = await liveKit.connectUser(() => {
      asked += 1;
      // What comes from Rust is no Error.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      return asked === 1 ? world.token() : Promise.reject(refusal);
    });
    const call = await user.join(new LocalDevices(without));
    world.end();
    await pass(3_500);
    expect(call.state.kind).toBe(kind);
    expect(asked).toBe(kind === 'disconnected' ? 2 : 4);
    await call.leave();
  });
});
