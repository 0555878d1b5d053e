// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { LocalDevices } from '../src/devices/local.svelte';
import { usualWishes, type MicrophoneWishes } from '../src/devices/sound';
import { Failures } from '../src/errors/failures.svelte';
import { isErrorCode } from '../src/errors/table';
import { fillInHardware, type Hardware } from './support/devices';

let hardware: Hardware;
beforeEach(() => {
  hardware = fillInHardware();
  localStorage.clear();
});

/** Ids of what is open. */
const open = (): string[] => hardware.open().map(({ deviceId }) => deviceId);
/** Until whatever the devices do by themselves is done. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** It is plugged in, but cannot be opened. */
function occupy(id: string): void {
  hardware.occupied.add(id);
}

/** What opening a device waits for from now on, until it is called. */
function hold(): () => void {
  let release = (): void => undefined;
  hardware.gate = new Promise((resolve) => (release = resolve));
  return release;
}

async function opened(off = {}): Promise<LocalDevices> {
  const devices = new LocalDevices(off);
  await devices.open();
  return devices;
}

describe('devices', () => {
  it('are open from the lobby until they are closed for good', async () => {
    const devices = await opened();
    expect(open()).toEqual(['cam', 'mic']);
    devices.close();
    expect(open()).toEqual([]);
    await devices.enable('camera', true);
    expect(open()).toEqual([]);
  });

  it('that come only after they were closed are closed at once', async () => {
    let release = (): void => undefined;
    hardware.gate = new Promise((resolve) => (release = resolve));
    const devices = new LocalDevices();
    const opening = devices.open();
    await settled();
    devices.close();
    release();
    await opening;
    await settled();
    expect(hardware.opened).toHaveLength(2);
    expect(open()).toEqual([]);
  });

  it('that come only after they were switched off again are closed at once', async () => {
    const devices = await opened({ camera: true });
    let release = (): void => undefined;
    hardware.gate = new Promise((resolve) => (release = resolve));
    const on = devices.enable('camera', true);
    const off = devices.enable('camera', false);
    release();
    await Promise.all([on, off]);
    expect(open()).toEqual(['mic']);
  });

  it.each(['camera', 'microphone'] as const)(
    'that are switched off while another %s opens are closed at once',
    async (role) => {
      const kind = role === 'camera' ? 'videoinput' : 'audioinput';
      const devices = await opened();
      hardware.plug(kind, 'another');
      await settled();
      const release = hold();
      devices.choose(role, 'another');
      await settled();
      const off = devices.enable(role, false);
      expect(open()).toEqual(role === 'camera' ? ['mic'] : ['cam']);
      release();
      await off;
      await settled();
      expect(open()).toEqual(role === 'camera' ? ['mic'] : ['cam']);
    },
  );

  it('switched on, off and on open one device at a time', async () => {
    const devices = await opened();
    await Promise.all([true, false, true, false, true].map((on) => devices.enable('camera', on)));
    // Whatever was opened twice would have been refused as busy.
    expect(devices.failures).toEqual({});
    expect(open().toSorted()).toEqual(['cam', 'mic']);
  });

  it('tell what could not be opened, and stay off', async () => {
    hardware.refusal = Object.assign(new Error('busy'), { name: 'NotReadableError' });
    const devices = await opened();
    expect(devices.failures.camera?.code).toBe('camera-busy');
    await expect(devices.enable('microphone', true)).rejects.toMatchObject({
      code: 'microphone-busy',
    });
    hardware.refusal = undefined;
    hardware.plug('videoinput', 'other');
    await settled();
    expect(open()).toEqual([]);
  });
});

