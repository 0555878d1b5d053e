// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Call, CallEvent, CallState } from '../../src/call/model';
import { Devices, grants, joinIn, participant, settled } from './joined';
import { EVERYTHING, newService, somebody, type FakeCall, type Service } from './service';

vi.mock('@stream-io/video-client', async () => (await import('./service')).sdk);

let world: Service;
let devices: Devices;
let call: Call;
let events: CallEvent[];
/** The SDK's call that the last stay is in. */
const sdk = (): FakeCall => world.call;

beforeEach(async () => {
  world = newService();
  devices = new Devices('microphone', 'camera');
  call = await joinIn(devices);
  events = [];
  call.listen((event) => events.push(event));
  await settled();
});
afterEach(async () => {
  await call.leave();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const user = { id: 'ada' };
const cid = 'default:meeting';
const names = (): string[] => call.participants.map(({ identity }) => identity);

describe('own tracks', () => {
  it('the others get what is on, and nothing of what is switched off', async () => {
    expect(sdk().published.get(1)).toBe(devices.track('microphone'));
    expect(sdk().published.get(2)).toBe(devices.track('camera'));
    await call.enable('microphone', false);
    expect([...sdk().published.keys()]).toEqual([2]);
    await call.enable('microphone', true);
    expect(sdk().published.get(1)).toBe(devices.track('microphone'));
  });

  it('another device takes the place of the one before', async () => {
    devices.replace('camera');
    await settled();
    expect(sdk().published.get(2)).toBe(devices.track('camera'));
  });

  it('a shared screen is published, and taken back', async () => {
    await call.enable('screen', true).catch(() => undefined);
    expect(call.rights.screen).toBe('webview');
    await devices.enable('screen', true);
    await settled();
    expect(sdk().published.get(3)).toBe(devices.track('screen'));
    await devices.enable('screen', false);
    await settled();
    expect(sdk().published.has(3)).toBe(false);
  });

  it('nothing is sent of what is switched off while the connection is mended', async () => {
    sdk().become('reconnecting');
    await call.enable('microphone', false);
    expect([...sdk().published.keys()]).toEqual([2]);
    sdk().become('joined');
    await settled();
    expect([...sdk().published.keys()]).toEqual([2]);
    expect(sdk().stopped.at(-1)).toBe(1);
  });

  it('what is switched off while it is being published is sent no longer', async () => {
    await call.enable('camera', false);
    const stopped = sdk().stopped.length;
    let go = (): void => undefined;
    world.publishing = () => new Promise((resolve) => (go = resolve));
    const on = call.enable('camera', true);
    await settled();
    void call.enable('camera', false);
    await settled();
    expect(sdk().stopped.length).toBeGreaterThan(stopped);
    go();
    await on;
    await settled();
    expect(sdk().published.has(2)).toBe(false);
  });

  it.each(['rejoin', 'migrate'] as const)('are published again after a %s', async (how) => {
    sdk().mend(how);
    expect(sdk().published.size).toBe(0);
    await settled();
    expect([...sdk().published.keys()]).toEqual([1, 2]);
  });

  it('are published again though what was under way never ends', async () => {
    await call.enable('camera', false);
    world.publishing = () => new Promise(() => undefined);
    void call.enable('camera', true);
    await settled();
    world.publishing = undefined;
    sdk().mend('rejoin');
    await settled();
    expect([...sdk().published.keys()].sort()).toEqual([1, 2]);
  });

  it('what was published by a connection that is no more does not count', async () => {
    await call.enable('camera', false);
    let go = (): void => undefined;
    world.publishing = () => new Promise((resolve) => (go = resolve));
    void call.enable('camera', true);
    await settled();
    world.publishing = () => Promise.resolve();
    sdk().become('reconnecting');
    sdk().renew();
    go();
    await settled();
    sdk().published.clear();
    sdk().become('joined');
    await settled();
    expect([...sdk().published.keys()].sort()).toEqual([1, 2]);
  });

  it('are published again by a connection that was made anew after the SDK said so', async () => {
    sdk().become('reconnecting');
    sdk().become('joined');
    await settled();
    sdk().renew();
    await settled();
    expect([...sdk().published.keys()].sort()).toEqual([1, 2]);
  });

  it('what could not be published and is switched off is open no longer', async () => {
    await call.enable('camera', false);
    world.publishing = () => Promise.reject(new Error('negotiation failed'));
    await call.enable('camera', true);
    expect(sdk().clones.has(2)).toBe(true);
    await call.enable('camera', false);
    expect(sdk().clones.has(2)).toBe(false);
  });

  it('what is switched off and on while it is being published is there', async () => {
    await call.enable('microphone', false);
    const going: (() => void)[] = [];
    world.publishing = () => new Promise((resolve) => going.push(resolve));
    const wishes = [true, false, true].map((on) => call.enable('microphone', on));
    await settled();
    world.publishing = undefined;
    for (const go of going) go();
    await Promise.all(wishes);
    await settled();
    expect(sdk().published.get(1)).toBe(devices.track('microphone'));
  });

  it('what is switched off and on while the connection is mended is there afterwards', async () => {
    sdk().become('reconnecting');
    await call.enable('microphone', false);
    void call.enable('microphone', true);
    await settled();
    sdk().become('joined');
    await settled();
    expect(sdk().published.get(1)).toBe(devices.track('microphone'));
  });

  it.each(['rejoin', 'migrate'] as const)(
    'nothing stays open of what the SDK forgot in a %s',
    async (how) => {
      expect(world.open).toEqual(['audio', 'video']);
      for (let time = 0; time < 3; time += 1) {
        sdk().mend(how);
        await settled();
      }
      expect(world.open).toEqual(['audio', 'video']);
      await call.enable('camera', false);
      expect(world.open).toEqual(['audio']);
    },
  );

  it('nothing is open of what is off, also of what is still being published', async () => {
    await call.enable('camera', false);
    world.publishing = () => new Promise(() => undefined);
    void call.enable('camera', true);
    await settled();
    sdk().renew();
    expect(world.open).toEqual(['audio', 'video']);
    void call.enable('camera', false);
    expect(world.open).not.toContain('video');
  });

  it('nothing is open once the call was left, also of what is published later', async () => {
    await call.leave();
    expect(world.open).toEqual([]);
    for (const track of sdk().given.flatMap((each) => each.getTracks())) track.clone().clone();
    expect(world.open).toEqual([]);
  });

  it('a copy that somebody else makes of one stays open, whatever becomes of those that are sent', async () => {
    // As whoever is muted is listened to.
    const copy = devices.track('microphone')?.clone();
    await call.enable('camera', false);
    await call.enable('camera', true);
    sdk().mend('rejoin');
    await settled();
    expect(copy?.readyState).toBe('live');
    await call.enable('microphone', false);
    expect(world.open).toEqual(['audio', 'video']);
    await call.leave();
    expect([world.open, copy?.readyState]).toEqual([['audio'], 'live']);
  });

  it('what could not be published is tried again', async () => {
    vi.useFakeTimers();
    await call.enable('camera', false);
    world.publishing = () => Promise.reject(new Error('negotiation failed'));
    await call.enable('camera', true);
    expect(call.problem?.code).toBe('publish-failed');
    expect(participant(call, 'ada').tracks.camera).toEqual({ muted: false, paused: true });
    world.publishing = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sdk().published.has(2)).toBe(true);
    expect(call.problem).toBeUndefined();
  });

  it('what is given up is closed, and that it could not be shown stays told', async () => {
    vi.useFakeTimers();
    await call.enable('camera', false);
    world.publishing = () => Promise.reject(new Error('negotiation failed'));
    await call.enable('camera', true);
    await vi.advanceTimersByTimeAsync(15 * 60_000);
    expect(devices.track('camera')).toBeUndefined();
    expect(call.problem?.code).toBe('publish-failed');
    // Whoever wants it once more has as much patience again.
    await call.enable('camera', true);
    expect(participant(call, 'ada').tracks.camera).toEqual({ muted: false, paused: true });
    world.publishing = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sdk().published.has(2)).toBe(true);
    expect(call.problem).toBeUndefined();
  });

  it('what was shown after all is not said to fail, though something else may not be shown', async () => {
    vi.useFakeTimers();
    sdk().permit('send-video');
    await settled();
    expect(call.problem?.code).toBe('token-publish-missing');
    await call.enable('camera', false);
    // The server never answers.
    world.publishing = () => new Promise(() => undefined);
    void call.enable('camera', true);
    await vi.advanceTimersByTimeAsync(15_100);
    expect(call.problem?.code).toBe('publish-failed');
    expect(participant(call, 'ada').tracks.camera).toEqual({ muted: false, paused: true });
    world.publishing = undefined;
    await vi.advanceTimersByTimeAsync(16_000);
    expect(sdk().published.has(2)).toBe(true);
    expect(participant(call, 'ada').tracks.camera).toEqual({ muted: false, paused: false });
    expect(call.problem?.code).toBe('token-publish-missing');
  });

  it('a permission that is taken back closes the device, and the user is told', async () => {
    world.mayRequest = true;
    sdk().permit('send-audio');
    await settled();
    expect(devices.track('camera')).toBeUndefined();
    expect(sdk().published.has(2)).toBe(false);
    expect(call.problem?.code).toBe('token-publish-missing');
    expect(events).toEqual([{ kind: 'moderated', source: 'camera' }]);
    // Nobody is asked for what was just taken.
    expect(sdk().asked).toEqual([]);
  });

  it('a camera that nobody may be shown is closed, and the user told', async () => {
    sdk().permit('send-audio');
    await call.enable('camera', false);
    await expect(call.enable('camera', true)).rejects.toMatchObject({
      code: 'token-publish-missing',
    });
    expect(devices.track('camera')).toBeUndefined();
    // Joined with it, before anybody said so.
    await devices.enable('camera', true);
    await settled();
    expect(call.problem?.code).toBe('token-publish-missing');
    expect(devices.track('camera')).toBeUndefined();
  });

  it('a permission that was asked for and given is the user’s to use', async () => {
    world.mayRequest = true;
    sdk().permit('send-video');
    await call.enable('microphone', false);
    await expect(call.enable('microphone', true)).rejects.toMatchObject({
      code: 'permission-asked',
    });
    expect(sdk().asked).toContainEqual(['permissions', { permissions: ['send-audio'] }]);
    expect(call.asked).toEqual([]);
    sdk().permit(...EVERYTHING);
    expect(call.asked).toEqual(['microphone']);
    expect(sdk().published.has(1)).toBe(false);
    await call.enable('microphone', true);
    expect(sdk().published.has(1)).toBe(true);
    expect(call.asked).toEqual([]);
  });

  it('who was denied what they asked for is told so, and asked when it is given after all', async () => {
    world.mayRequest = true;
    sdk().permit('send-video');
    await call.enable('microphone', true).catch(() => undefined);
    events.length = 0;
    const told = (id: string, ...own_capabilities: string[]): void =>
      sdk().emit('call.permissions_updated', { call_cid: cid, own_capabilities, user: { id } });
    // What becomes of others, and of something else, is no answer.
    told('bo', 'send-video');
    told('ada', 'send-video', 'create-reaction');
    expect(events).toEqual([]);
    told('ada', 'create-reaction', 'send-video');
    expect(events).toMatchObject([{ kind: 'warning', error: { code: 'permission-denied' } }]);
    told('ada', 'create-reaction', 'send-video');
    expect(events).toHaveLength(1);
    sdk().permit(...EVERYTHING);
    expect(call.asked).toEqual(['microphone']);
  });

  it('a moderator switches them off, and only the user on again', async () => {
    sdk().emit('trackUnpublished', { sessionId: sdk().sessionId, type: 1, cause: 3 });
    await settled();
    expect(sdk().clones.has(1)).toBe(false);
    expect(devices.track('microphone')).toBeUndefined();
    expect(events).toEqual([{ kind: 'moderated', source: 'microphone' }]);
    expect(sdk().published.has(1)).toBe(false);
    await call.enable('microphone', true);
    expect(sdk().published.has(1)).toBe(true);
  });

  it('the sound of a screen that a moderator silenced is not even open any more', async () => {
    devices.replace('screen');
    devices.replace('screen-audio');
    await settled();
    expect(sdk().published.get(4)).toBe(devices.track('screen-audio'));
    sdk().emit('trackUnpublished', { sessionId: sdk().sessionId, type: 4, cause: 3 });
    devices.replace('camera');
    sdk().mend('rejoin');
    await settled();
    expect([sdk().published.has(4), sdk().clones.has(4)]).toEqual([false, false]);
    expect(sdk().published.get(3)).toBe(devices.track('screen'));
    expect(events).toEqual([{ kind: 'moderated', source: 'screen-audio' }]);
    // Another screen is shared.
    devices.replace('screen-audio');
    await settled();
    expect(sdk().published.get(4)).toBe(devices.track('screen-audio'));
  });

  it('what others have taken back of theirs leaves one’s own alone', async () => {
    sdk().others(somebody('bo/1'));
    sdk().emit('trackUnpublished', { sessionId: 'bo/1', type: 1, cause: 3 });
    await settled();
    expect(devices.track('microphone')).toBeDefined();
  });
});

