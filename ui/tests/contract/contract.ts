import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Call, CallEvent, Participant, TrackSource } from '../../src/call/model';
import { LocalDevices } from '../../src/devices/local.svelte';
import { fillInHardware, type Hardware } from '../view/devices';
import type { OtherSide } from './otherSide';

const live = { muted: false, paused: false };

/** What not every provider has. */
type Lack =
  | 'mute apart from unpublishing'
  | 'lost connections of others'
  | 'a right to write'
  | 'asking to switch on'
  | 'one connection for each user';

/** What every adapter does, whoever carries its calls. */
export function contract(name: string, make: () => OtherSide, lacks: readonly Lack[] = []): void {
  const apart = !lacks.includes('mute apart from unpublishing');
  const where = (needed: Lack): ((name: string, test: () => Promise<void>) => void) =>
    lacks.includes(needed) ? () => undefined : it;
  describe(`a call by ${name}`, () => {
    let other: OtherSide;
    let hardware: Hardware;
    let devices: LocalDevices;

    beforeEach(() => {
      vi.useFakeTimers({ now: 1_000_000 });
      vi.spyOn(Math, 'random').mockReturnValue(0.5);
      localStorage.clear();
      hardware = fillInHardware();
      other = make();
    });
    afterEach(() => {
      vi.useRealTimers();
      vi.restoreAllMocks();
      document.body.replaceChildren();
    });

    const pass = async (milliseconds = 0): Promise<void> => {
      await vi.advanceTimersByTimeAsync(milliseconds);
    };
    async function join(signal?: AbortSignal): Promise<Call> {
      devices = new LocalDevices();
      await devices.open();
      const user = await other.provider.connectUser(other.grants);
      const call = await user.join(devices, signal);
      devices.entered();
      await pass();
      return call;
    }
    function eventsOf(call: Call): CallEvent[] {
      const events: CallEvent[] = [];
      call.listen((event) => events.push(event));
      return events;
    }
    const kinds = (events: readonly CallEvent[]): string[] => events.map(({ kind }) => kind);
    const identities = (of: readonly Participant[]): string[] => of.map(({ identity }) => identity);
    function find(call: Call, identity: string): Participant {
      const found = call.participants.find((each) => each.identity === identity);
      if (found === undefined) throw new Error(`${identity} is not there`);
      return found;
    }

    describe('joining', () => {
      it('needs a grant, and touches nothing before there is one', async () => {
        const refusal = new Error('no grant');
        await expect(other.provider.connectUser(() => Promise.reject(refusal))).rejects.toBe(
          refusal,
        );
        expect(other.joined).toBe(false);
      });

      it('is done with the grant that connected the user, and shows what is on', async () => {
        vi.setSystemTime(2_000_000);
        const call = await join();
        expect(other.issued).toBe(1);
        expect(call.state).toEqual({ kind: 'connected' });
        expect(call.since).toBe(2_000_000);
        expect(other.sent('camera')).toBe('live');
        expect(other.sent('microphone')).toBe('live');
        expect(find(call, 'me')).toMatchObject({
          local: true,
          tracks: { microphone: live, camera: live },
        });
      });

      it('that is refused says why, and leaves nobody there', async () => {
        other.refuse('room-full');
        await expect(join()).rejects.toMatchObject({ code: 'room-full' });
        expect(other.joined).toBe(false);
      });

      it('that is given up leaves nobody there', async () => {
        const release = other.hold();
        const giveUp = new AbortController();
        const joining = join(giveUp.signal);
        const failed = expect(joining).rejects.toThrow();
        await pass();
        giveUp.abort();
        release();
        await failed;
        expect(other.joined).toBe(false);
      });

      it('ends with the connection of the user', async () => {
        devices = new LocalDevices();
        const user = await other.provider.connectUser(other.grants);
        const call = await user.join(devices);
        await user.close();
        expect(call.state).toEqual({ kind: 'disconnected', reason: 'left' });
        expect(other.joined).toBe(false);
        await user.close();
      });
    });

    describe('participants', () => {
      it('are oneself first, then the others in the order of their coming', async () => {
        other.arrive('cy');
        other.arrive('bo', 'Bo');
        const call = await join();
        const events = eventsOf(call);
        other.arrive('al', 'Al Late');
        expect(identities(call.participants)).toEqual(['me', 'cy', 'bo', 'al']);
        expect(call.participants.map((each) => each.name).slice(1)).toEqual([
          'cy',
          'Bo',
          'Al Late',
        ]);
        expect(events).toEqual([{ kind: 'joined', participant: find(call, 'al') }]);
        expect(new Set(call.participants.map(({ id }) => id)).size).toBe(4);
      });

      it('who leave are gone at once, and said to have left after a moment', async () => {
        other.arrive('bo');
        const call = await join();
        const events = eventsOf(call);
        const bo = find(call, 'bo');
        other.depart('bo');
        expect(identities(call.participants)).toEqual(['me']);
        expect(events).toEqual([]);
        await pass(10_000);
        expect(events).toEqual([{ kind: 'left', participant: bo }]);
      });

      it('who come back with another connection are the same, and nobody is said to have left', async () => {
        other.arrive('bo');
        const call = await join();
        const bo = find(call, 'bo');
        const { id } = bo;
        bo.setVolume(0.25);
        const events = eventsOf(call);
        other.rejoin('bo');
        other.publish('bo', 'microphone');
        await pass(10_000);
        expect(find(call, 'bo')).toBe(bo);
        expect(bo).toMatchObject({ id, volume: 0.25, tracks: { microphone: live } });
        expect(events).toEqual([]);
        expect(document.querySelector('audio')?.volume).toBe(0.25);
      });

      it('tell of their own changes, and of nobody else’s', async () => {
        other.arrive('bo');
        other.arrive('cy');
        const call = await join();
        const [ofBo, ofCy, ofCall] = [vi.fn(), vi.fn(), vi.fn()];
        find(call, 'bo').subscribe(ofBo);
        find(call, 'cy').subscribe(ofCy);
        const end = call.subscribe(ofCall);
        other.publish('bo', 'camera');
        expect(ofBo).toHaveBeenCalled();
        ofBo.mockClear();
        other.mute('bo', 'camera', true);
        other.quality('bo', 'poor');
        expect(ofBo).toHaveBeenCalledTimes(2);
        other.quality('bo', 'poor');
        expect(ofBo).toHaveBeenCalledTimes(2);
        expect(ofCy).not.toHaveBeenCalled();
        end();
      });

      it('speak, the loudest first', async () => {
        other.arrive('bo');
        other.arrive('cy');
        const call = await join();
        other.speak('cy', 'me');
        expect(identities(call.speakers)).toEqual(['cy', 'me']);
        expect(call.participants.map(({ speaking }) => speaking)).toEqual([true, false, true]);
        other.speak();
        expect(call.speakers).toEqual([]);
      });

      const lost = lacks.includes('lost connections of others') ? [] : (['lost'] as const);
      it.each(['excellent', 'good', 'poor', ...lost] as const)(
        'have a connection that is %s',
        async (quality) => {
          other.arrive('bo');
          const call = await join();
          expect(find(call, 'bo').quality).toBe('unknown');
          other.quality('bo', quality);
          expect(find(call, 'bo').quality).toBe(quality);
        },
      );
    });

    describe('tracks', () => {
      it.each<TrackSource>(['microphone', 'camera', 'screen', 'screen-audio'])(
        'come, pause, mute and go: %s',
        async (source) => {
          other.arrive('bo');
          const call = await join();
          const track = (): unknown => find(call, 'bo').tracks[source];
          expect(track()).toBeUndefined();
          other.publish('bo', source);
          expect(track()).toEqual(live);
          other.pause('bo', source, true);
          expect(track()).toEqual({ muted: false, paused: true });
          other.pause('bo', source, false);
          other.mute('bo', source, true);
          // Where both are one, it is known of what people mute, and not of a screen.
          const gone = apart || source === 'microphone' || source === 'camera';
          if (gone) expect(track()).toMatchObject({ muted: true });
          else expect(track()).toBeUndefined();
          other.mute('bo', source, false);
          expect(track()).toEqual(live);
          other.unpublish('bo', source);
          if (apart || source === 'screen' || source === 'screen-audio')
            expect(track()).toBeUndefined();
          else expect(track()).toMatchObject({ muted: true });
        },
      );

      it('are seen where they are attached, each source by itself, also the next one', async () => {
        other.arrive('bo');
        const call = await join();
        const [camera, screen] = [
          document.createElement('video'),
          document.createElement('video'),
        ] as const;
        const attached = find(call, 'bo').attach('camera', camera);
        find(call, 'bo').attach('screen', screen, { width: 1280, height: 720 });
        expect(other.shown(camera)).toBeUndefined();
        other.publish('bo', 'camera');
        other.publish('bo', 'screen');
        expect(other.shown(camera)).toMatchObject({ identity: 'bo', source: 'camera' });
        expect(other.shown(screen)).toMatchObject({ identity: 'bo', source: 'screen' });
        other.unpublish('bo', 'camera');
        expect(other.shown(camera)).toBeUndefined();
        other.publish('bo', 'camera');
        expect(other.shown(camera)).toMatchObject({ source: 'camera' });
        attached.end();
        expect(other.shown(camera)).toBeUndefined();
        expect(other.shown(screen)).toMatchObject({ source: 'screen' });
      });

      it('are heard as long as they are published, also a screen’s', async () => {
        other.arrive('bo');
        const call = await join();
        other.publish('bo', 'microphone');
        other.publish('bo', 'screen-audio');
        await pass();
        expect(other.heard).toMatchObject([{ source: 'microphone' }, { source: 'screen-audio' }]);
        other.unpublish('bo', 'microphone');
        expect(other.heard).toMatchObject([{ source: 'screen-audio' }]);
        find(call, 'bo').setVolume(0.5);
        expect(document.querySelector('audio')?.volume).toBe(0.5);
        await call.leave();
        expect(other.heard).toEqual([]);
        expect(document.querySelector('audio')).toBeNull();
      });

      it('of one’s own are seen where they are attached', async () => {
        const call = await join();
        const video = document.createElement('video');
        find(call, 'me').attach('camera', video);
        const shown = (): MediaStreamTrack[] | undefined =>
          (video.srcObject as MediaStream | null)?.getTracks();
        expect(shown()).toEqual([devices.input('camera').track]);
        await call.enable('camera', false);
        expect(shown()).toBeUndefined();
      });
    });

    describe('what the user switches', () => {
      it('is what the others get', async () => {
        const call = await join();
        await call.enable('camera', false);
        await call.enable('microphone', false);
        await pass();
        expect(hardware.open('video')).toEqual([]);
        expect(other.sent('camera')).toBe('nothing');
        expect(other.sent('microphone')).toBe(apart ? 'silence' : 'nothing');
        expect(find(call, 'me').tracks.microphone?.muted).toBe(true);
        await call.enable('camera', true);
        await call.enable('microphone', true);
        await pass();
        expect([other.sent('camera'), other.sent('microphone')]).toEqual(['live', 'live']);
      });

      it('is a shared screen as well, with its sound, until it is ended', async () => {
        hardware.allowScreens();
        const call = await join();
        expect(call.rights.screen).toBeUndefined();
        await call.enable('screen', true);
        await pass();
        expect([other.sent('screen'), other.sent('screen-audio')]).toEqual(['live', 'live']);
        expect(find(call, 'me').tracks).toMatchObject({ screen: live, 'screen-audio': live });
        await call.enable('screen', false);
        await pass();
        expect([other.sent('screen'), other.sent('screen-audio')]).toEqual(['nothing', 'nothing']);
        expect(hardware.screens.every(({ readyState }) => readyState === 'ended')).toBe(true);
        expect(find(call, 'me').tracks.screen).toBeUndefined();
        // By the browser's own button.
        await call.enable('screen', true);
        await pass();
        hardware.endScreens();
        await pass();
        expect(other.sent('screen')).toBe('nothing');
        expect(find(call, 'me').tracks.screen).toBeUndefined();
      });

      it('is no screen where the webview has none', async () => {
        const call = await join();
        expect(call.rights.screen).toBe('webview');
        await expect(call.enable('screen', true)).rejects.toThrow();
        expect(other.sent('screen')).toBe('nothing');
      });
    });

    describe('rights', () => {
      it('that are taken close the devices, and none is opened without', async () => {
        const call = await join();
        const events = eventsOf(call);
        await other.permit(['microphone'], true);
        await pass();
        expect(call.rights).toMatchObject({ camera: 'grant' });
        expect(call.rights.microphone).toBeUndefined();
        expect(hardware.open('video')).toEqual([]);
        expect(other.sent('microphone')).toBe('live');
        expect(events).toEqual([{ kind: 'moderated', source: 'camera' }]);
        const { length } = hardware.opened;
        await expect(call.enable('camera', true)).rejects.toMatchObject({
          code: 'token-publish-missing',
        });
        expect(hardware.opened).toHaveLength(length);
        await other.permit(['microphone', 'camera'], true);
        await pass();
        expect(call.rights.camera).toBeUndefined();
        expect(hardware.open('video')).toEqual([]);
        await call.enable('camera', true);
        await pass();
        expect(other.sent('camera')).toBe('live');
      });

      where('a right to write')('to write can be missing', async () => {
        const call = await join();
        expect(call.rights.chat).toBeUndefined();
        await other.permit(['microphone', 'camera'], false);
        expect(call.rights.chat).toBe('grant');
      });
    });

    describe('the host', () => {
      it('mutes, which is said, and only asks for the contrary', async () => {
        const call = await join();
        const events = eventsOf(call);
        await other.host('microphone', true);
        await pass();
        expect(other.sent('microphone')).toBe(apart ? 'silence' : 'nothing');
        expect(events).toEqual([{ kind: 'moderated', source: 'microphone' }]);
        if (!lacks.includes('asking to switch on')) {
          await other.host('microphone', false);
          await pass();
          expect(other.sent('microphone')).toBe(apart ? 'silence' : 'nothing');
          expect(call.asked).toEqual(['microphone']);
        }
        await call.enable('microphone', true);
        await pass();
        expect(other.sent('microphone')).toBe('live');
        expect(call.asked).toEqual([]);
      });

      where('asking to switch on')('asks in vain whoever declines', async () => {
        const call = await join();
        await call.enable('camera', false);
        await pass();
        await other.host('camera', false);
        expect(call.asked).toEqual(['camera']);
        call.decline('camera');
        expect(call.asked).toEqual([]);
        expect(hardware.open('video')).toEqual([]);
      });
    });

    describe('the chat', () => {
      it('has what is sent and what comes in the order of both', async () => {
        other.arrive('bo', 'Bo');
        const call = await join();
        other.say('bo', 'hello');
        await call.sendMessage('good day');
        other.say('bo', 'how are you?');
        await pass(1_000);
        expect(call.messages.map(({ id, from, local, text }) => [id, from, local, text])).toEqual([
          [0, 'Bo', false, 'hello'],
          [1, find(call, 'me').name, true, 'good day'],
          [2, 'Bo', false, 'how are you?'],
        ]);
        expect(call.messages.every(({ delivery }) => delivery === 'sent')).toBe(true);
        expect(other.messages).toEqual(['good day']);
      });

      it('says what was not sent, and sends it again', async () => {
        const call = await join();
        other.deafen(true);
        await call.sendMessage('one');
        expect(call.messages).toMatchObject([{ text: 'one', delivery: 'failed' }]);
        other.deafen(false);
        await call.resend(0);
        expect(call.messages).toMatchObject([{ text: 'one', delivery: 'sent' }]);
        expect(other.messages).toEqual(['one']);
      });
    });

    describe('hands, reactions and captions', () => {
      it('of others are told once, and a hand stays to be seen', async () => {
        other.arrive('bo');
        const call = await join();
        const bo = find(call, 'bo');
        const events = eventsOf(call);
        other.hand('bo', 1_234);
        expect(bo.handRaised).toBe(1_234);
        other.hand('bo', undefined);
        expect(bo.handRaised).toBeUndefined();
        other.react('bo', '👍');
        other.react('bo', 'buy now');
        other.caption('bo', 'as I said');
        expect(events).toEqual([
          { kind: 'hand', participant: bo, raised: true },
          { kind: 'hand', participant: bo, raised: false },
          { kind: 'reaction', participant: bo, emoji: '👍' },
          { kind: 'caption', participant: bo, text: 'as I said' },
        ]);
        expect(call.captioning).toBe(true);
      });

      it('of one’s own reach the others, a hand also after a break', async () => {
        const call = await join();
        const events = eventsOf(call);
        await call.react('🎉');
        expect(other.reactions).toEqual(['🎉']);
        expect(kinds(events)).toContain('reaction');
        await call.raiseHand(true);
        const at = find(call, 'me').handRaised;
        expect(at).toBe(other.ownHand);
        expect(at).toBeDefined();
        other.breakOff();
        await pass(60_000);
        expect(call.state.kind).toBe('connected');
        expect(other.ownHand).toBe(at);
        await call.raiseHand(false);
        expect(other.ownHand).toBeUndefined();
        expect(find(call, 'me').handRaised).toBeUndefined();
      });

      it('that come in floods are not all told', async () => {
        other.arrive('bo');
        const call = await join();
        const events = eventsOf(call);
        for (let count = 0; count < 1_000; count += 1) other.react('bo', '👍');
        expect(events.length).toBeGreaterThan(1);
        expect(events.length).toBeLessThan(50);
      });
    });

    describe('a recording', () => {
      it('is shown as long as it goes on', async () => {
        const call = await join();
        const told = vi.fn();
        call.subscribe(told);
        expect(call.recording).toBe(false);
        other.record(true);
        expect([call.recording, told.mock.calls.length > 0]).toEqual([true, true]);
        other.record(false);
        expect(call.recording).toBe(false);
      });
    });

    describe('statistics', () => {
      it('are of the whole call, of each participant, and of what is new', async () => {
        other.arrive('bo');
        other.arrive('cy');
        const call = await join();
        const [bo, cy] = [find(call, 'bo').id, find(call, 'cy').id];
        other.publish('bo', 'microphone');
        other.publish('cy', 'microphone');
        await pass();
        other.count('bo', 'microphone', { packetsReceived: 100, packetsLost: 1 });
        other.count('cy', 'microphone', { packetsReceived: 50, packetsLost: 0 });
        const first = await call.statistics();
        expect(first.totals).toMatchObject({ packetsReceived: 150, packetsLost: 1 });
        expect(first.now).toMatchObject({ packetsReceived: 150, packetsLost: 1 });
        expect(first.participants.get(bo)).toMatchObject({ packetsReceived: 100 });
        expect(first.participants.get(cy)).toMatchObject({ packetsReceived: 50 });
        other.count('bo', 'microphone', { packetsReceived: 120, packetsLost: 4 });
        const second = await call.statistics();
        expect(second.now).toMatchObject({ packetsReceived: 20, packetsLost: 3 });
        expect(second.totals).toMatchObject({ packetsReceived: 170, packetsLost: 4 });
      });

      it('count on over connections, and after the call', async () => {
        other.arrive('bo');
        const call = await join();
        other.publish('bo', 'microphone');
        other.count('bo', 'microphone', { packetsReceived: 100 });
        await call.leave();
        expect((await call.statistics()).totals.packetsReceived).toBe(100);
      });
    });

    describe('the connection', () => {
      it('that is mended is reconnecting meanwhile', async () => {
        const call = await join();
        other.interrupt();
        expect(call.state).toEqual({ kind: 'reconnecting' });
        other.mend();
        expect(call.state).toEqual({ kind: 'connected' });
        expect(other.issued).toBe(1);
      });

      it('beyond mending is made anew with a fresh grant, and everybody is the same', async () => {
        other.arrive('bo');
        const call = await join();
        const [me, bo] = call.participants;
        const video = document.createElement('video');
        bo?.attach('camera', video);
        bo?.setVolume(0.5);
        await call.sendMessage('before');
        const since = call.since;
        const events = eventsOf(call);
        other.breakOff();
        expect(call.state).toEqual({ kind: 'reconnecting' });
        expect(identities(call.participants)).toEqual(['me']);
        await pass(10_000);
        expect(call.state).toEqual({ kind: 'connected' });
        expect(other.issued).toBe(2);
        expect(call.participants).toEqual([me, bo]);
        expect(call.participants[1]).toBe(bo);
        expect(bo?.volume).toBe(0.5);
        expect(call.since).toBe(since);
        expect(call.messages).toHaveLength(1);
        expect(other.sent('camera')).toBe('live');
        other.publish('bo', 'camera');
        expect(other.shown(video)).toMatchObject({ identity: 'bo' });
        expect(events).toEqual([]);
      });

      it('that does not come back is told of as lost, or with what refuses it', async () => {
        const lost = await join();
        other.refuse('server-unreachable-refused');
        other.breakOff();
        await pass(15 * 60_000);
        expect(lost.state).toEqual({ kind: 'disconnected', reason: 'connection-lost' });
      });

      it('is not asked for again once it was refused', async () => {
        const call = await join();
        other.refuse('token-expired');
        other.breakOff();
        await pass(60_000);
        const code = 'token-expired';
        expect(call.state).toEqual({ kind: 'disconnected', reason: 'refused', code });
        expect(other.issued).toBe(2);
      });

      it('says nothing of who came and went meanwhile but what is so afterwards', async () => {
        other.arrive('bo');
        const call = await join();
        const events = eventsOf(call);
        const bo = find(call, 'bo');
        other.breakOff();
        other.arrive('cy');
        await pass(1_000);
        expect(events).toEqual([{ kind: 'joined', participant: find(call, 'cy') }]);
        expect(find(call, 'bo')).toBe(bo);
      });
    });

    describe('the end', () => {
      const once = lacks.includes('one connection for each user')
        ? []
        : (['duplicate-identity'] as const);
      it.each(['removed', 'ended', ...once] as const)('is told: %s', async (reason) => {
        const call = await join();
        other.end(reason);
        expect(call.state).toEqual({ kind: 'disconnected', reason });
        await pass(60_000);
        expect(other.issued).toBe(1);
        expect(other.joined).toBe(false);
      });

      it('by leaving is final: nothing opens a device any more', async () => {
        const call = await join();
        await call.enable('camera', false);
        await call.leave();
        expect(call.state).toEqual({ kind: 'disconnected', reason: 'left' });
        expect(other.joined).toBe(false);
        const { length } = hardware.opened;
        await call.enable('camera', true);
        expect(hardware.opened).toHaveLength(length);
        expect(vi.getTimerCount()).toBe(0);
      });
    });
  });
}
