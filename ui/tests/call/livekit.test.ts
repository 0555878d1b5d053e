// @vitest-environment jsdom
import { ConnectionError, DisconnectReason, Track } from 'livekit-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { liveKit } from '../../src/call/livekit/provider';
import type { Call, CallProvider } from '../../src/call/model';
import { isErrorCode } from '../../src/errors/table';
import { joinIn, own, participant, streamOf, tracksOf, without } from './joined';
import { newWorld, type World } from './world';

vi.mock('livekit-client', async (original) => {
  const { inMemory } = await import('./world');
  return inMemory(await original());
});

const { Microphone, Camera } = Track.Source;

let world: World;
const join = (off?: Partial<typeof without>): Promise<Call> => joinIn(world, off);

beforeEach(() => {
  vi.useFakeTimers();
  world = newWorld();
});
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

describe('joining', () => {
  it('needs a connected user', () => {
    // Checked by the compiler: there is no other way to a call.
    const withoutUser = (provider: CallProvider): unknown =>
      // @ts-expect-error -- a provider joins nothing by itself
      provider.join;
    const withoutToken = (provider: CallProvider): unknown =>
      // @ts-expect-error -- a user is connected with tokens only
      provider.connectUser();
    expect(withoutUser(liveKit)).toBeUndefined();
    expect(withoutToken).toBeTypeOf('function');
  });

  it('does not touch the media server before there is a token', async () => {
    await expect(liveKit.connectUser(() => Promise.reject(new Error('no token')))).rejects.toThrow(
      'no token',
    );
    expect(world.rooms).toHaveLength(0);
  });

  it('uses the token that connected the user, and publishes both devices', async () => {
    const call = await join();
    expect(world.connects).toEqual([{ url: 'wss://media.test', token: 'token-1' }]);
    expect(call.state).toEqual({ kind: 'connected' });
    expect(participant(call, 'me')).toMatchObject({
      name: 'Me',
      local: true,
      tracks: { microphone: { muted: false }, camera: { muted: false } },
    });
  });

  it('is there before the others have our devices, which look the same meanwhile', async () => {
    let publish = (): void => undefined;
    world.publishing = new Promise((resolve) => (publish = resolve));
    const call = await join();
    expect(call.state).toEqual({ kind: 'connected' });
    expect(tracksOf(call, 'me')).toMatchObject({
      microphone: { muted: false },
      camera: { muted: false },
    });
    const element = document.createElement('video');
    participant(call, 'me').attach('camera', element);
    expect(streamOf(element)).toEqual([own.devices.input('camera').track]);
    publish();
    await vi.runAllTimersAsync();
    expect(world.room.localParticipant.publications.size).toBe(2);
    expect(tracksOf(call, 'me')).toMatchObject({ microphone: { muted: false } });
    expect(call.problem).toBeUndefined();
  });

  it.each([
    ['failed to publish track, insufficient permissions', 'token-publish-missing'],
    ['publishing timed out', 'publish-failed'],
  ])('goes on when publishing fails for good: %s', async (message, code) => {
    let fail = (): void => undefined;
    world.publishing = new Promise((_, reject) => (fail = () => reject(new Error(message))));
    const call = await join();
    const told = vi.fn();
    call.subscribe(told);
    fail();
    await vi.runAllTimersAsync();
    expect(call.state).toEqual({ kind: 'connected' });
    expect(call.problem).toMatchObject({ code });
    expect(isErrorCode(code)).toBe(true);
    expect(told).toHaveBeenCalled();
    // What nobody gets is not left open either.
    expect(own.hardware.open().filter(({ live }) => live)).toEqual([]);
    expect(tracksOf(call, 'me').camera).toBeUndefined();
  });

  it('counts the time from the first connection', async () => {
    vi.setSystemTime(5_000);
    const call = await join();
    expect(call.since).toBe(5_000);
  });

  it('without devices publishes none', async () => {
    const call = await join(without);
    expect(tracksOf(call, 'me')).toMatchObject({ microphone: undefined, camera: undefined });
  });

  it.each([
    [ConnectionError.notAllowed('token is expired', 401), 'token-expired'],
    [ConnectionError.notAllowed('something new', 401), 'server-refused'],
    [ConnectionError.notAllowed('not you', 403), 'server-refused'],
    [ConnectionError.notAllowed('slow down', 429), 'server-error'],
    [ConnectionError.internal('service unavailable', { status: 503 }), 'server-error'],
    [ConnectionError.timeout('too slow'), 'server-timeout'],
    [ConnectionError.internal('could not establish pc connection'), 'media-blocked'],
    [ConnectionError.serverUnreachable('away'), 'server-unreachable-refused'],
    [new Error('odd'), 'internal'],
  ])('that fails with %s says why', async (refusal, code) => {
    world.refusal = refusal;
    await expect(join()).rejects.toMatchObject({ name: 'CallError', code });
    expect(isErrorCode(code)).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.connects).toHaveLength(1);
  });
});

