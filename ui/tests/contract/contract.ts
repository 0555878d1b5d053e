import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { LocalDevices } from '../../src/devices/local.svelte';
import { files } from './files';
import { lacking } from './lacking';
import { oneself } from './oneself';
import { others } from './others';
import type { OtherSide } from '../support/otherSide';
import { eventsOf, find, identities, live, pass, Scene, type Lack } from './scene';

/** What every adapter does, whoever carries its calls. */
export function contract(name: string, make: () => OtherSide, lacks: readonly Lack[] = []): void {
  const scene = new Scene(make, lacks);
  describe(`a call by ${name}`, () => {
    beforeEach(() => scene.begin());
    afterEach(() => scene.end());
    joining(scene);
    others(scene);
    oneself(scene);
    files(scene);
    connection(scene);
    lacking(scene, lacks);
  });
}

function joining(scene: Scene): void {
  describe('joining', () => {
    it('needs a grant, and touches nothing before there is one', async () => {
      const refusal = new Error('no grant');
      await expect(scene.other.provider.connectUser(() => Promise.reject(refusal))).rejects.toBe(
        refusal,
      );
      expect(scene.other.joined).toBe(false);
    });

    it('is done with the grant that connected the user, and shows what is on', async () => {
      vi.setSystemTime(2_000_000);
      const call = await scene.join();
      expect(scene.other.issued).toBe(1);
      expect(call.state).toEqual({ kind: 'connected' });
      expect(call.since).toBe(2_000_000);
      expect(scene.other.sent('camera')).toBe('live');
      expect(scene.other.sent('microphone')).toBe('live');
      expect(find(call, 'me')).toMatchObject({
        local: true,
        tracks: { microphone: live, camera: live },
      });
    });

    it('that is refused says why, and leaves nobody there', async () => {
      scene.other.refuse('room-full');
      await expect(scene.join()).rejects.toMatchObject({ code: 'room-full' });
      expect(scene.other.joined).toBe(false);
    });

    it('that is given up leaves nobody there', async () => {
      const release = scene.other.hold();
      const giveUp = new AbortController();
      const joining = scene.join(giveUp.signal);
      const failed = expect(joining).rejects.toThrow();
      await pass();
      giveUp.abort();
      release();
      await failed;
      expect(scene.other.joined).toBe(false);
    });

    it('ends with the connection of the user', async () => {
      scene.devices = new LocalDevices();
      const user = await scene.other.provider.connectUser(scene.other.grants);
      const call = await user.join(scene.devices);
      await user.close();
      expect(call.state).toEqual({ kind: 'disconnected', reason: 'left' });
      expect(scene.other.joined).toBe(false);
      await user.close();
    });
  });
}

function connection(scene: Scene): void {
  describe('the connection', () => {
    it('that is mended is reconnecting meanwhile', async () => {
      const call = await scene.join();
      scene.other.interrupt();
      expect(call.state).toEqual({ kind: 'reconnecting' });
      scene.other.mend();
      expect(call.state).toEqual({ kind: 'connected' });
      expect(scene.other.issued).toBe(1);
    });

    it('beyond mending is made anew with a fresh grant, and everybody is the same', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      const [me, bo] = call.participants;
      const video = document.createElement('video');
      bo?.attach('camera', video);
      bo?.setVolume(0.5);
      await call.sendMessage('before');
      const since = call.since;
      const events = eventsOf(call);
      scene.other.breakOff();
      expect(call.state).toEqual({ kind: 'reconnecting' });
      expect(identities(call.participants)).toEqual(['me']);
      await pass(10_000);
      expect(call.state).toEqual({ kind: 'connected' });
      expect(scene.other.issued).toBe(2);
      expect(call.participants).toEqual([me, bo]);
      expect(call.participants[1]).toBe(bo);
      expect(bo?.volume).toBe(0.5);
      expect(call.since).toBe(since);
      expect(call.messages).toHaveLength(1);
      expect(scene.other.sent('camera')).toBe('live');
      scene.other.publish('bo', 'camera');
      expect(scene.other.shown(video)).toMatchObject({ identity: 'bo' });
      expect(events).toEqual([]);
    });

    it('that does not come back is told of as lost, or with what refuses it', async () => {
      const lost = await scene.join();
      scene.other.refuse('server-unreachable-refused');
      scene.other.breakOff();
      await pass(15 * 60_000);
      expect(lost.state).toEqual({ kind: 'disconnected', reason: 'connection-lost' });
    });

    it('is not asked for again once it was refused', async () => {
      const call = await scene.join();
      scene.other.refuse('token-expired');
      scene.other.breakOff();
      await pass(60_000);
      const code = 'token-expired';
      expect(call.state).toEqual({ kind: 'disconnected', reason: 'refused', code });
      expect(scene.other.issued).toBe(2);
    });

    it('says nothing of who came and went meanwhile but what is so afterwards', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      const events = eventsOf(call);
      const bo = find(call, 'bo');
      scene.other.breakOff();
      scene.other.arrive('cy');
      await pass(1_000);
      expect(events).toEqual([{ kind: 'joined', participant: find(call, 'cy') }]);
      expect(find(call, 'bo')).toBe(bo);
    });
  });

  describe('the end', () => {
    const once = scene.lacks('one connection for each user')
      ? []
      : (['duplicate-identity'] as const);
    it.each(['removed', 'ended', ...once] as const)('is told: %s', async (reason) => {
      const call = await scene.join();
      scene.other.end(reason);
      expect(call.state).toEqual({ kind: 'disconnected', reason });
      await pass(60_000);
      expect(scene.other.issued).toBe(1);
      expect(scene.other.joined).toBe(false);
    });

    it('by leaving is final: nothing opens a device any more', async () => {
      const call = await scene.join();
      await call.enable('camera', false);
      await call.leave();
      expect(call.state).toEqual({ kind: 'disconnected', reason: 'left' });
      expect(scene.other.joined).toBe(false);
      const { length } = scene.hardware.opened;
      await call.enable('camera', true);
      expect(scene.hardware.opened).toHaveLength(length);
      expect(vi.getTimerCount()).toBe(0);
    });
  });
}
