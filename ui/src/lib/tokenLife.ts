import { duration } from './durations';
import { t } from '../words/language.svelte';

/** Times of a token, seconds since 1970. */
interface Times {
  readonly issuedAt: number | null;
  readonly notBefore: number | null;
  readonly expiresAt: number | null;
}

/** A token's life in words, and how much of it is left, 0 to 1, if it has both ends. */
interface Life {
  readonly words: string;
  readonly left: number | undefined;
}

/** What is left of a token's life. */
export function lifeOf({ issuedAt, notBefore, expiresAt }: Times, now: number): Life | undefined {
  const begin = notBefore ?? issuedAt;
  if (begin !== null && begin > now) {
    return { words: t('token-begins', { duration: duration(begin - now) }), left: undefined };
  }
  if (expiresAt === null) return undefined;
  if (expiresAt <= now)
    return { words: t('token-ended', { duration: duration(now - expiresAt) }), left: 0 };
  const left =
    begin === null ? undefined : Math.min(1, (expiresAt - now) / Math.max(1, expiresAt - begin));
  return { words: t('token-ends', { duration: duration(expiresAt - now) }), left };
}
