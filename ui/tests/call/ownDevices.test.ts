// @vitest-environment jsdom
import { Track } from 'livekit-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { liveKit } from '../../src/call/livekit/provider';
import { LocalDevices } from '../../src/devices/local.svelte';
import { fillInHardware } from '../support/devices';
import { joinIn, own, sent, tracksOf, without } from './joined';
import { newWorld, type World } from './world';

vi.mock('livekit-client', async (original) => {
  const { inMemory } = await import('./world');
  return inMemory(await original());
});

const { Microphone, Camera } = Track.Source;
const here = { muted: false, paused: false };
const muted = { muted: true, paused: false };

let world: World;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  world = newWorld();
});
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('switching off', () => {
  it('the camera closes it, and the others get nothing of it', async () => {
    const call = await joinIn(world);
    await settled();
    expect(sent(world, 'video')).toBe('live');
    await call.enable('camera', false);
    expect(own.hardware.open('video')).toEqual([]);
    expect(sent(world, 'video')).toBe('nothing');
    expect(world.announced.get(Camera)).toBe(true);
    await call.enable('camera', true);
    expect(sent(world, 'video')).toBe('live');
    expect(world.announced.get(Camera)).toBe(false);
    expect(own.hardware.open('video')).toHaveLength(1);
    // In the same place of the call: nothing has to be negotiated again.
    expect(world.localTracks).toHaveLength(2);
  });

  it('the microphone makes it silent at once', async () => {
    const call = await joinIn(world);
    await settled();
    const off = call.enable('microphone', false);
    expect(sent(world, 'audio')).toBe('silence');
    await off;
    expect(world.announced.get(Microphone)).toBe(true);
    expect(tracksOf(call, 'me').microphone).toEqual(muted);
  });

  it('while the others are just being shown it holds', async () => {
    let publish = (): void => undefined;
    world.publishing = new Promise((resolve) => (publish = resolve));
    const call = await joinIn(world);
    void call.enable('microphone', false);
    await settled();
    publish();
    await settled();
    expect(sent(world, 'audio')).toBe('silence');
    expect(world.announced.get(Microphone)).toBe(true);
  });
});

describe('a second click', () => {
  it('on a camera that takes its time leaves it off', async () => {
    const call = await joinIn(world, { camera: true });
    await settled();
    let release = (): void => undefined;
    own.hardware.gate = new Promise((resolve) => (release = resolve));
    const click = (): void => void call.enable('camera', own.devices.switches.camera === 'off');
    click();
    await settled();
    click();
    release();
    await settled();
    expect(own.hardware.open('video')).toEqual([]);
    expect(sent(world, 'video')).toBe('nothing');
  });
});

