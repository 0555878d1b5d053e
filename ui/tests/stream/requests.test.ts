// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Call } from '../../src/call/model';
import { joinIn } from './joined';
import { EVERYTHING, newService, somebody, type FakeCall, type Service } from './service';

vi.mock('@stream-io/video-client', async () => (await import('./service')).sdk);

let world: Service;
let call: Call;
const sdk = (): FakeCall => world.call;
const cid = 'default:meeting';

beforeEach(async () => {
  world = newService();
  call = await joinIn();
});
afterEach(async () => {
  await call.leave();
  vi.unstubAllGlobals();
});

describe('requests for permissions', () => {
  const ask = (id: string, ...permissions: string[]): void =>
    sdk().emit('call.permission_request', { call_cid: cid, permissions, user: { id } });
  const asked = (): string[] =>
    call.requests.map(({ participant: { identity }, source }) => `${identity} ${source}`);

  it('are shown to whoever may give them, and only to them', () => {
    sdk().others(somebody('bo/1'));
    ask('bo', 'send-audio', 'screenshare');
    expect(asked()).toEqual(['bo microphone', 'bo screen']);
    sdk().permit(...EVERYTHING.filter((each) => each !== 'update-call-permissions'));
    expect(asked()).toEqual([]);
  });

  it('for anything else, of another call, and of who is not there are none', () => {
    sdk().others(somebody('bo/1'));
    ask('bo', 'end-call');
    ask('nobody', 'send-audio');
    const permissions = ['send-audio'];
    const elsewhere = { call_cid: 'default:other', permissions, user: { id: 'bo' } };
    sdk().emit('call.permission_request', elsewhere);
    expect(asked()).toEqual([]);
  });

  it('in a flood are bounded', () => {
    const many = Array.from({ length: 500 }, (_, index) => somebody(`guest${index}/1`));
    sdk().others(...many);
    for (const { userId } of many) ask(userId, 'send-audio');
    expect(call.requests.length).toBeLessThanOrEqual(20);
  });

  it('go once somebody else has given them, or they are used', () => {
    sdk().others(somebody('bo/1'), somebody('cy/1'));
    ask('bo', 'send-audio');
    ask('cy', 'send-video');
    const given = { call_cid: cid, own_capabilities: ['send-audio'], user: { id: 'bo' } };
    sdk().emit('call.permissions_updated', given);
    expect(asked()).toEqual(['cy camera']);
    sdk().others(somebody('bo/1'), somebody('cy/1', { publishedTracks: [2] }));
    expect(asked()).toEqual([]);
  });

  it('that the server does not let the user answer stay', async () => {
    sdk().others(somebody('bo/1'));
    ask('bo', 'send-audio');
    const [request] = call.requests;
    world.answering = () =>
      Promise.reject(Object.assign(new Error('no'), { code: 17, status: 403 }));
    if (request === undefined) throw new Error('nothing was asked');
    await expect(call.answer(request, true)).rejects.toMatchObject({ code: 'action-refused' });
    expect(asked()).toEqual(['bo microphone']);
  });
});