describe('a device that is still opening', () => {
  it.each([
    ['in the lobby', false],
    ['in a call', true],
  ])('%s is closed at once if it was switched off meanwhile', async (_, call) => {
    const release = hold();
    const devices = new LocalDevices();
    const opening = devices.open();
    await settled();
    expect(devices.switches).toEqual({ camera: 'opening', microphone: 'opening' });
    if (call) devices.entered();
    const off = devices.enable('microphone', false);
    expect(devices.switches.microphone).toBe('off');
    release();
    await Promise.all([opening, off]);
    await settled();
    expect(hardware.opened).toHaveLength(2);
    expect(open()).toEqual(['cam']);
    expect(devices.switches).toEqual({ camera: 'on', microphone: 'off' });
  });

  it('and fails after it was switched off is no failure', async () => {
    const release = hold();
    const devices = new LocalDevices();
    const opening = devices.open();
    await settled();
    const off = devices.enable('camera', false);
    occupy('cam');
    release();
    await Promise.all([opening, off]);
    expect(devices.failures).toEqual({});
  });

  it('and fails only in the call is told there, until it works or the devices are closed', async () => {
    const failures = new Failures(() => undefined);
    const release = hold();
    const devices = new LocalDevices({}, failures);
    const opening = devices.open();
    await settled();
    devices.entered();
    occupy('mic');
    occupy('cam');
    release();
    await opening;
    expect(failures.of('microphone')?.code).toBe('microphone-busy');
    hardware.occupied.clear();
    await devices.enable('microphone', true);
    expect(failures.of('microphone')).toBeUndefined();
    expect(failures.of('camera')?.code).toBe('camera-busy');
    devices.close();
    expect(failures.newest()).toBeUndefined();
  });
});

describe('another device', () => {
  beforeEach(() => {
    hardware.plug('audioinput', 'headset', 'Headset');
  });

  it('takes the place of the one that is on', async () => {
    const devices = await opened();
    devices.choose('microphone', 'headset');
    await settled();
    expect(open().toSorted()).toEqual(['cam', 'headset']);
  });

  it('chosen while muted stays off until it is switched on', async () => {
    const devices = await opened();
    await devices.enable('microphone', false);
    devices.choose('microphone', 'headset');
    await settled();
    expect(open()).toEqual(['cam']);
    await devices.enable('microphone', true);
    expect(open().toSorted()).toEqual(['cam', 'headset']);
  });

  it('chosen while muted in a call is silent, and so is the one before', async () => {
    const devices = await opened();
    devices.entered();
    await devices.enable('microphone', false);
    expect(hardware.open('audio').map(({ live }) => live)).toEqual([false]);
    devices.choose('microphone', 'headset');
    await settled();
    expect(hardware.opened.filter(({ kind, live }) => kind === 'audio' && live)).toEqual([]);
    await devices.enable('microphone', true);
    expect(hardware.open('audio').map(({ deviceId, live }) => [deviceId, live])).toEqual([
      ['headset', true],
    ]);
  });

  it('is remembered, and the way back to the default as well', async () => {
    (await opened()).choose('microphone', 'headset');
    (await opened()).close();
    await settled();
    for (const device of hardware.open()) device.stop();
    const second = await opened();
    expect(second.chosen.microphone).toBe('headset');
    expect(open()).toContain('headset');
    second.choose('microphone', '');
    await settled();
    expect(open().toSorted()).toEqual(['cam', 'mic']);
    expect(new LocalDevices().chosen.microphone).toBe('');
  });

  it('that is remembered but not there leaves the default, until it is plugged in', async () => {
    localStorage.setItem('devices', JSON.stringify({ camera: 'gone', microphone: 7 }));
    const devices = await opened();
    expect(open().toSorted()).toEqual(['cam', 'mic']);
    expect(devices.failures).toEqual({});
    hardware.plug('videoinput', 'gone');
    await settled();
    expect(open().toSorted()).toEqual(['gone', 'mic']);
  });

  it('is none of Chromium’s names for the default', async () => {
    hardware.plug('audioinput', 'default', 'Default - Desk microphone');
    const devices = await opened();
    expect(devices.of('microphone').map(({ deviceId }) => deviceId)).toEqual(['mic', 'headset']);
  });
});

