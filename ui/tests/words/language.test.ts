// @vitest-environment jsdom
import { cleanup, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';

import type { ChatMessage } from '../../src/call/model';
import { Preferences } from '../../src/app/preferences.svelte';
import { errorText } from '../../src/errors/table';
import { Failures } from '../../src/errors/failures.svelte';
import { duration } from '../../src/lib/durations';
import Home from '../../src/screens/Home.svelte';
import { windowTitle } from '../../src/app/words';
import { captionsFileName } from '../../src/lib/captionText';
import { noticeWords } from '../../src/lib/callWords';
import { decimal, inEnglish, speak, t } from '../../src/words/language.svelte';
import { languageOf, localeOf } from '../../src/words/languages';
import { homeView, setting } from '../support/standIns';
import { broken, fillIn, show } from '../view/show';

afterEach(async () => {
  cleanup();
  await speak('en');
});

describe('the language', () => {
  it('is the one that is set, else the first of the user’s that there is, else English', () => {
    expect(languageOf('es', ['fr-CA'])).toBe('es');
    expect(languageOf('system', ['de-DE', 'fr-CA', 'en'])).toBe('fr');
    expect(languageOf(null, ['AR-eg'])).toBe('ar');
    expect(languageOf('system', ['de'])).toBe('en');
    expect(languageOf('constructor', [])).toBe('en');
  });

  it('has the user’s country, and the digits of all that stands beside', () => {
    expect(localeOf('fr', ['en', 'fr-CA'])).toBe('fr-CA-u-nu-latn');
    expect(localeOf('ar', ['ar-EG'])).toBe('ar-EG-u-nu-latn');
    expect(localeOf('es', ['de'])).toBe('es-u-nu-latn');
    // What is no tag has not been heard.
    expect(localeOf('fr', ['fr-!'])).toBe('fr-u-nu-latn');
  });

  it('is said of the page, with its direction', async () => {
    await speak('ar');
    const { lang, dir } = document.documentElement;
    expect([lang, dir]).toEqual(['ar', 'rtl']);
    await speak('es');
    expect([document.documentElement.lang, document.documentElement.dir]).toEqual(['es', 'ltr']);
  });

  it('is that of the last who asked', async () => {
    await Promise.all([speak('ar'), speak('fr')]);
    expect(t('control-leave')).toBe('Quitter');
    expect(document.documentElement.lang).toBe('fr');
  });

  it('has its own plurals, and its own point', async () => {
    await speak('ar');
    expect([0, 1, 2, 3, 11, 100].map((count) => t('people-hands', { count }))).toEqual([
      'لا أيدٍ مرفوعة',
      'يد واحدة مرفوعة',
      'يدان مرفوعتان',
      '\u20683\u2069 أيدٍ مرفوعة',
      '\u206811\u2069 يدًا مرفوعة',
      '\u2068100\u2069 يد مرفوعة',
    ]);
    await speak('fr');
    // One and a half is one in French; nobody is many nowhere.
    expect(t('people-hands', { count: 0 })).toBe('0 main est levée');
    expect(decimal(1.25, 1)).toBe('1,3');
    expect(duration(7_200)).toBe('2 heures');
  });

  it('keeps names apart from the text where that goes from right to left', async () => {
    expect(t('event-joined', { name: 'Bruno' })).toBe('Bruno joined.');
    await speak('ar');
    expect(t('event-joined', { name: 'Bruno' })).toBe('انضم \u2068Bruno\u2069.');
  });

  it('sets nothing apart where no text stands around it', async () => {
    await speak('ar');
    const message = { from: 'Bruno', text: '' } as ChatMessage;
    const texts = [
      windowTitle({ name: 'settings' }),
      captionsFileName('Tea', 0),
      noticeWords([message, message, message]).words,
    ];
    expect(texts.join('')).toMatch(/[\u0600-\u06ff]/);
    expect(texts.join('')).not.toMatch(/[\u2066-\u2069]/);
  });

  it('is English for whoever helps', async () => {
    await speak('ar');
    expect(inEnglish.t('quality-picture', { name: 'Dana' })).toBe('Dana, picture');
    await speak('fr');
    expect([decimal(1.25, 1), inEnglish.decimal(1.25, 1)]).toEqual(['1,3', '1.3']);
  });

  it('is that of what went wrong, too', async () => {
    const english = errorText('room-full');
    await speak('es');
    const spanish = errorText('room-full');
    expect(spanish.severity).toBe(english.severity);
    expect(spanish.sentence).toBe('La sala está llena.');
    expect(spanish.next).not.toBe(english.next);
    expect(errorText('ended').next).toBe('');
  });

  it('follows the settings', async () => {
    const preferences = new Preferences(new Failures(() => undefined));
    const report = { settings: [setting('language', 'fr')], problems: [], userFile: '' };
    await preferences.use(report);
    expect(t('join')).toBe('Rejoindre');
    await preferences.use({ ...report, settings: [setting('language', 'system')] });
    expect(t('join')).toBe('Join');
  });

  it('changes under what the user does, and takes nothing of it away', async () => {
    fillIn();
    show(Home, homeView());
    const input = screen.getByRole<HTMLInputElement>('textbox', { name: 'Link or room name' });
    await userEvent.type(input, 'tea');
    await speak('fr');
    const same = await screen.findByRole('textbox', { name: 'Lien ou nom de salle' });
    expect(same).toBe(input);
    expect(document.activeElement).toBe(input);
    expect(input.value).toBe('tea');
    await speak('ar');
    await screen.findByRole('textbox', { name: 'رابط أو اسم غرفة' });
    expect(await broken()).toEqual([]);
  });
});
