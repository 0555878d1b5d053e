import type { CallEvent, ChatMessage, Hindrance, PermissionRequest } from '../call/model';
import { t, unmarked } from '../words/language.svelte';

/** What the button that shares a screen does, or why it does nothing. */
export function sharingWords(sharing: boolean, hindrance: Hindrance | undefined): string {
  if (sharing) return t('share-stop');
  return hindrance === undefined ? t('share-start') : t(`share-not-by-${hindrance}`);
}

/** The same of the button that raises a hand. */
export function handWords(raised: boolean, hindrance: Hindrance | undefined): string {
  if (raised) return t('hand-lower');
  return hindrance === undefined ? t('hand-raise') : t(`hand-not-by-${hindrance}`);
}

/** Why nobody can react; undefined: one can. */
export function noReactionWords(hindrance: Hindrance | undefined): string | undefined {
  if (hindrance === undefined) return undefined;
  return hindrance === 'grant' ? t('reactions-not-by-grant') : t('reactions-none');
}

/** What can be sent as a reaction; `name` is in the catalogues as `reaction-`. */
export const REACTION_CHOICES = [
  { emoji: '👍', name: 'thumbs-up' },
  { emoji: '❤️', name: 'heart' },
  { emoji: '👏', name: 'clapping' },
  { emoji: '😂', name: 'laughing' },
  { emoji: '😮', name: 'surprised' },
  { emoji: '🎉', name: 'celebrating' },
] as const;

/** What somebody asks to be allowed; `waiting`: how many more requests there are. */
export function requestWords({ participant, source }: PermissionRequest, waiting: number): string {
  const words = t(`request-${source}`, { name: participant.name });
  return waiting === 0 ? words : `${words} ${t('request-waiting', { count: waiting })}`;
}

/** What is read out when the recording begins or ends; `entering`: to who has just come in. */
export function recordingWords(on: boolean, entering: boolean): string {
  if (!on) return t('event-recording-ended');
  return entering ? t('event-recorded') : t('event-recording-begun');
}

/** What is read out of what happens in a call; undefined: it is shown elsewhere, or only seen. */
export function wordsOf(event: CallEvent): string | undefined {
  switch (event.kind) {
    case 'joined':
    case 'left':
      return t(`event-${event.kind}`, { name: event.participant.name });
    case 'hand':
      if (event.participant.local) return undefined;
      return t(event.raised ? 'event-hand-raised' : 'event-hand-lowered', {
        name: event.participant.name,
      });
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
    return {
      from: names.join(', '),
      words: unmarked(t('notice-messages', { count: messages.length })),
    };
  return {
    from: names.join(', '),
    words: first?.privateWith === undefined ? (first?.text ?? '') : t('notice-private'),
  };
}

/** What is read out of what others wrote; undefined: nothing. */
export function messageWords(messages: readonly ChatMessage[]): string | undefined {
  const [first, ...more] = messages;
  if (first === undefined) return undefined;
  if (more.length > 0) return t('event-messages', { count: messages.length });
  const { from: name, text: whole, privateWith } = first;
  const text = whole.length > READ_OUT ? `${whole.slice(0, READ_OUT)}…` : whole;
  return t(privateWith === undefined ? 'event-message' : 'event-message-private', { name, text });
}