describe('the end', () => {
  const said: readonly (readonly [string, (call: FakeCall) => void, object])[] = [
    ['kicked', (it) => it.emit('callEnded', { reason: 3 }), { reason: 'removed' }],
    [
      'kicked, as the coordinator says it',
      (it) => it.emit('call.kicked_user', { call_cid: cid, user }),
      { reason: 'removed' },
    ],
    [
      'blocked',
      (it) => it.emit('call.blocked_user', { call_cid: cid, user }),
      { reason: 'removed' },
    ],
    ['ended', (it) => it.emit('callEnded', { reason: 1 }), { reason: 'ended' }],
    ['its time is up', (it) => it.emit('callEnded', { reason: 4 }), { reason: 'ended' }],
    [
      'ended, as the coordinator says it',
      (it) => it.emit('call.ended', { call_cid: cid }),
      { reason: 'ended' },
    ],
    [
      'the media server wants us to go',
      (it) => it.emit('error', { error: { code: 403, message: 'no' }, reconnectStrategy: 1 }),
      { reason: 'refused', code: 'server-refused' },
    ],
    [
      'the media server has nothing for us any more',
      (it) => it.emit('error', { error: { code: 401, message: 'no' }, reconnectStrategy: 1 }),
      { reason: 'refused', code: 'server-refused' },
    ],
    [
      'no media ever comes through',
      (it) => it.leaveByItself('webrtc_unsupported_network'),
      { reason: 'refused', code: 'media-blocked' },
    ],
  ];
  it.each(said)('%s', async (_, say, end) => {
    say(sdk());
    await vi.waitFor(() => expect(call.state).toEqual({ kind: 'disconnected', ...end }));
    await settled();
    expect(sdk().state.callingState).toBe('left');
    expect(world.disconnected).toBe(1);
    expect(world.calls).toHaveLength(1);
  });

  it('why the SDK left may come after that it did', async () => {
    sdk().become('left');
    sdk().emit('callEnded', { reason: 3 });
    await vi.waitFor(() => expect(call.state).toMatchObject({ reason: 'removed' }));
  });

  it('what becomes of other calls and others is none of ours', async () => {
    sdk().emit('call.ended', { call_cid: 'default:other' });
    sdk().emit('call.blocked_user', { call_cid: cid, user: { id: 'bo' } });
    await settled();
    expect(call.state.kind).toBe('connected');
  });

  it('leaving leaves no listener, connection or track behind', async () => {
    await call.leave();
    expect(call.state).toEqual({ kind: 'disconnected', reason: 'left' });
    expect(sdk().listenerCount).toBe(0);
    expect(sdk().leaves).toBe(1);
    expect(world.disconnected).toBe(1);
    expect(devices.track('camera')?.readyState).toBe('live');
  });

  it('the others see at once that the window is gone', () => {
    dispatchEvent(new Event('pagehide'));
    expect(sdk().state.callingState).toBe('left');
  });
});

