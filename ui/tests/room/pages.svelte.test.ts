import { expect, it } from 'vitest';

import { Pages } from '../../src/room/pages.svelte';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

it('shows nine at once, and the rest on the next page', () => {
  const pages = new Pages(() => numbers(20));
  expect([pages.count, pages.current]).toEqual([3, 0]);
  expect(pages.shown).toEqual(numbers(9));
  pages.turn(1);
  pages.turn(1);
  expect(pages.shown).toEqual([18, 19]);
  pages.turn(-1);
  expect(pages.shown).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17]);
});

it('shows the last page that there is when people go, and turns back from there', () => {
  let items = $state.raw(numbers(20));
  const pages = new Pages(() => items);
  pages.turn(1);
  pages.turn(1);
  items = numbers(10);
  expect([pages.count, pages.current, pages.shown]).toEqual([2, 1, [9]]);
  pages.turn(-1);
  expect(pages.shown).toEqual(numbers(9));
});

it('is one page when nobody is there', () => {
  const pages = new Pages(() => []);
  expect([pages.count, pages.current, pages.shown]).toEqual([1, 0, []]);
});