describe('the end', () => {
  it.each([
    [DisconnectReason.CLIENT_INITIATED, 'left'],
    [DisconnectReason.DUPLICATE_IDENTITY, 'duplicate-identity'],
    [DisconnectReason.PARTICIPANT_REMOVED, 'removed'],
    [DisconnectReason.ROOM_DELETED, 'ended'],
    [DisconnectReason.ROOM_CLOSED, 'ended'],
  ])('for reason %i is told as %s, and nothing is tried again', async (reason, told) => {
    const call = await join();
    world.end(reason);
    expect(call.state).toEqual({ kind: 'disconnected', reason: told });
    expect(isErrorCode(told)).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.rooms).toHaveLength(1);
  });

  it('by leaving ends the sound and every subscription', async () => {
    world.arrive('bo');
    const call = await join();
    const states: string[] = [];
    call.subscribe(() => states.push(call.state.kind));
    world.publish('bo', Microphone);
    expect(document.querySelectorAll('audio')).toHaveLength(1);
    states.length = 0;

    await call.leave();
    expect(call.state).toEqual({ kind: 'disconnected', reason: 'left' });
    expect(states.at(-1)).toBe('disconnected');
    expect(document.querySelectorAll('audio')).toHaveLength(0);
    expect(world.room.listenerCount).toBe(0);
  });

  it('is final: nothing opens a device any more', async () => {
    const call = await join({ camera: true });
    await call.enable('microphone', false);
    await call.leave();
    await call.enable('microphone', true);
    await call.enable('camera', true);
    expect(own.hardware.open().filter(({ live }) => live)).toEqual([]);
    expect(call.state).toEqual({ kind: 'disconnected', reason: 'left' });
  });

  it('is told to those who listen, and not to those who stopped', async () => {
    const call = await join();
    const [stays, goes] = [vi.fn(), vi.fn()];
    call.subscribe(stays);
    const unsubscribe = call.subscribe(goes);
    unsubscribe();
    await call.leave();
    expect(stays).toHaveBeenCalled();
    expect(goes).not.toHaveBeenCalled();
  });
});

describe('participants', () => {
  it('are oneself first, then the others in the order of their coming', async () => {
    world.arrive('cy');
    world.arrive('bo');
    const call = await join();
    world.arrive('al', 'Al Late');
    expect(call.participants.map(({ identity, name }) => [identity, name])).toEqual([
      ['me', 'Me'],
      ['cy', 'cy'],
      ['bo', 'bo'],
      ['al', 'Al Late'],
    ]);
    world.depart('cy');
    expect(call.participants.map(({ identity }) => identity)).toEqual(['me', 'bo', 'al']);
  });

  it('who come late are told of', async () => {
    const call = await join();
    const told = vi.fn();
    call.subscribe(told);
    world.arrive('bo');
    expect(told).toHaveBeenCalled();
  });

  it('mute, which is not the same as a pause', async () => {
    world.arrive('bo');
    const call = await join();
    const camera = (): unknown => tracksOf(call, 'bo').camera;
    expect(camera()).toBeUndefined();
    world.publish('bo', Camera);
    expect(camera()).toEqual({ muted: false, paused: false });
    world.pause('bo', Camera, true);
    expect(camera()).toEqual({ muted: false, paused: true });
    world.pause('bo', Camera, false);
    world.mute('bo', Camera, true);
    expect(camera()).toEqual({ muted: true, paused: false });
    world.mute('bo', Camera, false);
    expect(camera()).toEqual({ muted: false, paused: false });
    world.unpublish('bo', Camera);
    expect(camera()).toBeUndefined();
  });

  it.each([
    ['video/AV1', 'AV1'],
    ['video/vp8', undefined],
    ['', undefined],
  ])('send what may not be playable here (%s)', async (mimeType, unplayable) => {
    const codecs = [{ mimeType: 'video/VP8', clockRate: 90_000 }];
    vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => ({ codecs, headerExtensions: [] }) });
    world.arrive('bo');
    const call = await join();
    world.publish('bo', Camera, mimeType);
    expect(tracksOf(call, 'bo').camera?.unplayable).toBe(unplayable);
    vi.unstubAllGlobals();
  });

  it('speak', async () => {
    world.arrive('bo');
    const call = await join();
    world.speak('bo');
    expect(participant(call, 'bo').speaking).toBe(true);
    expect(participant(call, 'me').speaking).toBe(false);
    world.speak('me');
    expect(participant(call, 'bo').speaking).toBe(false);
    expect(participant(call, 'me').speaking).toBe(true);
  });

  it('are heard as long as they publish', async () => {
    world.arrive('bo');
    await join();
    const track = world.publish('bo', Microphone);
    await vi.advanceTimersByTimeAsync(0);
    expect([...track.elements]).toEqual([...document.querySelectorAll('audio')]);
    world.unpublish('bo', Microphone);
    expect(track.elements.size).toBe(0);
    expect(document.querySelector('audio')).toBeNull();
  });

  it('are seen, also with the next camera', async () => {
    world.arrive('bo');
    const call = await join();
    const video = document.createElement('video');
    const first = world.publish('bo', Camera);
    const attachment = participant(call, 'bo').attach('camera', video);
    expect(first.elements.has(video)).toBe(true);
    world.unpublish('bo', Camera);
    expect(first.elements.has(video)).toBe(false);
    const next = world.publish('bo', Camera);
    expect(next.elements.has(video)).toBe(true);
    attachment.end();
    expect(next.elements.size).toBe(0);
  });
});

