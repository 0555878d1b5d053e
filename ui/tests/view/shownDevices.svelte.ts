import { vi } from 'vitest';

import type { DeviceNotices, DevicePreview } from '../../src/devices/local.svelte';
import { usualWishes } from '../../src/devices/sound';
import type { Failure } from '../../src/errors/failure';

/** Devices that are open or not as a test says. */
export class ShownDevices implements DevicePreview, DeviceNotices {
  tracks: DevicePreview['tracks'] = $state.raw({});
  failures: Partial<Record<'camera' | 'microphone', Failure>> = $state.raw({});
  switches: DevicePreview['switches'] = $state.raw({ camera: 'off', microphone: 'off' });
  notices: DeviceNotices['notices'] = $state.raw({});
  shared: DeviceNotices['shared'] = $state.raw();
  chosen = $state({ camera: '', microphone: '', speaker: '' });
  devices: MediaDeviceInfo[] = $state.raw([]);
  sound: DevicePreview['sound'] = $state.raw({ ...usualWishes.sound, noiseSuppression: false });
  report: ((level: number) => void) | undefined;
  readonly open = vi.fn<DevicePreview['open']>().mockResolvedValue();
  readonly enable = vi.fn<DevicePreview['enable']>().mockResolvedValue();
  readonly choose = vi.fn<DevicePreview['choose']>();
  readonly changeSound = vi.fn<DevicePreview['changeSound']>();
  readonly dismiss = vi.fn<DeviceNotices['dismiss']>();
  readonly takeBack = vi.fn<DeviceNotices['takeBack']>().mockResolvedValue();
  readonly shareFluently = vi.fn<DeviceNotices['shareFluently']>().mockResolvedValue();
  readonly stopMeter = vi.fn();
  readonly meter: DevicePreview['meter'] = (_, report) => {
    this.report = report;
    return this.stopMeter;
  };

  of(role: 'camera' | 'microphone' | 'speaker'): MediaDeviceInfo[] {
    const kind = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' }[role];
    return this.devices.filter((device) => device.kind === kind);
  }
}