describe('the host', () => {
  it('cannot unmute anybody: the wish becomes a question', async () => {
    const call = await joinIn(world);
    await settled();
    await call.enable('microphone', false);
    const loud = vi.fn();
    call.subscribe(() => {
      if (sent(world, 'audio') !== 'silence') loud();
    });
    await world.host(Microphone, false);
    expect(sent(world, 'audio')).toBe('silence');
    expect(call.asked).toEqual(['microphone']);
    expect(tracksOf(call, 'me').microphone).toEqual(muted);
    // The others were told otherwise by the server.
    expect(world.announced.get(Microphone)).toBe(true);
    expect(loud).not.toHaveBeenCalled();

    await call.enable('microphone', true);
    expect(sent(world, 'audio')).toBe('live');
    expect(call.asked).toEqual([]);
    expect(world.announced.get(Microphone)).toBe(false);
  });

  it('cannot open a camera either', async () => {
    const call = await joinIn(world);
    await settled();
    await call.enable('camera', false);
    await world.host(Camera, false);
    await settled();
    expect(own.hardware.open('video')).toEqual([]);
    expect(call.asked).toEqual(['camera']);
    call.decline('camera');
    expect(call.asked).toEqual([]);
    expect(own.hardware.open('video')).toEqual([]);
  });

  it('can mute, and switch a camera off, which closes it', async () => {
    const call = await joinIn(world);
    await settled();
    await world.host(Microphone, true);
    await world.host(Camera, true);
    await settled();
    expect(sent(world, 'audio')).toBe('silence');
    expect(own.hardware.open('video')).toEqual([]);
    expect(tracksOf(call, 'me')).toMatchObject({ microphone: muted, camera: muted });
    // What was asked before is not asked any longer.
    await world.host(Microphone, false);
    expect(call.asked).toEqual(['microphone']);
    await call.enable('microphone', false);
    expect(call.asked).toEqual([]);
  });

  it('can mute whose microphone is away: it is silent when it is back', async () => {
    const call = await joinIn(world);
    await settled();
    own.hardware.unplug('mic');
    await settled();
    await world.host(Microphone, true);
    own.hardware.plug('audioinput', 'mic');
    await settled();
    expect(sent(world, 'audio')).not.toBe('live');
    expect(tracksOf(call, 'me').microphone).toEqual(muted);
    expect(world.announced.get(Microphone)).toBe(true);
  });

  it('silences the sound of a screen for good, also against the server’s own unmuting', async () => {
    const call = await joinIn(world);
    own.hardware.allowScreens();
    await own.devices.enable('screen', true);
    await settled();
    const { ScreenShareAudio } = Track.Source;
    expect(world.announced.get(ScreenShareAudio)).toBe(false);
    await world.host(ScreenShareAudio, true);
    await call.enable('camera', false);
    await settled();
    const sound = own.hardware.screens.find(({ kind }) => kind === 'audio');
    expect(sound?.live).toBe(false);
    expect(world.announced.get(ScreenShareAudio)).toBe(true);
    await world.host(ScreenShareAudio, false);
    await settled();
    expect(sound?.live).toBe(false);
    expect(world.announced.get(ScreenShareAudio)).toBe(true);
    expect(call.asked).toEqual([]);
  });

  it('asks nobody to unmute who is unmuted by now', async () => {
    const call = await joinIn(world);
    await settled();
    own.hardware.unplug('mic');
    await settled();
    await world.host(Microphone, false);
    expect(call.asked).toEqual(['microphone']);
    own.hardware.plug('audioinput', 'mic');
    await settled();
    expect(sent(world, 'audio')).toBe('live');
    expect(call.asked).toEqual([]);
  });
});

describe('who may not speak or show themselves any more', () => {
  const nothing = { canPublish: false, canPublishSources: [] };
  const everything = { canPublish: true, canPublishSources: [] };
  const loud = (): string[] =>
    own.hardware.open().flatMap(({ live, kind }) => (live ? [kind] : []));

  it('has the camera closed and the microphone silent, and is told', async () => {
    const call = await joinIn(world);
    await settled();
    world.permit(nothing);
    await settled();
    expect(tracksOf(call, 'me')).toMatchObject({ microphone: undefined, camera: undefined });
    expect(own.hardware.open('video')).toEqual([]);
    expect(loud()).toEqual([]);
    expect(call.problem).toMatchObject({ code: 'token-publish-missing' });
  });

  it('has nothing come on when the right is back, but may switch it on', async () => {
    const call = await joinIn(world);
    await settled();
    world.permit(nothing);
    await settled();
    world.permit(everything);
    await settled();
    expect(loud()).toEqual([]);
    expect(sent(world, 'audio')).not.toBe('live');
    expect(sent(world, 'video')).toBe('nothing');
    expect(call.problem).toBeUndefined();
    await call.enable('microphone', true);
    await call.enable('camera', true);
    await settled();
    expect([sent(world, 'audio'), sent(world, 'video')]).toEqual(['live', 'live']);
    expect(tracksOf(call, 'me')).toMatchObject({ microphone: here, camera: here });
    expect(call.problem).toBeUndefined();
  });

  it('tries in vain: no device is opened, not for a moment', async () => {
    const call = await joinIn(world);
    await settled();
    world.permit(nothing);
    await settled();
    const { length } = own.hardware.opened;
    expect(call.rights).toMatchObject({ camera: 'grant', microphone: 'grant', screen: 'webview' });
    for (const role of ['camera', 'microphone'] as const)
      await expect(call.enable(role, true)).rejects.toMatchObject({
        code: 'token-publish-missing',
      });
    await settled();
    expect(own.hardware.opened).toHaveLength(length);
    expect(loud()).toEqual([]);
    expect(tracksOf(call, 'me').camera).toBeUndefined();
  });

  it('keeps what the right is left for', async () => {
    const call = await joinIn(world);
    await settled();
    world.permit({ canPublish: true, canPublishSources: [2] });
    await settled();
    expect(loud()).toEqual(['audio']);
    expect(sent(world, 'audio')).toBe('live');
    expect(tracksOf(call, 'me')).toMatchObject({ microphone: here, camera: undefined });
    expect(own.hardware.open('video')).toEqual([]);
  });

  it('and never might has no camera open that nobody sees', async () => {
    world.permissions = nothing;
    const call = await joinIn(world);
    await settled();
    expect(loud()).toEqual([]);
    expect(own.hardware.open('video')).toEqual([]);
    expect(call.problem).toMatchObject({ code: 'token-publish-missing' });
  });
});

