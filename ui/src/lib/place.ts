import { brand } from '../brand';
import type { AccountState, Meeting } from '../platform';
import { t } from '../words/language.svelte';

type Backend = AccountState['backend'];

/** Which room on which server a meeting is: a title can say anything. */
export function placeOf({ room, serverUrl }: Meeting, backend: Backend | undefined): string {
  const server = hostOf(serverUrl);
  if (server !== undefined) return t('place-on', { room, server });
  return backend ? t('place-of', { room, server: backend.host }) : t('place-room', { room });
}

/** Host and port; undefined: the address is not known yet. */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

/**
 * A link that leads others to a meeting, where they use the same server; undefined: only those whom its
 * backend has asked can come.
 */
export function invitationTo({ room, title, session }: Meeting): string | undefined {
  if (session !== null) return undefined;
  const query = new URLSearchParams({ room, ...(title !== room && { title }) });
  return `${brand.scheme}://join?${query.toString()}`;
}
