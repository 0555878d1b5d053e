// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';

import { LocalDevices } from '../src/devices/local.svelte';
import { fillInDevices, type FakeDevice } from './view/devices';

let opened: FakeDevice[];
beforeEach(() => (opened = fillInDevices()));

const states = (): string[] => opened.map(({ readyState }) => readyState);

describe('devices before a call', () => {
  it.each([
    ['are stopped when the lobby is left', () => undefined, 'ended'],
    ['are not, once a call has them', (devices: LocalDevices) => void devices.handOver(), 'live'],
  ])('%s', async (_, before, state) => {
    const devices = new LocalDevices();
    await devices.open();
    before(devices);
    devices.close();
    expect(states()).toEqual([state, state]);
  });

  it('are stopped if the call comes to nothing after the lobby was left', async () => {
    const devices = new LocalDevices();
    await devices.open();
    devices.handOver();
    devices.close();
    devices.takeBack();
    expect(states()).toEqual(['ended', 'ended']);
  });
});
