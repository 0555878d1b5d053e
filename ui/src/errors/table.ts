/**
 * All that can go wrong, as the user is told. The words are in `words.json`, the one place where
 * codes become words: the app's command line has them from there, too.
 */
import { named } from '../brand';
import words from './words.json';

type ErrorCode = keyof typeof words;

interface ErrorText {
  readonly severity: 'info' | 'warning' | 'error';
  /** One sentence in plain words. */
  readonly sentence: string;
  /** What to do next; empty if nothing. */
  readonly next: string;
}

const table = words as Readonly<Record<ErrorCode, ErrorText>>;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(table, code);
}

/** What to say; an unknown code is an inner fault. */
export function errorText(code: string): ErrorText {
  const { severity, sentence, next } = table[isErrorCode(code) ? code : 'internal'];
  return { severity, sentence: named(sentence), next: named(next) };
}
