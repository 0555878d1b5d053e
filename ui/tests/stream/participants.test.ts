// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Call, CallEvent } from '../../src/call/model';
import { Devices, joinIn, participant, settled, SIZE } from './joined';
import { newService, somebody, type FakeCall, type Service } from './service';

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

const names = (): string[] => call.participants.map(({ identity }) => identity);
const what = (): string[] => events.map(({ kind }) => kind);

describe('participants', () => {
  it('are the user first, then those who are there', () => {
    sdk().others(somebody('bo/1', { name: 'Bo' }), somebody('cy/1'));
    expect(names()).toEqual(['ada', 'bo', 'cy']);
    expect(participant(call, 'bo').name).toBe('Bo');
    expect(participant(call, 'cy').name).toBe('cy');
    expect(what()).toEqual(['joined', 'joined']);
  });

  it('a user who is in twice is two', () => {
    sdk().others(somebody('bo/1'), somebody('bo/2'));
    expect(new Set(call.participants.map(({ id }) => id)).size).toBe(3);
  });

  it('who comes back by another connection stays the same, and is not said to have left', () => {
    sdk().others(somebody('bo/1', { publishedTracks: [2] }));
    const bo = participant(call, 'bo');
    bo.setVolume(0.3);
    const element = document.createElement('video');
    bo.attach('camera', element);
    expect(sdk().bound.get(element)).toBe('bo/1 videoTrack');
    sdk().others(somebody('bo/2', { publishedTracks: [2] }));
    expect(participant(call, 'bo')).toBe(bo);
    expect(bo.volume).toBe(0.3);
    expect(sdk().bound.get(element)).toBe('bo/2 videoTrack');
    expect(what()).toEqual(['joined']);
  });

  it('a picture is asked for once its element has a size', () => {
    let laidOut = (): void => undefined;
    class Observer {
      constructor(told: () => void) {
        laidOut = told;
      }
      observe = vi.fn();
      disconnect = vi.fn();
    }
    vi.stubGlobal('ResizeObserver', Observer);
    sdk().others(somebody('bo/1', { publishedTracks: [2] }));
    const element = document.createElement('video');
    const { width } = SIZE;
    SIZE.width = 0;
    participant(call, 'bo').attach('camera', element);
    expect(sdk().bound.has(element)).toBe(false);
    SIZE.width = width;
    laidOut();
    expect(sdk().bound.get(element)).toBe('bo/1 videoTrack');
  });

  it('the user stays the same through every reconnection', () => {
    const me = participant(call, 'ada');
    sdk().mend('rejoin');
    sdk().mend('migrate');
    sdk().mend('fast');
    expect(participant(call, 'ada')).toBe(me);
    expect(events).toEqual([]);
  });

  it('nobody is said to have left while the own connection is mended', () => {
    sdk().others(somebody('bo/1'));
    const bo = participant(call, 'bo');
    sdk().become('reconnecting');
    sdk().others();
    expect(call.state.kind).toBe('reconnecting');
    sdk().others(somebody('bo/1'));
    sdk().become('joined');
    expect(participant(call, 'bo')).toBe(bo);
    expect(what()).toEqual(['joined']);
  });

  it('is seen and heard on while the own connection is mended', () => {
    sdk().others(somebody('bo/1', { publishedTracks: [2] }));
    const element = document.createElement('video');
    participant(call, 'bo').attach('camera', element);
    sdk().become('reconnecting');
    sdk().others();
    expect(sdk().bound.has(element)).toBe(true);
    expect(participant(call, 'bo').tracks.camera).toEqual({ muted: false, paused: false });
  });

  it('who muted is known to have a microphone, who never had one is not', () => {
    sdk().others(somebody('bo/1', { publishedTracks: [1] }), somebody('cy/1'));
    expect(participant(call, 'bo').tracks.microphone).toEqual({ muted: false, paused: false });
    sdk().others(somebody('bo/1'), somebody('cy/1'));
    expect(participant(call, 'bo').tracks.microphone).toEqual({ muted: true, paused: false });
    expect(participant(call, 'cy').tracks.microphone).toBeUndefined();
  });

  it('what the server holds back is paused', () => {
    sdk().others(somebody('bo/1', { publishedTracks: [2], pausedTracks: [2] }));
    expect(participant(call, 'bo').tracks.camera).toEqual({ muted: false, paused: true });
  });

  it('those who speak are told, the loudest first', () => {
    sdk().others(
      somebody('bo/1', { isSpeaking: true, audioLevel: 0.2 }),
      somebody('cy/1', { isSpeaking: true, audioLevel: 0.6 }),
    );
    expect(call.speakers.map(({ identity }) => identity)).toEqual(['cy', 'bo']);
    expect(participant(call, 'bo').speaking).toBe(true);
  });

  it('a screen is shown as one', () => {
    sdk().others(somebody('bo/1', { publishedTracks: [2, 3] }));
    const element = document.createElement('video');
    const shown = participant(call, 'bo').attach('screen', element);
    expect(sdk().bound.get(element)).toBe('bo/1 screenShareTrack');
    shown.end();
    expect(sdk().bound.size).toBe(0);
  });

  it('a picture that is taken away while the SDK tells of it is taken away once', () => {
    sdk().others(somebody('bo/1', { publishedTracks: [2] }));
    const element = document.createElement('video');
    participant(call, 'bo').attach('camera', element);
    sdk().others(somebody('bo/1'));
    expect(sdk().bound.size).toBe(0);
    expect(sdk().binds).toEqual(['bind', 'unbind']);
  });

  it('a picture is asked for in the size that it is shown in', () => {
    sdk().others(somebody('bo/1', { publishedTracks: [2] }));
    const size = { width: 320, height: 180 };
    const shown = participant(call, 'bo').attach('camera', document.createElement('video'), size);
    expect(sdk().preferred.get('bo/1')).toEqual(size);
    shown.end();
    expect(sdk().preferred.get('bo/1')).toBeUndefined();
  });
});