describe('a device', () => {
  it('that opens only after Join is taken over when it comes', async () => {
    const hardware = fillInHardware();
    let open = (): void => undefined;
    hardware.gate = new Promise((resolve) => (open = resolve));
    const devices = new LocalDevices();
    const opening = devices.open();
    const user = await liveKit.connectUser(world.token);
    const call = await user.join(devices);
    devices.entered();
    expect(tracksOf(call, 'me')).toMatchObject({ microphone: undefined, camera: undefined });
    open();
    await opening;
    await settled();
    expect(tracksOf(call, 'me')).toMatchObject({ microphone: here, camera: here });
    expect([sent(world, 'audio'), sent(world, 'video')]).toEqual(['live', 'live']);
  });

  it('that goes away gives its place to another one, and takes it back', async () => {
    const call = await joinIn(world);
    await settled();
    own.hardware.plug('audioinput', 'headset', 'Headset');
    own.hardware.unplug('mic');
    await settled();
    const heard = (): string[] => own.hardware.open('audio').map(({ deviceId }) => deviceId);
    expect(heard()).toEqual(['headset']);
    expect(sent(world, 'audio')).toBe('live');
    expect(tracksOf(call, 'me').microphone).toEqual(here);
    expect(world.announced.get(Microphone)).toBe(false);
    own.hardware.plug('audioinput', 'mic');
    await settled();
    expect(heard()).toEqual(['mic']);
    expect(sent(world, 'audio')).toBe('live');
    expect(tracksOf(call, 'me').microphone).toEqual(here);
  });

  it('that goes away without another one is shown as off, and on when it is back', async () => {
    const call = await joinIn(world);
    await settled();
    own.hardware.unplug('cam');
    await settled();
    expect(tracksOf(call, 'me').camera).toEqual(muted);
    expect(world.announced.get(Camera)).toBe(true);
    await expect(call.enable('camera', true)).rejects.toMatchObject({ code: 'no-camera' });
    own.hardware.plug('videoinput', 'cam');
    await settled();
    expect(tracksOf(call, 'me').camera).toEqual(here);
    expect(sent(world, 'video')).toBe('live');
  });

  it('chosen anew before the SDK has shown the first is the one that is shown', async () => {
    let publish = (): void => undefined;
    world.publishing = new Promise((resolve) => (publish = resolve));
    const call = await joinIn(world);
    own.hardware.plug('audioinput', 'headset', 'Headset');
    own.devices.choose('microphone', 'headset');
    await settled();
    publish();
    await settled();
    expect(sent(world, 'audio')).toBe('live');
    expect(tracksOf(call, 'me').microphone).toEqual(here);
  });
});

describe('a join that is given up', () => {
  it('leaves nobody there', async () => {
    const giveUp = new AbortController();
    const release = world.hold();
    const joining = joinIn(world, without, giveUp.signal);
    await settled();
    expect(world.connects).toHaveLength(1);
    giveUp.abort();
    await expect(joining).rejects.toThrow();
    release();
    await settled();
    expect(world.room.state).toBe('disconnected');
  });

  it('before it began asks no server', async () => {
    const giveUp = new AbortController();
    giveUp.abort();
    await expect(joinIn(world, without, giveUp.signal)).rejects.toThrow();
    expect(world.connects).toEqual([]);
  });
});
