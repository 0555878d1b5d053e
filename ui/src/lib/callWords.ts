import type { CallEvent, ChatMessage, Hindrance, PermissionRequest } from '../call/model';

const hindered: Readonly<Record<'screen' | 'raise-hand', Readonly<Record<Hindrance, string>>>> = {
  screen: {
    provider: 'Screens cannot be shared in this meeting',
    grant: 'You may not share your screen in this meeting',
    webview: 'Your screen cannot be shared from this system yet',
  },
  'raise-hand': {
    provider: 'Hands cannot be raised in this meeting',
    grant: 'You may not raise your hand in this meeting',
    webview: 'Hands cannot be raised from this system',
  },
};

/** What the button that shares a screen does, or why it does nothing. */
export function sharingWords(sharing: boolean, hindrance: Hindrance | undefined): string {
  if (sharing) return 'Stop sharing your screen';
  return hindrance === undefined ? 'Share your screen' : hindered.screen[hindrance];
}

/** The same of the button that raises a hand. */
export function handWords(raised: boolean, hindrance: Hindrance | undefined): string {
  if (raised) return 'Lower your hand';
  return hindrance === undefined ? 'Raise your hand' : hindered['raise-hand'][hindrance];
}

/** Why nobody can react; undefined: one can. */
export function noReactionWords(hindrance: Hindrance | undefined): string | undefined {
  if (hindrance === undefined) return undefined;
  return hindrance === 'grant'
    ? 'You may not react in this meeting'
    : 'There are no reactions in this meeting';
}

/** What can be sent as a reaction. */
export const REACTION_CHOICES = [
  { emoji: '👍', name: 'Thumbs up' },
  { emoji: '❤️', name: 'Heart' },
  { emoji: '👏', name: 'Clapping' },
  { emoji: '😂', name: 'Laughing' },
  { emoji: '😮', name: 'Surprised' },
  { emoji: '🎉', name: 'Celebrating' },
] as const;

const wishes = {
  microphone: 'asks to speak',
  camera: 'asks to turn their camera on',
  screen: 'asks to share their screen',
} as const;

/** What somebody asks to be allowed; `waiting`: how many more requests there are. */
export function requestWords({ participant, source }: PermissionRequest, waiting: number): string {
  const words = `${participant.name} ${wishes[source]}.`;
  return waiting === 0 ? words : `${words} ${waiting} more ${waiting === 1 ? 'waits' : 'wait'}.`;
}

/** What the host has switched off. */
export const switchedOffWords = {
  microphone: 'The host muted you.',
  camera: 'The host turned your camera off.',
  screen: 'The host ended the sharing of your screen.',
  'screen-audio': 'The host muted the sound of your screen.',
} as const;

/** What is read out when the recording begins or ends; `entering`: to who has just come in. */
export function recordingWords(on: boolean, entering: boolean): string {
  if (!on) return 'The recording has ended.';
  return entering ? 'This meeting is being recorded.' : 'The recording has begun.';
}

/** What is asked before a recording is begun. */
export const RECORDING_QUESTION = {
  title: 'Record this meeting?',
  words: 'Everyone in it is told, and sees it for as long as it goes on.',
  yes: 'Start recording',
  no: 'Cancel',
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
    case 'reaction':
    case 'warning':
      return undefined;
  }
}

/** Characters of a message that are read out. */
const READ_OUT = 200;

/** What is said outside of the window of what others wrote; what is for one alone stays inside. */
export function noticeWords(messages: readonly ChatMessage[]): { from: string; words: string } {
  const names = [...new Set(messages.map(({ from }) => from))];
  const [first] = messages;
  if (messages.length > 1)
    return { from: names.join(', '), words: `${messages.length} new messages` };
  return {
    from: names.join(', '),
    words: first?.privateWith === undefined ? (first?.text ?? '') : 'A message to you only',
  };
}

/** What is read out of what others wrote; undefined: nothing. */
export function messageWords(messages: readonly ChatMessage[]): string | undefined {
  const [first, ...more] = messages;
  if (first === undefined) return undefined;
  if (more.length > 0) return `${messages.length} new messages.`;
  const { from, text, privateWith } = first;
  const words = text.length > READ_OUT ? `${text.slice(0, READ_OUT)}…` : text;
  return `${from} ${privateWith === undefined ? 'wrote' : 'wrote to you only'}: ${words}`;
}