describe('a device that is there but cannot be opened', () => {
  it('takes nothing away from the one that stood in for it', async () => {
    hardware.plug('audioinput', 'headset', 'Headset');
    const devices = await opened();
    devices.entered();
    hardware.unplug('mic');
    await settled();
    occupy('mic');
    hardware.plug('audioinput', 'mic', 'Desk microphone');
    await settled();
    expect(open().toSorted()).toEqual(['cam', 'headset']);
    expect(devices.switches.microphone).toBe('on');
    expect(devices.notices.microphone).toMatchObject({ kind: 'gone', using: 'Headset' });
    // Plugged in anew it is tried again.
    hardware.occupied.clear();
    hardware.unplug('mic');
    hardware.plug('audioinput', 'mic', 'Desk microphone');
    await settled();
    expect(open().toSorted()).toEqual(['cam', 'mic']);
  });

  it('and was chosen once takes nothing away when it is plugged in, and that is said', async () => {
    localStorage.setItem('devices', JSON.stringify({ microphone: 'headset' }));
    const devices = await opened();
    devices.entered();
    occupy('headset');
    hardware.plug('audioinput', 'headset', 'Headset');
    await settled();
    expect(open().toSorted()).toEqual(['cam', 'mic']);
    expect(devices.switches.microphone).toBe('on');
    expect(devices.failures.microphone?.code).toBe('microphone-busy');
  });

  it('leaves the one that was chosen before', async () => {
    for (const id of ['second', 'third']) hardware.plug('videoinput', id);
    const devices = await opened();
    devices.choose('camera', 'second');
    await settled();
    occupy('third');
    devices.choose('camera', 'third');
    await settled();
    expect(open().toSorted()).toEqual(['mic', 'second']);
  });
});

describe('a list of devices', () => {
  it('that is told late does not take the place of a newer one', async () => {
    const devices = await opened();
    hardware.unplug('cam');
    await settled();
    const now = hardware.enumerateDevices.bind(hardware);
    let release = (): void => undefined;
    hardware.enumerateDevices = async () => {
      const before = await now();
      await new Promise<void>((resolve) => (release = resolve));
      return before;
    };
    hardware.dispatchEvent(new Event('devicechange'));
    await settled();
    hardware.enumerateDevices = now;
    hardware.plug('videoinput', 'cam', 'Desk camera');
    await settled();
    release();
    await settled();
    expect(devices.of('camera')).toHaveLength(1);
  });
});

