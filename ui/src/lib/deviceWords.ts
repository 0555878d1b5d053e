import type { DeviceRole } from '../call/model';
import type { DeviceNotice } from '../devices/input';

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
  return using === ''
    ? `${named} is back. It is used when you turn the ${role} on.`
    : `${named} is back and in use again.`;
}
