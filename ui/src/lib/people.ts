import type { AccountState, MeetingSession } from '../platform';
import { duration } from './durations';
import { t } from '../words/language.svelte';

/** Up to two letters that stand for a name; never nothing. */
export function initials(name: string): string {
  // What has no letter, number or sign to it is no word: marks alone cannot be seen.
  const words = name.split(/\s+/u).flatMap((word) => /[\p{L}\p{N}\p{S}]/u.exec(word) ?? []);
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  return chosen.join('').toUpperCase() || '?';
}

/** A hue, 0 to 359 degrees, that stays with a name. */
export function hueOf(name: string): number {
  let hue = 0;
  for (const letter of name) hue = (hue * 31 + (letter.codePointAt(0) ?? 0)) % 360;
  return hue;
}

/** What to call who is signed in; a backend may know only their id, or not even that. */
export function nameOf({ name, id }: NonNullable<AccountState['user']>): string {
  return [name, id].find((each) => each.trim() !== '') ?? t('user-unnamed');
}

/** What to call a meeting session. */
export function titleOf({ title }: MeetingSession): string {
  return title.trim() === '' ? t('meeting-untitled') : title;
}

/** What to call the other party, within a sentence. */
export function partyOf({ otherParty, role }: MeetingSession): string {
  if (otherParty.trim() !== '') return otherParty;
  return t(role === 'offerer' ? 'party-requester' : 'party-offerer');
}

/** Where the backend does not name the other party, a sentence goes without. */
const told = (session: MeetingSession): { party: string; known: 'yes' | 'no' } => ({
  party: partyOf(session),
  known: session.otherParty.trim() === '' ? 'no' : 'yes',
});

/** Who did what, said to the user. */
export function rolesOf(session: MeetingSession): string {
  return t(session.role === 'offerer' ? 'roles-offerer' : 'roles-requester', told(session));
}

/** How long something goes on, in words; `then` and `now` in milliseconds since 1970. */
export function sinceWords(then: number, now: number): string {
  const seconds = (now - then) / 1000;
  return seconds < 60 ? t('just-now') : t('ago', { duration: duration(seconds) });
}

/** What is said while a meeting session rings. */
export function ringWords(session: MeetingSession): { heading: string; words: string } {
  const values = told(session);
  return session.role === 'offerer'
    ? { heading: t('ring-offerer'), words: t('ring-offerer-words', values) }
    : { heading: t('ring-requester'), words: t('ring-requester-words', values) };
}
