import type { ChatMessage } from '../call/model';
import { fileSize } from './fileWords';
import { byKey } from './messages';
import { t } from '../words/language.svelte';

/** A chat as a text that can be kept: one message after the other, with when and from whom. */
export function chatText(title: string, messages: readonly ChatMessage[]): string {
  const known = byKey(messages);
  const lines = messages.map((message) => {
    const { at, from, local, text, omitted, privateWith, replyTo, file, delivery } = message;
    if (omitted > 0) return t('chat-text-omitted', { count: omitted, name: from });
    const to =
      privateWith === undefined
        ? ''
        : ` ${local ? t('chat-text-private-to', { name: privateWith }) : t('chat-text-private')}`;
    const answered = replyTo === undefined ? undefined : known.get(replyTo);
    const reply = answered === undefined ? '' : `> ${answered.from}: ${begin(answered.text)}\n`;
    const words = file === undefined ? text : `[${file.name}, ${fileSize(file.size)}]`;
    const unsent = delivery === 'failed' ? ` ${t('chat-text-not-sent')}` : '';
    return `${timeStamp(at)} ${from}${to}${unsent}\n${reply}${words}\n`;
  });
  return `${title}\n\n${lines.join('\n')}`;
}

/** What a file with it is called. */
export function chatFileName(title: string, at: number): string {
  return `${title} ${timeStamp(at).replaceAll(':', '.')}.txt`;
}

/** "2026-11-28 09:05", where the user is. */
export function timeStamp(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Of what is answered, the first line is enough. */
function begin(text: string): string {
  const [line = ''] = text.split('\n', 1);
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
