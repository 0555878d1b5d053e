// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Call } from '../../src/call/model';
import { Devices, joinIn, participant, settled } from './joined';
import { newService, somebody, type FakeCall, type Service } from './service';

vi.mock('@stream-io/video-client', async () => (await import('./service')).sdk);

let world: Service;
let call: Call;
/** The SDK's call that the stay is in. */
const sdk = (): FakeCall => world.call;

beforeEach(async () => {
  world = newService();
  call = await joinIn(new Devices('microphone', 'camera'));
  await settled();
});
afterEach(async () => {
  await call.leave();
  vi.unstubAllGlobals();
});

describe('moderation', () => {
  it('asks the server for the user that is meant', async () => {
    sdk().others(somebody('bo/1', { publishedTracks: [1] }));
    const bo = participant(call, 'bo');
    await call.mute(bo, 'microphone');
    await call.mute(bo, 'screen');
    await call.remove(bo);
    await call.record(true);
    await call.record(false);
    await call.caption(true);
    await call.caption(false);
    await call.endForAll();
    expect(sdk().asked).toEqual([
      ['mute', 'bo', 'audio'],
      ['mute', 'bo', 'screenshare'],
      ['kick', { user_id: 'bo' }],
      ['record'],
      ['record no more'],
      ['caption'],
      ['caption no more'],
      ['end'],
    ]);
  });

  it('tells of a refusal', async () => {
    world.answering = () =>
      Promise.reject(Object.assign(new Error('no'), { code: 17, status: 403 }));
    await expect(call.endForAll()).rejects.toMatchObject({ code: 'action-refused' });
  });

  it('what the user may do follows what the server says', () => {
    const without = { 'write-privately': 'provider', 'send-files': 'provider' };
    expect(call.rights).toEqual({ ...without, screen: 'webview' });
    sdk().permit('send-audio');
    expect(call.rights).toEqual({
      ...without,
      camera: 'grant',
      screen: 'webview',
      react: 'grant',
      'mute-others': 'grant',
      'remove-others': 'grant',
      'permit-others': 'grant',
      'end-for-all': 'grant',
      record: 'grant',
      caption: 'grant',
    });
  });

  it('everybody sees that it is recorded, whichever way that is done', () => {
    const { composite, individual, raw } = sdk().recordings;
    individual.value = true;
    raw.value = true;
    expect(call.recording).toBe(true);
    individual.value = false;
    expect(call.recording).toBe(true);
    raw.value = false;
    expect(call.recording).toBe(false);
    composite.value = true;
    expect(call.recording).toBe(true);
  });

  it('ends all recordings that go on, and no others', async () => {
    const { individual, raw } = sdk().recordings;
    individual.value = true;
    await call.record(false);
    expect(sdk().asked).toEqual([['record no more', 'individual']]);
    sdk().record(true, false);
    raw.value = true;
    await call.record(false);
    expect(sdk().asked.slice(1)).toEqual([
      ['record no more'],
      ['record no more', 'individual'],
      ['record no more', 'raw'],
    ]);
  });

  it('everybody sees that it is recorded and captioned', () => {
    sdk().record(true, true);
    expect([call.recording, call.captioning]).toEqual([true, true]);
    sdk().record(false, false);
    expect([call.recording, call.captioning]).toEqual([false, false]);
  });
});
