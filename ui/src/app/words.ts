import { placeOf } from '../lib/place';
import type { AccountState } from '../platform';
import { brand } from '../brand';
import type { Arrival, LostMeeting } from './arrivals.svelte';
import type { Screen } from './router.svelte';
import { t, unmarked } from '../words/language.svelte';

/** Something that is asked, and its first answer. */
interface Question {
  readonly title: string;
  readonly words: string;
  readonly yes: string;
}

/** The title of the window. */
export function windowTitle(screen: Screen): string {
  const title = titleOf(screen);
  return title === '' ? brand.name : unmarked(t('window-title', { title }));
}

function titleOf(screen: Screen): string {
  switch (screen.name) {
    case 'doctor':
      return t('doctor-title');
    case 'history':
      return t('history-title');
    case 'settings':
      return t('settings-title');
    case 'lobby':
      return t('window-lobby', { title: screen.visit.meeting.title });
    case 'room':
      return screen.visit.meeting.title;
    default:
      return '';
  }
}

/** Whether a meeting shall take the place of the one that the user is in, or about to join. */
export function arrivalQuestion(
  arrival: Arrival | undefined,
  screen: Screen['name'],
  backend: AccountState['backend'] | undefined,
): Question {
  const named = arrival?.title
    ? t('arrival-named', { title: arrival.title })
    : t('arrival-another');
  const leads = arrival?.session === null ? arrival.meeting : undefined;
  const meeting =
    leads === undefined
      ? named
      : t('arrival-placed', { meeting: named, place: placeOf(leads, backend) });
  return screen === 'room'
    ? {
        title: t('arrival-in-call'),
        words: t('arrival-in-call-words', { meeting }),
        yes: t('arrival-in-call-yes'),
      }
    : {
        title: t('arrival-in-lobby'),
        words: t('arrival-in-lobby-words', { meeting }),
        yes: t('arrival-in-lobby-yes'),
      };
}

/** Whether the user wants to go back to the meeting that the page was torn out of. */
export function lostWords(lost: LostMeeting | undefined): string {
  if (lost === undefined) return '';
  return t(lost.died ? 'lost-died' : 'lost-reloaded', { title: lost.meeting.title });
}
