// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { outwards } from '../../src/app/outwards';

const page = vi.fn<(address: string) => void>();
const meeting = vi.fn<(link: string) => void>();
const follow = outwards(page, meeting);

beforeEach(() => {
  page.mockClear();
  meeting.mockClear();
  document.body.addEventListener('click', follow);
});
afterEach(() => {
  document.body.removeEventListener('click', follow);
  document.body.replaceChildren();
});

/** Whether the page would have gone there by itself. */
function click(html: string, button = 0): boolean {
  document.body.innerHTML = html;
  const target = document.querySelector('b') ?? document.querySelector('a');
  const event = new MouseEvent('click', { bubbles: true, cancelable: true, button });
  target?.dispatchEvent(event);
  return !event.defaultPrevented;
}

it('a click on a link opens it outside, wherever in it', () => {
  expect(click('<a href="https://a.example/b">see <b>this</b></a>')).toBe(false);
  expect(page.mock.calls).toEqual([['https://a.example/b']]);
});

it('the middle button does the same, and the right one nothing', () => {
  click('<a href="https://a.example/">a</a>', 1);
  click('<a href="https://a.example/">a</a>', 2);
  expect(page).toHaveBeenCalledOnce();
});

it('a link into a meeting leads there', () => {
  expect(click('<a href="salon://join?room=tea">tea</a>')).toBe(false);
  expect(meeting.mock.calls).toEqual([['salon://join?room=tea']]);
  expect(page).not.toHaveBeenCalled();
});

it.each(['javascript:alert(1)', 'file:///etc/passwd', 'mailto:a@a.example'])(
  'nothing becomes of %s',
  (address) => {
    expect(click(`<a href="${address}">x</a>`)).toBe(false);
    expect([page.mock.calls, meeting.mock.calls]).toEqual([[], []]);
  },
);

it('what is no link is left alone', () => {
  expect(click('<b>words</b>')).toBe(true);
});
