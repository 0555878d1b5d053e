// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { keepDisplayOn } from '../../src/app/wakeLock';

/** Locks that are held now. */
const held = new Set<object>();
let grant: (() => void) | undefined;
let seen: DocumentVisibilityState = 'visible';

class Lock {
  release(): Promise<void> {
    held.delete(this);
    return Promise.resolve();
  }
}

beforeEach(() => {
  held.clear();
  seen = 'visible';
  const request = (): Promise<Lock> =>
    new Promise((resolve) => {
      grant = () => {
        const lock = new Lock();
        held.add(lock);
        resolve(lock);
      };
    });
  Object.defineProperty(navigator, 'wakeLock', { value: { request }, configurable: true });
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => seen);
});
afterEach(() => Reflect.deleteProperty(navigator, 'wakeLock'));

const shown = (state: DocumentVisibilityState): void => {
  seen = state;
  if (state === 'hidden') held.clear();
  document.dispatchEvent(new Event('visibilitychange'));
};
const granted = async (): Promise<void> => {
  grant?.();
  grant = undefined;
  await Promise.resolve();
};

describe('the display', () => {
  it('stays on until it is over, and again once the page is seen again', async () => {
    const over = keepDisplayOn();
    await granted();
    expect(held.size).toBe(1);
    shown('hidden');
    expect(grant).toBeUndefined();
    shown('visible');
    await granted();
    expect(held.size).toBe(1);
    over();
    expect(held.size).toBe(0);
    shown('visible');
    expect(grant).toBeUndefined();
  });

  it('may go dark when it was over before the system agreed', async () => {
    keepDisplayOn()();
    await granted();
    expect(held.size).toBe(0);
  });

  it('does as it does where nobody can be asked', () => {
    Reflect.deleteProperty(navigator, 'wakeLock');
    expect(() => {
      keepDisplayOn()();
    }).not.toThrow();
  });
});
