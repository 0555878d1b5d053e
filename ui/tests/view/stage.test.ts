// @vitest-environment jsdom
import { screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import Stage from '../../src/components/Stage.svelte';
import { Reactions } from '../../src/room/reactions.svelte';
import { Staging } from '../../src/room/staging.svelte';
import { speak, t } from '../../src/words/language.svelte';
import { someone } from '../support/standIns';
import { fillIn, show } from './show';

const WIDTH = 1_000;

beforeEach(() => {
  fillIn();
  localStorage.clear();
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(WIDTH);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await speak('en');
});

/** From the left edge of the stage to the middle of each place, in the order of the seats, the own view last. */
const middles = (): number[] =>
  [...document.querySelectorAll<HTMLElement>('.place')].map(({ style }) => {
    const [, x] = /^translate\((-?[\d.]+)px/.exec(style.transform) ?? [];
    return Number(x) + Number.parseFloat(style.width) / 2;
  });

async function enter(): Promise<void> {
  const people = [someone('me', { local: true }), someone('bo'), someone('cy'), someone('di')];
  const staging = new Staging(
    () => people,
    () => [],
  );
  const [reactions, nothing] = [new Reactions(), () => undefined];
  show(Stage, { staging, reactions, rights: {}, mute: nothing, hidden: nothing });
  await tick();
}

it('seats begin where text does', async () => {
  await enter();
  const fromTheLeft = middles();
  const [first = 0, second = 0, , own = 0] = fromTheLeft;
  expect(first).toBeLessThan(second);
  expect(own).toBeGreaterThan(WIDTH / 2);
  await speak('ar');
  await tick();
  expect(middles()).toEqual(fromTheLeft.map((middle) => WIDTH - middle));
});

it.each([
  ['en', '{ArrowLeft}', '{ArrowRight}'],
  ['ar', '{ArrowRight}', '{ArrowLeft}'],
])('the own view goes where the arrow points, in %s', async (language, away, back) => {
  await speak(language);
  await enter();
  const own = (): number => middles().at(-1) ?? 0;
  const from = own();
  screen.getByRole('button', { name: t('layout-own-move') }).focus();
  await userEvent.keyboard(away);
  expect(own()).toBeCloseTo(WIDTH - from);
  await userEvent.keyboard(back);
  expect(own()).toBeCloseTo(from);
});
