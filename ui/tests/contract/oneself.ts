import { describe, expect, it, vi } from 'vitest';

import { eventsOf, find, live, pass, type Scene } from './scene';

/** What the user does, may do, and is asked. */
export function oneself(scene: Scene): void {
  describe('what the user switches', () => {
    it('is what the others get', async () => {
      const call = await scene.join();
      await call.enable('camera', false);
      await call.enable('microphone', false);
      await pass();
      expect(scene.hardware.open('video')).toEqual([]);
      expect(scene.other.sent('camera')).toBe('nothing');
      expect(scene.other.sent('microphone')).toBe(scene.muted);
      expect(find(call, 'me').tracks.microphone?.muted).toBe(true);
      await call.enable('camera', true);
      await call.enable('microphone', true);
      await pass();
      expect([scene.other.sent('camera'), scene.other.sent('microphone')]).toEqual([
        'live',
        'live',
      ]);
    });

    it('is a shared screen as well, with its sound, until it is ended', async () => {
      scene.hardware.allowScreens();
      const call = await scene.join();
      expect(call.rights.screen).toBeUndefined();
      await call.enable('screen', true);
      await pass();
      expect([scene.other.sent('screen'), scene.other.sent('screen-audio')]).toEqual([
        'live',
        'live',
      ]);
      expect(find(call, 'me').tracks).toMatchObject({ screen: live, 'screen-audio': live });
      await call.enable('screen', false);
      await pass();
      expect([scene.other.sent('screen'), scene.other.sent('screen-audio')]).toEqual([
        'nothing',
        'nothing',
      ]);
      expect(scene.hardware.screens.every(({ readyState }) => readyState === 'ended')).toBe(true);
      expect(find(call, 'me').tracks.screen).toBeUndefined();
      // By the browser's own button.
      await call.enable('screen', true);
      await pass();
      scene.hardware.endScreens();
      await pass();
      expect(scene.other.sent('screen')).toBe('nothing');
      expect(find(call, 'me').tracks.screen).toBeUndefined();
    });

    it('is no screen where the webview has none', async () => {
      const call = await scene.join();
      expect(call.rights.screen).toBe('webview');
      await expect(call.enable('screen', true)).rejects.toThrow();
      expect(scene.other.sent('screen')).toBe('nothing');
    });
  });

  describe('rights', () => {
    it('that are taken close a microphone as well, though muting leaves it open', async () => {
      const call = await scene.join();
      await call.enable('microphone', false);
      await pass();
      expect(scene.hardware.open('audio')).toHaveLength(1);
      await scene.other.permit(['camera'], true);
      await pass();
      expect(scene.hardware.open('audio')).toEqual([]);
      await scene.other.permit(['microphone', 'camera'], true);
      await call.enable('microphone', true);
      await pass();
      expect(scene.other.sent('microphone')).toBe('live');
      await scene.other.permit(['camera'], true);
      await pass();
      expect(scene.hardware.open('audio')).toEqual([]);
      expect(scene.other.sent('camera')).toBe('live');
    });

    it('that are given back are told of as missing no longer', async () => {
      const call = await scene.join();
      await scene.other.permit(['microphone'], true);
      await pass();
      expect(call.problem).toMatchObject({ code: 'token-publish-missing' });
      await scene.other.permit(['microphone', 'camera'], true);
      await pass();
      expect(call.problem).toBeUndefined();
    });

    scene.where('moderation by participants')('over others and over all are used', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      const bo = find(call, 'bo');
      scene.other.publish('bo', 'microphone');
      const held = ['mute-others', 'remove-others', 'record', 'caption', 'end-for-all'] as const;
      expect(held.map((action) => call.rights[action])).toEqual(held.map(() => undefined));
      await call.mute(bo, 'microphone');
      await call.record(true);
      await call.record(false);
      await call.caption(true);
      await call.caption(false);
      await call.remove(bo);
      await call.endForAll();
      expect(scene.other.moderated).toEqual([
        'mute bo microphone',
        'record',
        'record no more',
        'caption',
        'caption no more',
        'remove bo',
        'end',
      ]);
    });

    it('that are taken close the scene.devices, and none is opened without', async () => {
      const call = await scene.join();
      const events = eventsOf(call);
      await scene.other.permit(['microphone'], true);
      await pass();
      expect(call.rights).toMatchObject({ camera: 'grant' });
      expect(call.rights.microphone).toBeUndefined();
      expect(scene.hardware.open('video')).toEqual([]);
      expect(scene.other.sent('microphone')).toBe('live');
      expect(events).toEqual([{ kind: 'moderated', source: 'camera' }]);
      const { length } = scene.hardware.opened;
      await expect(call.enable('camera', true)).rejects.toMatchObject({
        code: 'token-publish-missing',
      });
      expect(scene.hardware.opened).toHaveLength(length);
      await scene.other.permit(['microphone', 'camera'], true);
      await pass();
      expect(call.rights.camera).toBeUndefined();
      expect(scene.hardware.open('video')).toEqual([]);
      await call.enable('camera', true);
      await pass();
      expect(scene.other.sent('camera')).toBe('live');
    });

    scene.where('a right to write')('to write can be missing', async () => {
      const call = await scene.join();
      expect(call.rights.chat).toBeUndefined();
      await scene.other.permit(['microphone', 'camera'], false);
      expect(call.rights.chat).toBe('grant');
    });

    scene.where('a right to raise a hand')('to raise a hand can be missing', async () => {
      const call = await scene.join();
      await call.raiseHand(true);
      expect(scene.other.ownHand).toBeDefined();
      await call.raiseHand(false);
      await scene.other.permit(['microphone', 'camera'], true, false);
      expect(call.rights['raise-hand']).toBe('grant');
      await expect(call.raiseHand(true)).rejects.toMatchObject({ code: 'action-refused' });
      expect(find(call, 'me').handRaised).toBeUndefined();
      expect(scene.other.ownHand).toBeUndefined();
      // Given again while the call goes on.
      await scene.other.permit(['microphone', 'camera'], true);
      expect(call.rights['raise-hand']).toBeUndefined();
      await call.raiseHand(true);
      expect(scene.other.ownHand).toBeDefined();
    });

    scene.where('requests for permissions')('that others ask for are given or not', async () => {
      scene.other.arrive('bo');
      scene.other.arrive('cy');
      const call = await scene.join();
      const told = vi.fn();
      call.subscribe(told);
      scene.other.ask('bo', 'microphone');
      scene.other.ask('bo', 'microphone');
      scene.other.ask('cy', 'camera');
      const asked = (): string[] =>
        call.requests.map(({ participant, source }) => `${participant.identity} ${source}`);
      expect(asked()).toEqual(['bo microphone', 'cy camera']);
      expect(told).toHaveBeenCalled();
      const [first, second] = call.requests;
      if (first === undefined || second === undefined) throw new Error('two were asked for');
      await call.answer(first, true);
      expect(asked()).toEqual(['cy camera']);
      await call.answer(second, false);
      expect(asked()).toEqual([]);
      expect(scene.other.answers).toEqual(['allow bo microphone', 'deny cy camera']);
    });

    scene.where('requests for permissions')(
      'that somebody asked for who left are not shown',
      async () => {
        scene.other.arrive('bo');
        const call = await scene.join();
        scene.other.ask('bo', 'screen');
        expect(call.requests).toHaveLength(1);
        scene.other.depart('bo');
        expect(call.requests).toEqual([]);
      },
    );
  });

  describe('the host', () => {
    it('mutes, which is said, and only asks for the contrary', async () => {
      const call = await scene.join();
      const events = eventsOf(call);
      await scene.other.host('microphone', true);
      await pass();
      expect(scene.other.sent('microphone')).toBe(scene.muted);
      expect(events).toEqual([{ kind: 'moderated', source: 'microphone' }]);
      if (!scene.lacks('asking to switch on')) {
        await scene.other.host('microphone', false);
        await pass();
        expect(scene.other.sent('microphone')).toBe(scene.muted);
        expect(call.asked).toEqual(['microphone']);
      }
      await call.enable('microphone', true);
      await pass();
      expect(scene.other.sent('microphone')).toBe('live');
      expect(call.asked).toEqual([]);
    });

    it('silences the sound of a shared screen until the user shares another one', async () => {
      scene.hardware.allowScreens();
      const call = await scene.join();
      await call.enable('screen', true);
      await pass();
      const events = eventsOf(call);
      const silent = (): void => {
        expect(scene.other.sent('screen-audio')).toBe(scene.muted);
        expect(scene.other.sent('screen')).toBe('live');
      };
      await scene.other.host('screen-audio', true);
      await pass();
      silent();
      expect(events).toEqual([{ kind: 'moderated', source: 'screen-audio' }]);
      expect(find(call, 'me').tracks['screen-audio']).toMatchObject({ muted: true });
      // Whatever lets the others have what is on.
      await call.enable('camera', false);
      await call.enable('camera', true);
      await pass();
      silent();
      scene.other.interrupt();
      scene.other.mend();
      await pass();
      silent();
      scene.other.breakOff();
      await pass(60_000);
      expect(call.state.kind).toBe('connected');
      silent();
      if (!scene.lacks('asking to switch on')) {
        await scene.other.host('screen-audio', false);
        await pass();
        silent();
      }
      await call.enable('screen', false);
      await call.enable('screen', true);
      await pass();
      expect(scene.other.sent('screen-audio')).toBe('live');
      expect(events).toHaveLength(1);
    });

    scene.where('asking to switch on')('asks in vain whoever declines', async () => {
      const call = await scene.join();
      await call.enable('camera', false);
      await pass();
      await scene.other.host('camera', false);
      expect(call.asked).toEqual(['camera']);
      call.decline('camera');
      expect(call.asked).toEqual([]);
      expect(scene.hardware.open('video')).toEqual([]);
    });
  });

  describe('the chat', () => {
    it('has what is sent and what comes in the order of both', async () => {
      scene.other.arrive('bo', 'Bo');
      const call = await scene.join();
      scene.other.say('bo', 'hello');
      await pass();
      await call.sendMessage('good day');
      scene.other.say('bo', 'how are you?');
      await pass(1_000);
      expect(call.messages.map(({ id, from, local, text }) => [id, from, local, text])).toEqual([
        [0, 'Bo', false, 'hello'],
        [1, find(call, 'me').name, true, 'good day'],
        [2, 'Bo', false, 'how are you?'],
      ]);
      expect(call.messages.every(({ delivery }) => delivery === 'sent')).toBe(true);
      expect(scene.other.messages).toEqual(['good day']);
    });

    it('says what was not sent, and sends it again', async () => {
      const call = await scene.join();
      scene.other.deafen(true);
      await call.sendMessage('one');
      expect(call.messages).toMatchObject([{ text: 'one', delivery: 'failed' }]);
      scene.other.deafen(false);
      await call.resend(0);
      expect(call.messages).toMatchObject([{ text: 'one', delivery: 'sent' }]);
      expect(scene.other.messages).toEqual(['one']);
    });
  });

  describe('a message', () => {
    it('is called the same everywhere, so that it can be answered', async () => {
      scene.other.arrive('bo', 'Bo');
      const call = await scene.join();
      scene.other.say('bo', 'tea or coffee?', { key: 'question' });
      await pass(1_000);
      expect(call.messages).toMatchObject([{ key: 'question' }]);
      await call.sendMessage('tea', { replyTo: 'question' });
      expect(call.messages[1]).toMatchObject({ text: 'tea', replyTo: 'question' });
      expect(scene.other.written).toMatchObject([{ text: 'tea', replyTo: 'question' }]);
      expect(scene.other.written[0]?.key).toBe(call.messages[1]?.key);
      scene.other.say('bo', 'so do I', { replyTo: call.messages[1]?.key ?? '' });
      await pass(1_000);
      expect(call.messages[2]).toMatchObject({ text: 'so do I', replyTo: call.messages[1]?.key });
    });

    it('that comes twice is there once, of each who sent it', async () => {
      scene.other.arrive('bo');
      scene.other.arrive('cy');
      const call = await scene.join();
      for (const identity of ['bo', 'bo', 'cy']) scene.other.say(identity, 'hello', { key: 'one' });
      await pass(1_000);
      expect(call.messages.map(({ from }) => from)).toEqual([
        find(call, 'bo').name,
        find(call, 'cy').name,
      ]);
    });

    it('that is sent again is the same', async () => {
      const call = await scene.join();
      scene.other.deafen(true);
      await call.sendMessage('one');
      const { key } = call.messages[0] ?? {};
      scene.other.deafen(false);
      await call.resend(0);
      expect(scene.other.written.at(-1)).toMatchObject({ text: 'one', key });
    });

    scene.where('private messages')('for one goes to them alone', async () => {
      scene.other.arrive('bo', 'Bo');
      const call = await scene.join();
      await call.sendMessage('psst', { to: find(call, 'bo') });
      expect(scene.other.written).toMatchObject([{ text: 'psst', to: 'bo' }]);
      scene.other.say('bo', 'yes?', { private: true });
      await pass(1_000);
      expect(call.messages.map(({ privateWith }) => privateWith)).toEqual(['Bo', 'Bo']);
    });
  });

  describe('a recording', () => {
    it('is shown as long as it goes on', async () => {
      const call = await scene.join();
      const told = vi.fn();
      call.subscribe(told);
      expect(call.recording).toBe(false);
      scene.other.record(true);
      expect([call.recording, told.mock.calls.length > 0]).toEqual([true, true]);
      scene.other.record(false);
      expect(call.recording).toBe(false);
    });

    it('is known to who comes while it goes on, and to who comes back after it', async () => {
      scene.other.record(true);
      const call = await scene.join();
      expect(call.recording).toBe(true);
      scene.other.breakOff();
      scene.other.record(false);
      await pass(60_000);
      expect([call.state.kind, call.recording]).toEqual(['connected', false]);
    });
  });
}
