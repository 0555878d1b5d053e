import { describe, expect, it, vi } from 'vitest';

import type { TrackSource } from '../../src/call/model';
import { eventsOf, find, identities, live, pass, type Scene } from './scene';

/** Who else is there, and what is seen, heard and counted of them. */
export function others(scene: Scene): void {
  const apart = !scene.lacks('mute apart from unpublishing');

  describe('participants', () => {
    it('are oneself first, then the others in the order of their coming', async () => {
      scene.other.arrive('cy');
      scene.other.arrive('bo', 'Bo');
      const call = await scene.join();
      const events = eventsOf(call);
      scene.other.arrive('al', 'Al Late');
      expect(identities(call.participants)).toEqual(['me', 'cy', 'bo', 'al']);
      expect(call.participants.map((each) => each.name).slice(1)).toEqual(['cy', 'Bo', 'Al Late']);
      expect(events).toEqual([{ kind: 'joined', participant: find(call, 'al') }]);
      expect(new Set(call.participants.map(({ id }) => id)).size).toBe(4);
    });

    it('who leave are gone at once, and said to have left after a moment', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      const events = eventsOf(call);
      const bo = find(call, 'bo');
      scene.other.depart('bo');
      expect(identities(call.participants)).toEqual(['me']);
      expect(events).toEqual([]);
      await pass(10_000);
      expect(events).toEqual([{ kind: 'left', participant: bo }]);
    });

    it('who come back with another connection are the same, and nobody is said to have left', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      const bo = find(call, 'bo');
      const { id } = bo;
      bo.setVolume(0.25);
      const events = eventsOf(call);
      scene.other.rejoin('bo');
      scene.other.publish('bo', 'microphone');
      await pass(10_000);
      expect(find(call, 'bo')).toBe(bo);
      expect(bo).toMatchObject({ id, volume: 0.25, tracks: { microphone: live } });
      expect(events).toEqual([]);
      expect(document.querySelector('audio')?.volume).toBe(0.25);
    });

    it('who come back with another connection have their hand raised as before', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      const bo = find(call, 'bo');
      scene.other.hand('bo', 1_234);
      const events = eventsOf(call);
      scene.other.rejoin('bo');
      expect(bo.handRaised).toBe(1_234);
      await pass(1_000);
      // They show it anew.
      scene.other.hand('bo', 1_234);
      await pass(60_000);
      expect([bo.handRaised, events]).toEqual([1_234, []]);
      // Unless it is not raised any more.
      scene.other.rejoin('bo');
      await pass(60_000);
      expect(bo.handRaised).toBeUndefined();
      expect(events).toEqual([{ kind: 'hand', participant: bo, raised: false }]);
    });

    it('tell of their own changes, and of nobody else’s', async () => {
      scene.other.arrive('bo');
      scene.other.arrive('cy');
      const call = await scene.join();
      const [ofBo, ofCy, ofCall] = [vi.fn(), vi.fn(), vi.fn()];
      find(call, 'bo').subscribe(ofBo);
      find(call, 'cy').subscribe(ofCy);
      const end = call.subscribe(ofCall);
      scene.other.publish('bo', 'camera');
      expect(ofBo).toHaveBeenCalled();
      ofBo.mockClear();
      scene.other.mute('bo', 'camera', true);
      scene.other.quality('bo', 'poor');
      expect(ofBo).toHaveBeenCalledTimes(2);
      scene.other.quality('bo', 'poor');
      expect(ofBo).toHaveBeenCalledTimes(2);
      expect(ofCy).not.toHaveBeenCalled();
      end();
    });

    it('speak, the loudest first', async () => {
      scene.other.arrive('bo');
      scene.other.arrive('cy');
      const call = await scene.join();
      scene.other.speak('cy', 'me');
      expect(identities(call.speakers)).toEqual(['cy', 'me']);
      expect(call.participants.map(({ speaking }) => speaking)).toEqual([true, false, true]);
      expect(call.participants.map(({ level }) => level)).toEqual([0.5, 0, 1]);
      scene.other.speak();
      expect(call.speakers).toEqual([]);
      expect(call.participants.map(({ level }) => level)).toEqual([0, 0, 0]);
    });

    it('are as loud as heard last, of which nobody is told', async () => {
      scene.other.arrive('bo');
      scene.other.arrive('cy');
      const call = await scene.join();
      scene.other.speak('bo', 'cy');
      const told = vi.fn();
      for (const each of call.participants) each.subscribe(told);
      scene.other.speak('cy', 'bo');
      expect([find(call, 'bo').level, find(call, 'cy').level]).toEqual([0.5, 1]);
      expect(told).not.toHaveBeenCalled();
    });

    const lost = scene.lacks('lost connections of others') ? [] : (['lost'] as const);
    it.each(['excellent', 'good', 'poor', ...lost] as const)(
      'have a connection that is %s',
      async (quality) => {
        scene.other.arrive('bo');
        const call = await scene.join();
        expect(find(call, 'bo').quality).toBe('unknown');
        scene.other.quality('bo', quality);
        expect(find(call, 'bo').quality).toBe(quality);
      },
    );
  });

  describe('tracks', () => {
    it.each<TrackSource>(['microphone', 'camera', 'screen', 'screen-audio'])(
      'come, pause, mute and go: %s',
      async (source) => {
        scene.other.arrive('bo');
        const call = await scene.join();
        const track = (): unknown => find(call, 'bo').tracks[source];
        expect(track()).toBeUndefined();
        scene.other.publish('bo', source);
        expect(track()).toEqual(live);
        scene.other.pause('bo', source, true);
        expect(track()).toEqual({ muted: false, paused: true });
        scene.other.pause('bo', source, false);
        scene.other.mute('bo', source, true);
        // Where both are one, it is known of what people mute, and not of a screen.
        const gone = apart || source === 'microphone' || source === 'camera';
        if (gone) expect(track()).toMatchObject({ muted: true });
        else expect(track()).toBeUndefined();
        scene.other.mute('bo', source, false);
        expect(track()).toEqual(live);
        scene.other.unpublish('bo', source);
        if (apart || source === 'screen' || source === 'screen-audio')
          expect(track()).toBeUndefined();
        else expect(track()).toMatchObject({ muted: true });
      },
    );

    it('are seen where they are attached, each source by itself, also the next one', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      const [camera, screen] = [
        document.createElement('video'),
        document.createElement('video'),
      ] as const;
      const attached = find(call, 'bo').attach('camera', camera);
      find(call, 'bo').attach('screen', screen, { width: 1280, height: 720 });
      expect(scene.other.shown(camera)).toBeUndefined();
      scene.other.publish('bo', 'camera');
      scene.other.publish('bo', 'screen');
      expect(scene.other.shown(camera)).toMatchObject({ identity: 'bo', source: 'camera' });
      expect(scene.other.shown(screen)).toMatchObject({ identity: 'bo', source: 'screen' });
      scene.other.unpublish('bo', 'camera');
      expect(scene.other.shown(camera)).toBeUndefined();
      scene.other.publish('bo', 'camera');
      expect(scene.other.shown(camera)).toMatchObject({ source: 'camera' });
      attached.end();
      expect(scene.other.shown(camera)).toBeUndefined();
      expect(scene.other.shown(screen)).toMatchObject({ source: 'screen' });
    });

    it('are heard as long as they are published, also a screen’s', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      scene.other.publish('bo', 'microphone');
      scene.other.publish('bo', 'screen-audio');
      await pass();
      expect(scene.other.heard).toMatchObject([
        { source: 'microphone' },
        { source: 'screen-audio' },
      ]);
      scene.other.unpublish('bo', 'microphone');
      expect(scene.other.heard).toMatchObject([{ source: 'screen-audio' }]);
      find(call, 'bo').setVolume(0.5);
      expect(document.querySelector('audio')?.volume).toBe(0.5);
      await call.leave();
      expect(scene.other.heard).toEqual([]);
      expect(document.querySelector('audio')).toBeNull();
    });

    it('of one’s own are seen where they are attached', async () => {
      const call = await scene.join();
      const video = document.createElement('video');
      find(call, 'me').attach('camera', video);
      const shown = (): MediaStreamTrack[] | undefined =>
        (video.srcObject as MediaStream | null)?.getTracks();
      expect(shown()).toEqual([scene.devices.input('camera').track]);
      await call.enable('camera', false);
      expect(shown()).toBeUndefined();
    });
  });

  describe('hands, reactions and captions', () => {
    it('of others are told once, and a hand stays to be seen', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      const bo = find(call, 'bo');
      const events = eventsOf(call);
      scene.other.hand('bo', 1_234);
      expect(bo.handRaised).toBe(1_234);
      scene.other.hand('bo', undefined);
      expect(bo.handRaised).toBeUndefined();
      scene.other.react('bo', '👍');
      scene.other.react('bo', 'buy now');
      expect(events).toEqual([
        { kind: 'hand', participant: bo, raised: true },
        { kind: 'hand', participant: bo, raised: false },
        { kind: 'reaction', participant: bo, emoji: '👍' },
      ]);
    });

    it('are written down of others and of oneself, in their order, once each', async () => {
      scene.other.arrive('bo', 'Bo \u202eoB');
      const call = await scene.join();
      expect([call.captioning, call.captions]).toEqual([false, []]);
      const told = vi.fn();
      call.subscribe(told);
      scene.other.caption('bo', 'as I\n\u202e said');
      await pass();
      scene.other.caption('bo', 'as I\n\u202e said');
      scene.other.caption('me', 'did you?');
      await pass(1_000);
      expect(call.captioning).toBe(true);
      expect(call.captions).toMatchObject([
        { id: 0, from: 'Bo oB', local: false, text: 'as I said', interim: false },
        { id: 1, local: true, text: 'did you?', interim: false },
      ]);
      expect(told).toHaveBeenCalled();
    });

    it('that are spoken in floods are not all kept, and the others’ are', async () => {
      scene.other.arrive('bo');
      scene.other.arrive('cy');
      const call = await scene.join();
      for (let count = 0; count < 1_000; count += 1) scene.other.caption('bo', `${count}`);
      scene.other.caption('cy', 'hello');
      await pass(1_000);
      expect(call.captions.length).toBeLessThan(50);
      expect(call.captions.at(-1)).toMatchObject({ from: 'cy', text: 'hello' });
    });

    it('of one’s own reach the others, a hand also after a break', async () => {
      const call = await scene.join();
      const events = eventsOf(call);
      await call.react('🎉');
      expect(scene.other.reactions).toEqual(['🎉']);
      expect(events.map(({ kind }) => kind)).toContain('reaction');
      await call.raiseHand(true);
      const at = find(call, 'me').handRaised;
      expect(at).toBe(scene.other.ownHand);
      expect(at).toBeDefined();
      scene.other.breakOff();
      await pass(60_000);
      expect(call.state.kind).toBe('connected');
      expect(scene.other.ownHand).toBe(at);
      await call.raiseHand(false);
      expect(scene.other.ownHand).toBeUndefined();
      expect(find(call, 'me').handRaised).toBeUndefined();
    });

    it('that come in floods are not all told', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      const events = eventsOf(call);
      for (let count = 0; count < 1_000; count += 1) scene.other.react('bo', '👍');
      expect(events.length).toBeGreaterThan(1);
      expect(events.length).toBeLessThan(50);
    });
  });

  describe('statistics', () => {
    it('are of the whole call, of each participant, and of what is new', async () => {
      scene.other.arrive('bo');
      scene.other.arrive('cy');
      const call = await scene.join();
      const [bo, cy] = [find(call, 'bo').id, find(call, 'cy').id];
      scene.other.publish('bo', 'microphone');
      scene.other.publish('cy', 'microphone');
      await pass();
      scene.other.count('bo', 'microphone', { packetsReceived: 100, packetsLost: 1 });
      scene.other.count('cy', 'microphone', { packetsReceived: 50, packetsLost: 0 });
      const first = await call.statistics();
      expect(first.totals).toMatchObject({ packetsReceived: 150, packetsLost: 1 });
      expect(first.now).toMatchObject({ packetsReceived: 150, packetsLost: 1 });
      expect(first.participants.get(bo)).toMatchObject({ packetsReceived: 100 });
      expect(first.participants.get(cy)).toMatchObject({ packetsReceived: 50 });
      scene.other.count('bo', 'microphone', { packetsReceived: 120, packetsLost: 4 });
      const second = await call.statistics();
      expect(second.now).toMatchObject({ packetsReceived: 20, packetsLost: 3 });
      expect(second.totals).toMatchObject({ packetsReceived: 170, packetsLost: 4 });
    });

    it('say how each track does that is received', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      scene.other.publish('bo', 'camera');
      await pass();
      const counts = {
        timestamp: 1_000,
        bytesReceived: 5_000,
        packetsReceived: 50,
        packetsLost: 0,
      };
      scene.other.count('bo', 'camera', counts);
      const [first] = (await call.statistics()).flows;
      // There is nothing yet to compare it with.
      expect(first?.bitsPerSecond).toBeUndefined();
      scene.other.count('bo', 'camera', {
        ...{ timestamp: 3_000, bytesReceived: 255_000, packetsReceived: 98, packetsLost: 2 },
        ...{ jitter: 0.02, frameWidth: 640, frameHeight: 360, framesPerSecond: 30 },
      });
      expect((await call.statistics()).flows).toEqual([
        {
          direction: 'received',
          participant: find(call, 'bo').id,
          kind: 'video',
          codec: undefined,
          bitsPerSecond: 1_000_000,
          lossPercent: 4,
          delayMs: undefined,
          jitterMs: 20,
          width: 640,
          height: 360,
          framesPerSecond: 30,
          layers: [],
        },
      ]);
    });

    it('count on over connections, and after the call', async () => {
      scene.other.arrive('bo');
      const call = await scene.join();
      scene.other.publish('bo', 'microphone');
      scene.other.count('bo', 'microphone', { packetsReceived: 100 });
      await call.leave();
      expect((await call.statistics()).totals.packetsReceived).toBe(100);
    });
  });
}
