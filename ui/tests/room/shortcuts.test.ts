// @vitest-environment jsdom
import { expect, it, vi } from 'vitest';

import { shortcuts } from '../../src/room/shortcuts';

const keys = (more: KeyboardEventInit): KeyboardEvent =>
  new KeyboardEvent('keydown', {
    key: 'd',
    code: 'KeyD',
    ctrlKey: true,
    cancelable: true,
    ...more,
  });

it('does what the key is for, and nothing of what the webview has for it', () => {
  const [d, e] = [vi.fn<() => void>(), vi.fn<() => void>()];
  const hear = shortcuts({ d, e });
  const event = keys({ key: 'в' });
  hear(event);
  expect([d.mock.calls.length, e.mock.calls.length, event.defaultPrevented]).toEqual([1, 0, true]);
});

it('leaves all other keys to the webview', () => {
  const d = vi.fn<() => void>();
  const hear = shortcuts({ d });
  for (const other of [{ key: 'f', code: 'KeyF' }, { ctrlKey: false }, { shiftKey: true }]) {
    const event = keys(other);
    hear(event);
    expect(event.defaultPrevented).toBe(false);
  }
  expect(d).not.toHaveBeenCalled();
});

it('is not heard where somebody types', () => {
  const d = vi.fn<() => void>();
  const field = document.createElement('textarea');
  document.body.append(field);
  addEventListener('keydown', shortcuts({ d }), { once: true });
  field.dispatchEvent(keys({ bubbles: true }));
  expect(d).not.toHaveBeenCalled();
});
