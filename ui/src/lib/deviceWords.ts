import type { DeviceRole, InputRole } from '../call/model';
import { plainName } from '../call/plain';
import type { DisplaySource } from '../devices/displaySources.svelte';
import type { DeviceNotice, Switch } from '../devices/input';
import type { SoundName } from '../devices/sound';
import { t } from '../words/language.svelte';

/** What the user is told of a device that went away or came back. */
export function deviceWords(role: DeviceRole, { kind, device, using }: DeviceNotice): string {
  const said = (id: 'device-gone' | 'device-back' | 'device-back-in-use'): string =>
    device === '' ? t(id, { role }) : t(`${id}-named`, { device });
  const instead = (): string => t('device-instead', { role, device: using });
  if (kind === 'gone')
    return `${said('device-gone')} ${using === '' ? t('device-nothing-instead', { role }) : instead()}`;
  if (using === '') return `${said('device-back')} ${t('device-used-when-on', { role })}`;
  return using === device ? said('device-back-in-use') : `${said('device-back')} ${instead()}`;
}

/** What a click on the switch of a camera or microphone does, and what is the matter meanwhile. */
export function switchWords(role: InputRole, state: Switch): string {
  if (state === 'opening' || state === 'away') return t(`switch-${state}`, { role });
  return t(state === 'on' ? 'switch-off' : 'switch-on', { role });
}

/** What a monitor or window is called, and what it belongs to; `index` of `count` of its kind. */
export function sourceWords(
  { surface, title, application }: Pick<DisplaySource, 'surface' | 'title' | 'application'>,
  index: number,
  count: number,
): { readonly name: string; readonly of: string } {
  if (surface === 'monitor') {
    const name = count === 1 ? t('picker-whole') : t('picker-screen', { number: index + 1 });
    return { name, of: title === '' || count === 1 ? '' : plainName(title, '') };
  }
  const name = plainName(title, application || t('picker-window-unnamed'));
  const of = application === '' ? '' : plainName(application, '');
  return { name, of: of === name ? '' : of };
}

/** What others see of the user's screen. */
export function sharedWords({ title }: { readonly title: string }): string {
  return title === '' ? t('sharing-screen') : t('sharing-named', { title: plainName(title, '') });
}

const sounds = {
  echoCancellation: 'sound-echo',
  noiseSuppression: 'sound-noise',
  autoGainControl: 'sound-gain',
} as const satisfies Record<SoundName, string>;

/** What can be done to the sound of a microphone, in the words of its switches. */
export const soundWords = (name: SoundName): string => t(sounds[name]);

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
    name: label === '' ? t('device-unnamed', { role: t(role), number: index + 1 }) : label,
  }));
  return [{ id: '', name: t('device-default') }, ...named];
}
