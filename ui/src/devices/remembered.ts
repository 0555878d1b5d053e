import type { DeviceRole } from '../call/model';

const KEY = 'devices';

/** Device ids by role; empty: the system's default. */
export type Choice = Record<DeviceRole, string>;

/** What was chosen on this computer before. */
export function rememberedChoice(): Choice {
  const choice: Choice = { camera: '', microphone: '', speaker: '' };
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return choice;
    for (const [role, id] of Object.entries(kept)) {
      if (role in choice && typeof id === 'string') choice[role as DeviceRole] = id;
    }
  } catch {
    // Damaged: as if nothing had been chosen.
  }
  return choice;
}

export function rememberChoice(choice: Choice): void {
  localStorage.setItem(KEY, JSON.stringify(choice));
}
