/** Which languages there are, and which of them a user reads. */
export const LANGUAGES = ['en', 'fr', 'es', 'ar'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each as those who speak it call it. */
export const LANGUAGE_NAMES = [
  { value: 'en', name: 'English', lang: 'en' },
  { value: 'fr', name: 'Français', lang: 'fr' },
  { value: 'es', name: 'Español', lang: 'es' },
  { value: 'ar', name: 'العربية', lang: 'ar' },
] as const satisfies readonly { readonly value: Language; readonly [key: string]: string }[];

export const directionOf = (language: Language): 'ltr' | 'rtl' =>
  language === 'ar' ? 'rtl' : 'ltr';

const isLanguage = (tag: string): tag is Language => (LANGUAGES as readonly string[]).includes(tag);

/** Without country and script. */
const bare = (tag: string): string => tag.toLowerCase().split('-', 1)[0] ?? '';

/** The first of the user's languages that there is; `choice`: what they chose for the app. */
export function languageOf(choice: unknown, wanted: readonly string[]): Language {
  if (typeof choice === 'string' && isLanguage(choice)) return choice;
  return wanted.map(bare).find(isLanguage) ?? 'en';
}

/**
 * What dates, numbers and lists are written as: with the user's country where that is known, and with
 * the digits of everything else on the page.
 */
export function localeOf(language: Language, wanted: readonly string[]): string {
  const tag = wanted.find((each) => bare(each) === language) ?? language;
  try {
    return new Intl.Locale(tag, { numberingSystem: 'latn' }).toString();
  } catch {
    return `${language}-u-nu-latn`;
  }
}
