// @vitest-environment jsdom
import { screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { errorText } from '../../src/errors/table';
import { duration } from '../../src/lib/durations';
import { lifeOf } from '../../src/lib/tokenLife';
import type { Diagnosis } from '../../src/platform';
import Doctor from '../../src/screens/Doctor.svelte';
import { speak } from '../../src/words/language.svelte';
import { diagnosis } from '../support/standIns';
import { broken, fillIn, show } from './show';

beforeEach(fillIn);
afterEach(() => speak('en'));

const now = Date.now() / 1000;

async function examine(answer: () => Promise<Diagnosis>): Promise<{
  diagnose: ReturnType<typeof vi.fn>;
  back: ReturnType<typeof vi.fn>;
  tell: ReturnType<typeof vi.fn>;
}> {
  const view = { diagnose: vi.fn(answer), back: vi.fn(), tell: vi.fn() };
  show(Doctor, view);
  const user = userEvent.setup();
  await user.keyboard('a.b.c');
  await user.click(screen.getByRole('button', { name: 'Examine' }));
  return view;
}

describe('the doctor', () => {
  it('explains a good token', async () => {
    const view = await examine(() => Promise.resolve(diagnosis()));
    expect(view.diagnose).toHaveBeenCalledExactlyOnceWith('a.b.c');
    const found = within(await screen.findByRole('region', { name: 'Diagnosis' }));
    expect(found.getByText(/This token looks right/)).toBeTruthy();
    expect(found.getByText('LiveKit')).toBeTruthy();
    expect(found.getByText('tea')).toBeTruthy();
    expect(found.queryByText('Name')).toBeNull();
    const meter = found.getByRole('meter', { name: /It ends in 5 minutes/ });
    expect((meter as HTMLMeterElement).value).toBeCloseTo(0.5, 1);
    const [join, admin] = found.getAllByRole('listitem');
    expect(within(join as HTMLElement).getByRole('img', { name: 'yes' })).toBeTruthy();
    expect(within(admin as HTMLElement).getByRole('img', { name: 'no' })).toBeTruthy();
    expect(await broken()).toEqual([]);
  });

  it('says in the language of the page what a token allows', async () => {
    await speak('ar');
    show(Doctor, {
      diagnose: () =>
        Promise.resolve(
          diagnosis({
            grants: [
              { name: 'roomJoin', given: true, allows: 'join the room' },
              { name: 'newlyMade', given: true, allows: 'do what is new' },
            ],
          }),
        ),
      back: vi.fn(),
      tell: vi.fn(),
    });
    const user = userEvent.setup();
    await user.keyboard('a.b.c');
    await user.click(screen.getByTestId('doctor-examine'));
    const items = await screen.findAllByRole('listitem');
    expect(items.map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim())).toEqual([
      'دخول الغرفة roomJoin',
      'do what is new newlyMade',
    ]);
  });

  it('says all that is wrong, and what to do', async () => {
    const finding = (code: 'token-expired' | 'token-grants-empty', detail: string) => ({
      code,
      severity: 'error' as const,
      sentence: '',
      next: '',
      detail,
    });
    await examine(() =>
      Promise.resolve(
        diagnosis({
          healthy: false,
          expiresAt: now - 7200,
          findings: [
            finding('token-expired', ''),
            finding('token-grants-empty', 'video.roomJoin is missing or false'),
          ],
        }),
      ),
    );
    expect(await screen.findByText('This token does not work.')).toBeTruthy();
    for (const code of ['token-expired', 'token-grants-empty']) {
      expect(screen.getByText(errorText(code).sentence)).toBeTruthy();
      expect(screen.getByText(errorText(code).next)).toBeTruthy();
    }
    expect(screen.getByText('video.roomJoin is missing or false')).toBeTruthy();
    expect(screen.getByText('It ended 2 hours ago.')).toBeTruthy();
    expect(await broken()).toEqual([]);
  });

  it('tells when it could not look', async () => {
    const view = await examine(() => Promise.reject(new Error('no app')));
    expect(view.tell).toHaveBeenCalled();
    expect(screen.queryByRole('region', { name: 'Diagnosis' })).toBeNull();
  });

  it('leads back home', async () => {
    const view = await examine(() => Promise.resolve(diagnosis()));
    await userEvent.setup().click(screen.getByRole('button', { name: 'Back' }));
    expect(view.back).toHaveBeenCalled();
  });
});

describe("a token's life", () => {
  it('is told in the largest unit', () => {
    expect(duration(1)).toBe('1 second');
    expect(duration(59)).toBe('59 seconds');
    expect(duration(7_300)).toBe('2 hours');
    expect(duration(86_400)).toBe('1 day');
  });

  it('may not have begun, or have no end', () => {
    const times = { issuedAt: null, notBefore: 100, expiresAt: null };
    expect(lifeOf(times, 40)).toEqual({ words: 'It counts in 1 minute.', left: undefined });
    expect(lifeOf(times, 200)).toBeUndefined();
  });

  it('has no length without a beginning', () => {
    const times = { issuedAt: null, notBefore: null, expiresAt: 160 };
    expect(lifeOf(times, 100)).toEqual({ words: 'It ends in 1 minute.', left: undefined });
    expect(lifeOf(times, 160)).toEqual({ words: 'It ended 0 seconds ago.', left: 0 });
  });
});
