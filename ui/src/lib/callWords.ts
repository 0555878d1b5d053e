import type { CallEvent, Hindrance } from '../call/model';

const hindered: Readonly<Record<Hindrance, string>> = {
  provider: 'Screens cannot be shared in this meeting',
  grant: 'You may not share your screen in this meeting',
  webview: 'Your screen cannot be shared from this system yet',
};

/** What the button that shares a screen does, or why it does nothing. */
export function sharingWords(hindrance: Hindrance | undefined): string {
  return hindrance === undefined ? 'Share your screen' : hindered[hindrance];
}

const moderated = {
  microphone: 'The host muted you.',
  camera: 'The host turned your camera off.',
  screen: 'The host ended the sharing of your screen.',
  'screen-audio': 'The host muted the sound of your screen.',
} as const;

/** What is read out of what happens in a call; undefined: it is shown elsewhere, or only seen. */
export function wordsOf(event: CallEvent): string | undefined {
  switch (event.kind) {
    case 'joined':
    case 'left':
      return `${event.participant.name} ${event.kind}.`;
    case 'hand':
      if (event.participant.local) return undefined;
      return `${event.participant.name} ${event.raised ? 'raised' : 'lowered'} their hand.`;
    case 'moderated':
      return moderated[event.source];
    default:
      return undefined;
  }
}
