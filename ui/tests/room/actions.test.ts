import { beforeEach, describe, expect, it } from 'vitest';

import { Failures } from '../../src/errors/failures.svelte';
import { RoomActions } from '../../src/room/actions.svelte';
import { Moderation } from '../../src/room/people';
import { ShownCall, someone } from '../support/standIns';

let call: ShownCall;
let failures: Failures;
let switches: { microphone: 'on' | 'off'; camera: 'opening' };
let actions: RoomActions;

beforeEach(() => {
  call = new ShownCall();
  failures = new Failures(() => undefined);
  switches = { microphone: 'off', camera: 'opening' };
  actions = new RoomActions(call, { switches }, failures);
});

const request = { participant: someone('bo'), source: 'screen' } as const;

describe('what the user does in a room', () => {
  it('inverts what the switch shows, also of a device that is slow to follow', async () => {
    await actions.toggle('microphone');
    await actions.toggle('camera');
    switches.microphone = 'on';
    await actions.toggle('microphone');
    expect(call.enable.mock.calls).toEqual([
      ['microphone', true],
      ['camera', false],
      ['microphone', false],
    ]);
  });

  it('answers the host: what is declined is not switched on', () => {
    actions.answerHost('camera', false);
    expect(call.decline).toHaveBeenCalledExactlyOnceWith('camera');
    expect(call.enable).not.toHaveBeenCalled();
    actions.answerHost('camera', true);
    expect(call.enable).toHaveBeenCalledExactlyOnceWith('camera', true);
  });

  it.each([
    ['screen', () => call.enable, () => actions.share(true)],
    ['hand', () => call.raiseHand, () => actions.raiseHand(true)],
    ['request', () => call.answer, () => actions.answerRequest(request, true)],
    ['chat', () => call.sendMessage, () => actions.send('hi').catch(() => undefined)],
  ] as const)(
    'tells what failed until it works, and nothing else: %s',
    async (subject, asked, act) => {
      failures.tell('call', { code: 'connection-lost' });
      asked().mockRejectedValueOnce({ code: 'action-refused' });
      await act();
      await expect.poll(() => failures.of(subject)?.code).toBe('action-refused');
      await act();
      await expect.poll(() => failures.of(subject)).toBeUndefined();
      expect(failures.of('call')?.code).toBe('connection-lost');
    },
  );

  it('tells nothing of what fails once the user has left', async () => {
    const moderation = new Moderation(call, failures);
    call.raiseHand.mockRejectedValueOnce({ code: 'action-refused' });
    call.remove.mockRejectedValueOnce({ code: 'action-refused' });
    call.change({ state: { kind: 'disconnected', reason: 'left' } });
    await actions.raiseHand(true);
    await moderation.remove(someone('bo'));
    expect(failures.newest()).toBeUndefined();
  });

  it('tells why a device could not be opened, in words for that device', async () => {
    call.enable.mockRejectedValueOnce(Object.assign(new Error(), { name: 'NotFoundError' }));
    await actions.toggle('microphone');
    expect(failures.of('microphone')).toEqual({ code: 'no-microphone' });
  });

  it('gives back what could not be written, after that was told', async () => {
    const fault = { code: 'internal' };
    call.sendMessage.mockRejectedValueOnce(fault);
    await expect(actions.send('hi')).rejects.toBe(fault);
    expect(failures.of('chat')?.code).toBe('internal');
  });

  it('ends the meeting once, and can again if that failed', async () => {
    let fail: (fault: object) => void = () => undefined;
    const ended = actions.endForEveryone(() => new Promise((_, reject) => (fail = reject)));
    expect(actions.ending).toBe(true);
    fail({ code: 'backend-timeout' });
    await ended;
    expect(actions.ending).toBe(false);
    expect(failures.of('general')?.code).toBe('backend-timeout');
  });
});
