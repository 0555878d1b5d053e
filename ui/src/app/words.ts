import { placeOf } from '../lib/place';
import type { AccountState } from '../platform';
import { brand } from '../brand';
import type { Arrival, LostMeeting } from './arrivals.svelte';
import type { Screen } from './router.svelte';

/** Something that is asked, and its first answer. */
interface Question {
  readonly title: string;
  readonly words: string;
  readonly yes: string;
}

/** The title of the window. */
export function windowTitle(screen: Screen): string {
  const title = titleOf(screen);
  return title === '' ? brand.name : `${title} – ${brand.name}`;
}

function titleOf(screen: Screen): string {
  switch (screen.name) {
    case 'doctor':
      return 'Check a meeting token';
    case 'history':
      return 'Your meetings';
    case 'settings':
      return 'Settings';
    case 'lobby':
      return `Before you join ${screen.visit.meeting.title}`;
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
  const named = arrival?.title ? `“${arrival.title}”` : 'Another meeting';
  const meeting = arrival?.session === null ? arrival.meeting : undefined;
  const which = meeting === undefined ? named : `${named} (${placeOf(meeting, backend)})`;
  return screen === 'room'
    ? {
        title: 'Leave this call and join?',
        words: `${which} opens in its place. You can come back to this call later.`,
        yes: 'Leave and join',
      }
    : {
        title: 'Open another meeting?',
        words: `A link leads to ${which}. It opens in place of the one that you are about to join.`,
        yes: 'Open it',
      };
}

/** Whether the user wants to go back to the meeting that the page was torn out of. */
export function lostWords(lost: LostMeeting | undefined): string {
  if (lost === undefined) return '';
  const why = lost.died
    ? `${brand.name}’s window stopped working and was opened again.`
    : `${brand.name}’s window was loaded anew.`;
  return `${why} You are no longer in “${lost.meeting.title}”: nobody there sees or hears you.`;
}