describe('what the SDK cannot mend', () => {
  beforeEach(() => void vi.useFakeTimers());
  const states = (): CallState['kind'][] => {
    const seen: CallState['kind'][] = [];
    call.subscribe(() => {
      if (seen.at(-1) !== call.state.kind) seen.push(call.state.kind);
    });
    return seen;
  };

  it.each(['reconnecting-failed', 'left'] as const)(
    'after "%s" the user joins anew with a fresh token',
    async (state) => {
      const seen = states();
      sdk().others(somebody('bo/1'));
      const bo = participant(call, 'bo');
      const me = participant(call, 'ada');
      sdk().become(state);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(world.calls).toHaveLength(2);
      expect(world.tokens).toEqual(['first', 'second']);
      sdk().others(somebody('bo/1'));
      expect(seen).toEqual(['connected', 'reconnecting', 'connected']);
      expect(names()).toEqual(['ada', 'bo']);
      expect(participant(call, 'bo')).toBe(bo);
      expect(participant(call, 'ada')).toBe(me);
      expect([...sdk().published.keys()]).toEqual([1, 2]);
      expect(world.calls[0]?.listenerCount).toBe(0);
    },
  );

  it('after a media server in trouble that wants us to go the user joins anew', async () => {
    sdk().emit('error', { error: { code: 500, message: 'oops' }, reconnectStrategy: 1 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(world.calls).toHaveLength(2);
    expect(call.state.kind).toBe('connected');
  });

  it('who was blocked while away does not wait in vain', async () => {
    world.joining = () => Promise.reject(Object.assign(new Error('no'), { code: 17, status: 403 }));
    sdk().become('reconnecting-failed');
    await vi.advanceTimersByTimeAsync(60_000);
    const code = 'server-refused';
    expect(call.state).toEqual({ kind: 'disconnected', reason: 'refused', code });
    expect(world.calls).toHaveLength(2);
  });

  it('where all media servers are full for a while the user comes back', async () => {
    const errorEvent = { error: { code: 700, message: 'full' } };
    world.joining = () => Promise.reject(Object.assign(new Error('full'), { errorEvent }));
    sdk().become('reconnecting-failed');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(call.state.kind).toBe('reconnecting');
    world.joining = undefined;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(call.state.kind).toBe('connected');
  });

  it('a computer that is offline does not wait for ever', async () => {
    sdk().become('offline');
    await vi.advanceTimersByTimeAsync(40_000);
    expect(world.calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(world.calls).toHaveLength(2);
    expect(call.state.kind).toBe('connected');
  });

  it('one that stays away is told to be lost', async () => {
    world.connecting = () => Promise.reject(new Error('{"code":1006}'));
    sdk().become('reconnecting-failed');
    await vi.advanceTimersByTimeAsync(660_000);
    expect(call.state).toEqual({ kind: 'disconnected', reason: 'connection-lost' });
  });

  it('coming back to a call that is over ends it', async () => {
    world.joining = () =>
      Promise.reject(Object.assign(new Error('gone'), { code: 16, status: 404 }));
    sdk().become('reconnecting-failed');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(call.state).toEqual({
      kind: 'disconnected',
      reason: 'refused',
      code: 'meeting-not-found',
    });
  });

  it('a connection that was mended in time is not given up later', async () => {
    sdk().become('reconnecting');
    await vi.advanceTimersByTimeAsync(30_000);
    sdk().become('joined');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.calls).toHaveLength(1);
    expect(call.state.kind).toBe('connected');
  });

  it('who leaves meanwhile is not brought back', async () => {
    sdk().become('reconnecting-failed');
    await call.leave();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.calls).toHaveLength(1);
    expect(call.state).toMatchObject({ reason: 'left' });
  });

  it('who leaves while a token is fetched is not even connected any more', async () => {
    await call.leave();
    let go = (): void => undefined;
    const fetch = grants();
    let held: Promise<void> | undefined = undefined;
    call = await joinIn(devices, async () => {
      await held;
      return await fetch();
    });
    const connected = world.connected;
    held = new Promise((resolve) => (go = resolve));
    sdk().become('reconnecting-failed');
    await vi.advanceTimersByTimeAsync(1_000);
    await call.leave();
    go();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(world.connected).toBe(connected);
  });
});

it('a try to join that succeeds after it was given up is left again', async () => {
  let enter = (): void => undefined;
  world.gate = new Promise((resolve) => (enter = resolve));
  const giveUp = new AbortController();
  const joining = joinIn(new Devices(), grants(), giveUp.signal);
  const failed = expect(joining).rejects.toThrow();
  await settled();
  giveUp.abort();
  await failed;
  enter();
  await settled();
  expect(sdk().state.callingState).toBe('left');
});

// The other tests here run without the SDK, too; the build decides whether there is an adapter.
it.skipIf(STREAM_INSTALLED)('a build without the SDK says that it has no adapter', async () => {
  const { loadProvider } = await import('../../src/call/providers');
  await expect(loadProvider('stream')).rejects.toMatchObject({ code: 'provider-missing' });
});

it.runIf(STREAM_INSTALLED)('grants of another provider are refused', async () => {
  const { loadProvider } = await import('../../src/call/providers');
  const provider = await loadProvider('stream');
  const other = { provider: 'livekit', token: '', serverUrl: '', identity: '', room: '' } as const;
  await expect(provider.connectUser(() => Promise.resolve(other))).rejects.toMatchObject({
    code: 'provider-missing',
  });
  expect((await provider.connectUser(grants())).identity).toBe('ada');
});
