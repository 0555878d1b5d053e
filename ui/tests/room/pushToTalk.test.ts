// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Switch } from '../../src/devices/input';
import { PushToTalk } from '../../src/room/pushToTalk.svelte';

describe('push to talk', () => {
  let state: Switch = 'off';
  let wanted = true;
  const turn = vi.fn<(on: boolean) => void>((on) => (state = on ? 'on' : 'off'));
  let end = (): void => undefined;
  const press = (type: 'keydown' | 'keyup', on: Element = document.body, more = {}): boolean =>
    on.dispatchEvent(
      new KeyboardEvent(type, { key: ' ', bubbles: true, cancelable: true, ...more }),
    );

  beforeEach(() => {
    state = 'off';
    wanted = true;
    turn.mockClear();
    document.body.innerHTML = '<button>b</button><input /><div role="dialog"><p>x</p></div>';
    end = new PushToTalk(
      () => state,
      turn,
      () => wanted,
    ).follow(window);
  });
  afterEach(() => end());

  it('is heard as long as the space bar is held', () => {
    expect(press('keydown')).toBe(false);
    press('keydown', document.body, { repeat: true });
    expect(turn.mock.calls).toEqual([[true]]);
    press('keyup');
    expect(turn.mock.calls).toEqual([[true], [false]]);
    press('keyup');
    expect(turn).toHaveBeenCalledTimes(2);
  });

  it('mutes nobody who was not muted, neither after it', () => {
    state = 'on';
    press('keydown');
    press('keyup');
    expect(turn).not.toHaveBeenCalled();
  });

  it.each(['button', 'input', '[role=dialog] p'])('leaves the key to what has it: %s', (where) => {
    const element = document.querySelector(where);
    expect(press('keydown', element ?? document.body)).toBe(true);
    expect(turn).not.toHaveBeenCalled();
  });

  it('takes the key from the button that mutes, which keeps the keyboard after a click', () => {
    document.body.innerHTML = '<button data-testid="control-mic">m</button>';
    const element = document.querySelector('button') ?? document.body;
    expect(press('keydown', element)).toBe(false);
    // Else the button would be pressed, and the microphone stay on.
    expect(press('keyup', element)).toBe(false);
    expect(turn.mock.calls).toEqual([[true], [false]]);
    state = 'on';
    expect(press('keydown', element)).toBe(true);
    expect(press('keyup', element)).toBe(true);
  });

  it('is not for who does without such keys, nor with others held', () => {
    press('keydown', document.body, { ctrlKey: true });
    wanted = false;
    press('keydown');
    expect(turn).not.toHaveBeenCalled();
  });

  it('ends when the window is another, and with the room', () => {
    press('keydown');
    window.dispatchEvent(new Event('blur'));
    expect(turn.mock.calls).toEqual([[true], [false]]);
    press('keydown');
    end();
    expect(turn.mock.calls.at(-1)).toEqual([false]);
    press('keydown');
    expect(turn).toHaveBeenCalledTimes(4);
  });
});
