// @vitest-environment jsdom
import { ConnectionState, Track } from 'livekit-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { joinIn, own, sent, tracksOf } from './joined';
import { newWorld, type World } from './world';

vi.mock('livekit-client', async (original) => {
  const { inMemory } = await import('./world');
  return inMemory(await original());
});

let world: World;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  world = newWorld();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
const published = (): Track.Source[] => [...world.room.localParticipant.publications.keys()];
const both = [Track.Source.Microphone, Track.Source.Camera];

/** Holds publications up; what is returned lets them fail. */
function holdPublishing(message: string): () => void {
  let fail = (): void => undefined;
  world.publishing = new Promise((_, reject) => (fail = () => reject(new Error(message))));
  return () => {
    world.publishing = undefined;
    fail();
  };
}

describe('a connection that breaks while devices are being published', () => {
  it('publishes them when the SDK has mended it', async () => {
    const cancel = holdPublishing('Cancelled publication by calling unpublish');
    const call = await joinIn(world);
    world.interrupt();
    cancel();
    await pass(60_000);
    expect(published()).toEqual([]);
    world.mend();
    await pass(0);
    expect(published()).toEqual(both);
    expect(call.problem).toBeUndefined();
    expect(tracksOf(call, 'me')).toMatchObject({
      microphone: { muted: false },
      camera: { muted: false },
    });
  });

  it('publishes them also when it was mended before the SDK says that they failed', async () => {
    const cancel = holdPublishing('Cancelled publication by calling unpublish');
    const call = await joinIn(world);
    world.interrupt();
    world.mend();
    cancel();
    await pass(500);
    expect(published()).toEqual(both);
    expect(call.problem).toBeUndefined();
  });

  it('publishes them in the next one when the SDK gives up', async () => {
    const cancel = holdPublishing('Cancelled publication by calling unpublish');
    const call = await joinIn(world);
    world.end();
    cancel();
    await pass(500);
    expect(world.rooms).toHaveLength(2);
    expect(published()).toEqual(both);
    expect(call.problem).toBeUndefined();
  });
});

describe('a mended connection', () => {
  it('has every device, also one that the SDK lost on the way', async () => {
    const call = await joinIn(world);
    await pass(0);
    world.interrupt();
    world.room.localParticipant.publications.delete(Track.Source.Camera);
    world.mend();
    await pass(0);
    expect(published()).toEqual(both);
    expect(tracksOf(call, 'me').camera).toEqual({ muted: false, paused: false });
  });

  it('has each device once', async () => {
    await joinIn(world);
    await pass(0);
    const publish = vi.spyOn(world.room.localParticipant, 'publishTrack');
    world.interrupt();
    world.mend();
    await pass(60_000);
    expect(publish).not.toHaveBeenCalled();
  });
});

describe('a track that the server takes back, and no permission', () => {
  it('is with the others again after a moment, and until then not shown as if it were', async () => {
    const call = await joinIn(world);
    await pass(0);
    world.takeBack(Track.Source.Camera);
    await pass(0);
    expect(published()).toEqual([Track.Source.Microphone]);
    expect(tracksOf(call, 'me').camera).toEqual({ muted: false, paused: true });
    expect(call.problem).toMatchObject({ code: 'publish-failed' });
    await pass(500);
    expect(published()).toEqual(both);
    expect(tracksOf(call, 'me').camera).toEqual({ muted: false, paused: false });
    expect(call.problem).toBeUndefined();
  });

  it('is left alone when the user has switched it off meanwhile', async () => {
    const call = await joinIn(world);
    await pass(0);
    world.takeBack(Track.Source.Camera);
    await call.enable('camera', false);
    await pass(60_000);
    expect(own.hardware.open('video')).toEqual([]);
    expect(sent(world, 'video')).toBe('nothing');
    expect(tracksOf(call, 'me').camera?.muted).not.toBe(false);
    expect(call.problem).toBeUndefined();
  });
});

describe('a device that cannot be published', () => {
  it('is tried again until it can, and said to be all right then', async () => {
    const fail = holdPublishing('publication of local track timed out');
    const call = await joinIn(world);
    fail();
    await pass(0);
    expect(call.problem).toMatchObject({ code: 'publish-failed' });
    // They are open, and the others do not get them: it is shown as that.
    expect(tracksOf(call, 'me')).toMatchObject({
      microphone: { muted: false, paused: true },
      camera: { muted: false, paused: true },
    });
    await pass(500);
    expect(published()).toEqual(both);
    expect(call.problem).toBeUndefined();
    expect(tracksOf(call, 'me').camera).toEqual({ muted: false, paused: false });
  });

  it('for want of a permission is not tried again', async () => {
    const fail = holdPublishing('failed to publish track, insufficient permissions');
    const call = await joinIn(world);
    fail();
    await pass(60_000);
    expect(published()).toEqual([]);
    expect(call.problem).toMatchObject({ code: 'token-publish-missing' });
  });

  it('is not tried again once the call was left', async () => {
    const fail = holdPublishing('publication of local track timed out');
    const call = await joinIn(world);
    const { room } = world;
    fail();
    await pass(0);
    await call.leave();
    await pass(60_000);
    expect(room.state).toBe(ConnectionState.Disconnected);
    expect(room.localParticipant.publications.size).toBe(0);
    expect(room.listenerCount).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