describe('the local participant', () => {
  it('mutes and unmutes', async () => {
    const call = await join();
    await call.enable('microphone', false);
    await call.enable('camera', false);
    expect(tracksOf(call, 'me')).toMatchObject({
      microphone: { muted: true },
      camera: { muted: true },
    });
    await call.enable('microphone', true);
    expect(tracksOf(call, 'me')).toMatchObject({
      microphone: { muted: false },
      camera: { muted: true },
    });
  });

  it('opens a device that was not there before, once', async () => {
    const call = await join(without);
    await call.enable('camera', false);
    expect(world.localTracks).toHaveLength(0);
    await call.enable('camera', true);
    await call.enable('camera', false);
    await call.enable('camera', true);
    expect(world.localTracks).toHaveLength(1);
    expect(tracksOf(call, 'me').camera).toEqual({ muted: false, paused: false });
  });
});

describe('chat', () => {
  const texts = (call: Call): string[] => call.messages.map(({ text }) => text);
  const pass = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1_000);

  it('is LiveKit’s own: a text stream, with what we say of it beside', async () => {
    world.arrive('bo', 'Bo');
    const call = await join();
    await call.sendMessage('good day', { to: participant(call, 'bo'), replyTo: 'k' });
    expect(world.texts).toEqual([
      {
        text: 'good day',
        topic: 'lk.chat',
        attributes: {
          'salon.key': call.messages[0]?.key,
          'salon.reply': 'k',
          'salon.private': '1',
        },
        destinationIdentities: ['bo'],
      },
    ]);
  });

  it('is read of other clients: of those with text streams, and of those without', async () => {
    world.arrive('bo', 'Bo');
    const call = await join();
    world.write('bo', ['in ', 'parts'], {}, { id: 'stream' });
    const former = { id: 'packet', timestamp: 1, message: 'in a packet' };
    world.say('bo', JSON.stringify(former), 'lk-chat-topic');
    // What comes as both is there once.
    world.say('bo', JSON.stringify({ ...former, ignoreLegacy: true }), 'lk-chat-topic');
    await pass();
    expect(call.messages.map(({ text, key }) => [text, key]).sort()).toEqual([
      ['in a packet', 'packet'],
      ['in parts', 'stream'],
    ]);
  });

  it.each(['no JSON', '7', 'null', '{}', '{"message":7}', `{"message":"${'x'.repeat(90_000)}"}`])(
    'is not %.20s',
    async (said) => {
      world.arrive('bo');
      const call = await join();
      world.say('bo', said, 'lk-chat-topic');
      expect(call.messages).toEqual([]);
    },
  );

  it('takes no more of a stream than a message has, and nothing of one that broke off', async () => {
    world.arrive('bo');
    const call = await join();
    const megabyte = Array.from({ length: 1_024 }, () => 'x'.repeat(1_024));
    world.write('bo', megabyte);
    world.write('bo', ['half of'], {}, { broken: true });
    await pass();
    expect(texts(call)).toEqual([`${'x'.repeat(14_000)}…`]);
  });

  it('is only what participants send under its topic', async () => {
    world.arrive('bo');
    const call = await join();
    world.say('bo', '{"message":"x"}', 'cursor');
    world.say(undefined, '{"message":"from the server"}', 'lk-chat-topic');
    await pass();
    expect(call.messages).toEqual([]);
  });

  it('does not send what is too long', async () => {
    const call = await join();
    await expect(call.sendMessage('é'.repeat(7_001))).rejects.toMatchObject({ code: 'internal' });
    await call.sendMessage('é'.repeat(7_000));
    expect(world.texts).toHaveLength(1);
    expect(call.messages).toHaveLength(1);
  });
});
