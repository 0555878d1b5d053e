/**
 * All that can go wrong, as the user is told. How bad each is stands in `severities.json`, the words
 * in the `errors.ftl` of each language, as `error-` and the code: the app's command line has both from there, too.
 */
import { beside, t } from '../words/language.svelte';
import severities from './severities.json';

type ErrorCode = keyof typeof severities;

interface ErrorText {
  readonly severity: 'info' | 'warning' | 'error';
  /** One sentence in plain words. */
  readonly sentence: string;
  /** What to do next; empty if nothing. */
  readonly next: string;
}

const table = severities as Readonly<Record<ErrorCode, ErrorText['severity']>>;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(table, code);
}

/** What to say; an unknown code is an inner fault. */
export function errorText(code: string): ErrorText {
  const known = isErrorCode(code) ? code : 'internal';
  const id = `error-${known}` as const;
  return { severity: table[known], sentence: t(id), next: beside(id, 'next') };
}
