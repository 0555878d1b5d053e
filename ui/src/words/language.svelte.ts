/**
 * What the user reads, in their language: `t` makes texts of the messages in the catalogues beside
 * this (docs/decisions/languages.md). English is always there; any other language comes when it is
 * asked for, and whatever shows a text shows it anew then.
 */
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';

import { brand } from '../brand';
import { directionOf, languageOf, localeOf, type Language } from './languages';
import type { Messages } from './messages';

type MessageId = keyof Messages;

/** What a message needs besides its name. */
type Values<Id extends MessageId> = Messages[Id] extends undefined ? [] : [values: Messages[Id]];

type Catalogues = Readonly<Record<string, string>>;

interface Spoken {
  readonly language: Language;
  /** For dates, numbers and lists. */
  readonly locale: string;
  readonly bundle: FluentBundle;
}

const english = import.meta.glob<string>('./en/*.ftl', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const others: Readonly<
  Record<Exclude<Language, 'en'>, () => Promise<{ readonly default: Catalogues }>>
> = {
  fr: () => import('./fr'),
  es: () => import('./es'),
  ar: () => import('./ar'),
};

function spoken(language: Language, locale: string, catalogues: Catalogues): Spoken {
  // Where the text goes from right to left, names and numbers in it are kept apart from it.
  const bundle = new FluentBundle(locale, { useIsolating: language === 'ar' });
  for (const text of Object.values(catalogues)) bundle.addResource(new FluentResource(text));
  return { language, locale, bundle };
}

const fallback = spoken('en', localeOf('en', wishes()), english);
let now: Spoken = $state.raw(fallback);
/** Whoever asked last is heard. */
let asked = 0;

/** The languages that the user has chosen for their system, the dearest first. */
function wishes(): readonly string[] {
  return 'navigator' in globalThis ? navigator.languages : [];
}

/**
 * `choice`: of the setting `language`; anything but a language is the system's. Rejects with the code
 * `language-not-loaded` if it cannot be had, unless another was asked for meanwhile.
 */
export async function speak(choice: unknown, wanted: readonly string[] = wishes()): Promise<void> {
  asked += 1;
  const mine = asked;
  const language = languageOf(choice, wanted);
  const locale = localeOf(language, wanted);
  if (now.language !== language || now.locale !== locale) {
    const catalogues = await cataloguesOf(language).catch((thrown: unknown) => {
      // Nobody waits any more for one that was asked for before another.
      if (mine !== asked) return undefined;
      throw notLoaded(thrown);
    });
    if (catalogues === undefined || mine !== asked) return;
    now = spoken(language, locale, catalogues);
  }
  if (!('document' in globalThis)) return;
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}

async function cataloguesOf(language: Language): Promise<Catalogues> {
  return language === 'en' ? english : (await others[language]()).default;
}

/** Told to the user in the language that they have. */
function notLoaded(thrown: unknown): Error {
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return Object.assign(new Error(detail), { code: 'language-not-loaded', detail });
}

/** Longer than a file on this computer ever takes, milliseconds. */
const PATIENCE = 2_000;

/** Resolves when a language is spoken, or when it is not worth waiting for any longer. */
export const soon = (spoken: Promise<void>): Promise<void> =>
  Promise.race([
    spoken,
    new Promise<void>((resolve) => {
      setTimeout(resolve, PATIENCE);
    }),
  ]);

/** For dates, numbers and lists, in the language that is spoken now. */
export const locale = (): string => now.locale;

/** Which way the text runs that is spoken now; for what is told it rather than finding it out. */
export const direction = (): 'ltr' | 'rtl' => directionOf(now.language);

/** A number with as many digits after the point. */
export const decimal = (value: number, digits: number): string => fixed(now.locale, value, digits);

const fixed = (tag: string, value: number, digits: number): string =>
  new Intl.NumberFormat(tag, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  }).format(value);

/** One fact after the other. */
export const series = (facts: readonly string[]): string =>
  new Intl.ListFormat(now.locale, { type: 'unit', style: 'short' }).format(facts);

/** A message in the user's language. */
export function t<Id extends MessageId>(id: Id, ...[values]: Values<Id>): string {
  return formatted([now, fallback], id, undefined, values) ?? id;
}

/** How something is said: to the user, or to whoever helps them. */
interface Saying {
  readonly t: typeof t;
  readonly decimal: typeof decimal;
}
export const toUser: Saying = { t, decimal };
/** In English, whatever the user reads. */
export const inEnglish: Saying = {
  t: (id, ...[values]) => formatted([fallback], id, undefined, values) ?? id,
  decimal: (value, digits) => fixed('en', value, digits),
};

/** Without the marks that set apart what is put into a text: for where no text stands around it. */
export const unmarked = (text: string): string => text.replaceAll(/[\u2068\u2069]/g, '');

/** What is said beside a message; empty: nothing. */
export function beside(id: MessageId, attribute: string): string {
  return formatted([now, fallback], id, attribute, undefined) ?? '';
}

function formatted(
  languages: readonly Spoken[],
  id: MessageId,
  attribute: string | undefined,
  values: Readonly<Record<string, FluentVariable>> | undefined,
): string | undefined {
  for (const { bundle } of languages) {
    const message = bundle.getMessage(id);
    const pattern = attribute === undefined ? message?.value : message?.attributes[attribute];
    if (pattern != null) {
      // What is wrong with a message is found by its test; here the rest of it is better than nothing.
      return bundle.formatPattern(pattern, { app: brand.name, brand: brand.id, ...values }, []);
    }
  }
  return undefined;
}