describe('a device that goes away', () => {
  it('is said at once, replaced by another one, and used again when it is back', async () => {
    hardware.plug('audioinput', 'headset', 'Headset');
    const devices = await opened();
    devices.entered();
    hardware.unplug('mic');
    expect(devices.notices.microphone).toMatchObject({ kind: 'gone', device: 'Desk microphone' });
    await settled();
    expect(open().toSorted()).toEqual(['cam', 'headset']);
    expect(devices.notices.microphone?.using).toBe('Headset');
    hardware.plug('audioinput', 'mic', 'Desk microphone');
    await settled();
    expect(open().toSorted()).toEqual(['cam', 'mic']);
    expect(devices.notices.microphone?.kind).toBe('back');
    // It is as it was before: what the system has as its default now changes nothing.
    hardware.dispatchEvent(new Event('devicechange'));
    await settled();
    expect(hardware.opened.filter(({ kind }) => kind === 'audio')).toHaveLength(3);
  });

  it('and has no other is opened again when it is back', async () => {
    const devices = await opened();
    devices.entered();
    hardware.unplug('cam');
    await settled();
    expect(devices.tracks.camera).toBeUndefined();
    expect(devices.notices.camera).toEqual({ kind: 'gone', device: 'Desk camera', using: '' });
    hardware.plug('videoinput', 'cam', 'Desk camera');
    await settled();
    expect(devices.input('camera').track?.readyState).toBe('live');
  });

  it('stays off when it is back if it was switched off meanwhile', async () => {
    const devices = await opened();
    devices.entered();
    hardware.unplug('mic');
    await settled();
    await devices.enable('microphone', false);
    hardware.plug('audioinput', 'mic', 'Desk microphone');
    await settled();
    expect(open()).toEqual(['cam']);
    // It is offered.
    expect(devices.notices.microphone).toMatchObject({ kind: 'back', using: '' });
    await devices.enable('microphone', true);
    expect(open().toSorted()).toEqual(['cam', 'mic']);
  });

  it('and was left off for good stays off when it is back', async () => {
    const devices = await opened();
    devices.entered();
    hardware.unplug('cam');
    await settled();
    devices.dismiss('camera');
    expect(devices.switches.camera).toBe('away');
    await devices.enable('camera', false);
    expect(devices.switches.camera).toBe('off');
    hardware.plug('videoinput', 'cam', 'Desk camera');
    await settled();
    expect(open()).toEqual(['mic']);
  });

  it('is only offered when it is back if another was switched off and on', async () => {
    hardware.plug('audioinput', 'headset', 'Headset');
    const devices = await opened();
    devices.entered();
    hardware.unplug('mic');
    await settled();
    await devices.enable('microphone', false);
    await devices.enable('microphone', true);
    hardware.plug('audioinput', 'mic', 'Desk microphone');
    await settled();
    expect(open().toSorted()).toEqual(['cam', 'headset']);
    expect(devices.notices.microphone).toEqual({
      kind: 'back',
      device: 'Desk microphone',
      using: 'Headset',
    });
    await devices.takeBack('microphone');
    expect(open().toSorted()).toEqual(['cam', 'mic']);
  });

  it('is said to be back once', async () => {
    const devices = await opened();
    devices.entered();
    hardware.unplug('cam');
    await settled();
    await devices.enable('camera', false);
    hardware.plug('videoinput', 'cam', 'Desk camera');
    await settled();
    expect(devices.notices.camera?.kind).toBe('back');
    devices.dismiss('camera');
    hardware.dispatchEvent(new Event('devicechange'));
    await settled();
    expect(devices.notices).toEqual({});
  });

  it.each(['out', ''])('and was the only one to hear with is said (chosen: “%s”)', async (id) => {
    const devices = await opened();
    devices.choose('speaker', id);
    hardware.unplug('out');
    await settled();
    expect(devices.notices.speaker).toEqual({ kind: 'gone', device: 'Desk speaker', using: '' });
    hardware.plug('audiooutput', 'out', 'Desk speaker');
    await settled();
    expect(devices.notices.speaker?.kind).toBe('back');
  });

  it('before the call and is back in it stays off, as it was shown', async () => {
    const devices = await opened();
    hardware.unplug('cam');
    await settled();
    devices.entered();
    hardware.plug('videoinput', 'cam', 'Desk camera');
    await settled();
    expect(open()).toEqual(['mic']);
  });

  it('does not take the place of what was chosen meanwhile', async () => {
    hardware.plug('audioinput', 'headset', 'Headset');
    const devices = await opened();
    hardware.unplug('mic');
    await settled();
    devices.choose('microphone', 'headset');
    hardware.plug('audioinput', 'mic');
    await settled();
    expect(open().toSorted()).toEqual(['cam', 'headset']);
  });

  it('and plays the sound leaves it to the default until it is back', async () => {
    hardware.plug('audiooutput', 'box', 'Box');
    const devices = await opened();
    devices.choose('speaker', 'box');
    expect(devices.speaker).toBe('box');
    hardware.unplug('box');
    await settled();
    expect(devices.speaker).toBe('');
    expect(devices.notices.speaker).toMatchObject({ kind: 'gone', device: 'Box' });
    devices.dismiss('speaker');
    expect(devices.notices).toEqual({});
    hardware.plug('audiooutput', 'box', 'Box');
    await settled();
    expect(devices.speaker).toBe('box');
    expect(devices.notices.speaker?.kind).toBe('back');
  });
});

