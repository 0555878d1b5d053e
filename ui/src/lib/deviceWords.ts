import type { DeviceRole, InputRole } from '../call/model';
import { plainName } from '../call/plain';
import type { DisplaySource } from '../devices/displaySources.svelte';
import type { DeviceNotice, Switch } from '../devices/input';
import type { SoundName } from '../devices/sound';

const effects = {
  microphone: { on: 'You are heard through', off: 'Nobody hears you now.' },
  camera: { on: 'You are seen through', off: 'Nobody sees you now.' },
  speaker: { on: 'You hear through', off: 'You hear nobody now.' },
} as const;

/** What the user is told of a device that went away or came back. */
export function deviceWords(role: DeviceRole, { kind, device, using }: DeviceNotice): string {
  const named = device === '' ? `The ${role}` : `“${device}”`;
  const { on, off } = effects[role];
  if (kind === 'gone') return `${named} is gone. ${using === '' ? off : `${on} “${using}”.`}`;
  if (using === '') return `${named} is back. It is used when you turn the ${role} on.`;
  return using === device
    ? `${named} is back and in use again.`
    : `${named} is back. ${on} “${using}”.`;
}

/** What a click on the switch of a camera or microphone does, and what is the matter meanwhile. */
export function switchWords(role: InputRole, state: Switch): string {
  if (state === 'opening') return `Opening the ${role}… Leave it off`;
  if (state === 'away') return `Leave the ${role} off`;
  return `Turn the ${role} ${state === 'on' ? 'off' : 'on'}`;
}

/** What a monitor or window is called, and what it belongs to; `index` of `count` of its kind. */
export function sourceWords(
  { surface, title, application }: Pick<DisplaySource, 'surface' | 'title' | 'application'>,
  index: number,
  count: number,
): { readonly name: string; readonly of: string } {
  if (surface === 'monitor') {
    const name = count === 1 ? 'The whole screen' : `Screen ${index + 1}`;
    return { name, of: title === '' || count === 1 ? '' : plainName(title, '') };
  }
  const name = plainName(title, application || 'A window without a name');
  const of = application === '' ? '' : plainName(application, '');
  return { name, of: of === name ? '' : of };
}

/** What others see of the user's screen. */
export function sharedWords({ title }: { readonly title: string }): string {
  return title === ''
    ? 'You are sharing your screen. Everybody in the meeting sees it.'
    : `You are sharing “${plainName(title, '')}”. Everybody in the meeting sees it.`;
}

export const roleNames = {
  microphone: 'Microphone',
  camera: 'Camera',
  speaker: 'Speaker',
} as const satisfies Record<DeviceRole, string>;

/** What can be done to the sound of a microphone, in the words of its switches. */
export const soundWords = {
  echoCancellation: 'Remove echo',
  noiseSuppression: 'Reduce noise',
  autoGainControl: 'Adjust my volume',
} as const satisfies Record<SoundName, string>;

/** What can be chosen, the system's default first; `id`: empty for that. */
export function choicesOf(
  role: DeviceRole,
  devices: readonly Pick<MediaDeviceInfo, 'deviceId' | 'label'>[],
): readonly { readonly id: string; readonly name: string }[] {
  // Before anything may be opened, devices have no ids: none of them can be chosen.
  const known = devices.filter(({ deviceId }) => deviceId !== '');
  const named = known.map(({ deviceId, label }, index) => ({
    id: deviceId,
    // Some do not say their name.
    name: label === '' ? `${roleNames[role]} ${index + 1}` : label,
  }));
  return [{ id: '', name: 'System default' }, ...named];
}
