import { locale, t } from '../words/language.svelte';

const UNITS = [
  ['duration-days', 86_400],
  ['duration-hours', 3_600],
  ['duration-minutes', 60],
] as const;

/** "3 minutes", in the largest unit that fits. */
export function duration(seconds: number): string {
  const [unit, size] =
    UNITS.find(([, length]) => seconds >= length) ?? (['duration-seconds', 1] as const);
  return t(unit, { count: Math.floor(seconds / size) });
}

/** When something was, by the clock of the user's system. */
export function clock(at: number): string {
  return new Date(at).toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit' });
}

/** Hours only if there are any: `4:05`, `1:04:05`. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const tail = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes % 60)}:${tail}` : `${minutes}:${tail}`;
}