describe('sharing a screen', () => {
  const refused = (name: string, message: string): Error =>
    Object.assign(new Error(message), { name });
  async function share(refusal?: Error): Promise<LocalDevices> {
    hardware.allowScreens();
    hardware.screenRefusal = refusal;
    const devices = new LocalDevices();
    await devices.enable('screen', true);
    return devices;
  }

  it.each([
    ['the system forbids it', 'NotAllowedError', 'Permission denied by system', 'screen-denied'],
    ['a policy forbids it', 'SecurityError', 'no', 'screen-denied'],
    ['there is nothing to share', 'NotFoundError', 'no', 'screen-unavailable'],
    ['the window has gone', 'AbortError', 'no', 'screen-unavailable'],
    ['the system fails', 'NotReadableError', 'no', 'screen-unavailable'],
    ['the system has no such thing', 'NotSupportedError', 'no', 'screen-unsupported'],
  ])('says that %s', async (_, name, message, code) => {
    await expect(share(refused(name, message))).rejects.toMatchObject({ code });
    expect(isErrorCode(code)).toBe(true);
  });

  it('is for words, until the user wants it fluent', async () => {
    const devices = await share();
    const [picture] = hardware.screens;
    expect(picture?.contentHint).toBe('text');
    expect(devices.shared).toEqual({ title: 'Screen', fluent: false });
    await devices.shareFluently(true);
    expect(picture?.contentHint).toBe('motion');
    expect(picture?.applyConstraints).toHaveBeenLastCalledWith({ frameRate: { ideal: 30 } });
    expect(devices.shared).toEqual({ title: 'Screen', fluent: true });
    hardware.endScreens();
    expect(devices.shared).toBeUndefined();
    await devices.shareFluently(true);
    expect(devices.shared).toBeUndefined();
  });

  it('from a webview that cannot is said as that', async () => {
    const devices = new LocalDevices();
    const code = 'screen-unsupported';
    await expect(devices.enable('screen', true)).rejects.toMatchObject({ code });
  });

  it.each([
    ['Permission denied', 'by Chromium'],
    ['The object can not be found here.', 'by Firefox'],
    [
      'The request is not allowed by the user agent or the platform in the current context, ' +
        'possibly because the user denied permission.',
      'by WebKit',
    ],
  ])('that the user calls off is no failure, and shares nothing: %s', async (message) => {
    const devices = await share(refused('NotAllowedError', message));
    expect(devices.input('screen')).toEqual({ track: undefined, enabled: false });
  });
});

describe('the sound of the microphone', () => {
  const all = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  const without = { ...all, noiseSuppression: false };

  async function wanting(wishes: Partial<MicrophoneWishes>): Promise<LocalDevices> {
    const devices = new LocalDevices({}, undefined, { ...usualWishes, ...wishes });
    await devices.open();
    return devices;
  }
  const microphones = () => hardware.opened.filter(({ kind }) => kind === 'audio');

  it('is asked for as the user wants it', async () => {
    const devices = await wanting({ sound: without });
    expect([devices.sound, microphones()[0]?.sound]).toEqual([without, without]);
  });

  it('is changed while it is open, and remembered', async () => {
    const keepSound = vi.fn();
    const devices = await wanting({ keepSound });
    devices.changeSound('noiseSuppression', false);
    await settled();
    expect(devices.sound).toEqual(without);
    expect(microphones().map(({ sound }) => sound)).toEqual([without]);
    expect(keepSound).toHaveBeenCalledExactlyOnceWith('noiseSuppression', false);
  });

  it('is changed by opening it anew where the webview cannot otherwise', async () => {
    hardware.obeys = false;
    const devices = await wanting({});
    devices.changeSound('noiseSuppression', false);
    await settled();
    expect(microphones().map(({ sound }) => sound)).toEqual([all, without]);
    expect(open()).toEqual(['cam', 'mic']);
    expect(devices.tracks.microphone).toBe(microphones()[1]);
  });

  it('that is changed so while muted opens nothing', async () => {
    hardware.obeys = false;
    const devices = await wanting({});
    devices.entered();
    await devices.enable('microphone', false);
    devices.changeSound('echoCancellation', false);
    await settled();
    expect(open()).toEqual(['cam']);
    await devices.enable('microphone', true);
    expect(microphones()[1]?.sound.echoCancellation).toBe(false);
  });

  it('stays open in a call while muted, unless the user wants it closed', async () => {
    for (const closesWhenMuted of [false, true]) {
      const devices = await wanting({ closesWhenMuted });
      devices.entered();
      await devices.enable('microphone', false);
      expect(open()).toEqual(closesWhenMuted ? ['cam'] : ['cam', 'mic']);
      expect(hardware.open('audio').every(({ enabled }) => !enabled)).toBe(true);
      devices.close();
    }
  });

  it('is not opened to hear who is muted, where it never was', async () => {
    const devices = new LocalDevices({ microphone: true });
    await devices.open();
    devices.entered();
    expect(open()).toEqual(['cam']);
    expect(devices.tracks.microphone).toBeUndefined();
  });
});
