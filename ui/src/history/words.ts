import type { HistoryEntry } from '../platform';
import { duration } from '../lib/durations';
import { direction, locale, t } from '../words/language.svelte';

type Quality = NonNullable<HistoryEntry['quality']>;

/** Meetings that began on one day. */
interface Day {
  readonly key: string;
  readonly name: string;
  readonly entries: readonly HistoryEntry[];
}

const MINUTE = 60_000;

/** Groups by the day of the user's time zone, in the order given. `now`: ms since 1970. */
export function days(entries: readonly HistoryEntry[], now: number): Day[] {
  const groups = new Map<string, HistoryEntry[]>();
  for (const entry of entries) {
    const key = new Date(entry.startedAt).toDateString();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  const today = new Date(now);
  const yesterday = new Date(now);
  yesterday.setDate(today.getDate() - 1);
  const names = new Map([
    [yesterday.toDateString(), t('yesterday')],
    [today.toDateString(), t('today')],
  ]);
  const name = (day: string): string =>
    names.get(day) ??
    new Date(day).toLocaleDateString(locale(), {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
    });
  return [...groups].map(([key, group]) => ({ key, name: name(key), entries: group }));
}

/** "1 h 25 min". */
export function lasted(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / MINUTE);
  if (minutes < 1) return t('lasted-short');
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return t('lasted-minutes', { minutes });
  return rest === 0 ? t('lasted-hours', { hours }) : t('lasted-both', { hours, minutes: rest });
}

/** "Amina, Bruno, and Chloé". */
export function listed(names: readonly string[]): string {
  // As messages do with what is put into them.
  const apart = direction() === 'rtl' ? names.map((name) => `\u2068${name}\u2069`) : names;
  return new Intl.ListFormat(locale()).format(apart);
}

/**
 * Where a fair connection begins and where a poor one does. The round trip is that to the media
 * server, so about half of what a question and its answer take.
 */
const LIMITS = {
  lossPercent: [1, 5],
  roundTripMs: [200, 400],
  frozenMs: [1000, 10_000],
  reconnections: [1, 3],
} as const;

/** How well it went: a verdict, then what led to it. Empty: nothing was measured. */
export function qualityWords(quality: Quality): string[] {
  const { lossPercent, roundTripMs, frozenMs, reconnections, receivedHeight } = quality;
  const grade = (value: number | null, [fair, poor]: readonly [number, number]): number =>
    value === null || value < fair ? 0 : value < poor ? 1 : 2;
  const grades = {
    loss: grade(lossPercent, LIMITS.lossPercent),
    trip: grade(roundTripMs, LIMITS.roundTripMs),
    frozen: grade(frozenMs, LIMITS.frozenMs),
    broken: grade(reconnections, LIMITS.reconnections),
  };
  const worst = Math.max(...Object.values(grades));
  if (worst === 0 && lossPercent === null && roundTripMs === null) return [];
  const words = [t(worst === 2 ? 'went-poor' : worst === 1 ? 'went-fair' : 'went-good')];
  if (grades.broken > 0) words.push(t('went-broke', { count: reconnections }));
  if (grades.loss > 0) words.push(t('went-loss', { percent: Math.round(lossPercent ?? 0) }));
  if (grades.trip > 0) words.push(t('went-delay', { milliseconds: Math.round(roundTripMs ?? 0) }));
  if (grades.frozen > 0)
    words.push(t('went-frozen', { duration: duration((frozenMs ?? 0) / 1000) }));
  if (receivedHeight !== null) words.push(t('went-height', { height: String(receivedHeight) }));
  return words;
}
