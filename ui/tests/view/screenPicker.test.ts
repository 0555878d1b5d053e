// @vitest-environment jsdom
import { screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import ScreenPicker from '../../src/components/ScreenPicker.svelte';
import { DisplaySources, type DisplaySource } from '../../src/devices/displaySources.svelte';
import { broken, fillIn, show } from './show';

const source = (id: string, surface: string, title: string, application = ''): DisplaySource => ({
  id,
  surface,
  title,
  application,
  thumbnail: surface === 'monitor' ? null : 'data:image/jpeg;base64,AA==',
});
const OFFERED = [
  source('a', 'monitor', 'HDMI-1'),
  source('b', 'monitor', 'DP-2'),
  source('c', 'window', 'Slides \u202egpj', 'Presenter'),
  source('d', 'window', '', ''),
];

beforeEach(() => {
  fillIn();
  // What walks from radio to radio asks for it.
  vi.stubGlobal('CSS', { escape: (name: string) => name });
});

describe('who is asked what to share', () => {
  it('chooses by the keyboard', async () => {
    const user = userEvent.setup();
    const choose = vi.fn();
    show(ScreenPicker, { offered: OFFERED, choose });
    const dialog = await screen.findByRole('dialog', { name: 'Share your screen' });
    const radios = within(dialog).getAllByRole('radio');
    expect(radios).toHaveLength(4);
    const share = within(dialog).getByRole('button', { name: 'Share' });
    expect(share).toHaveProperty('disabled', true);
    radios[0]?.focus();
    await user.keyboard(' {ArrowDown}{ArrowDown}');
    expect(share).toHaveProperty('disabled', false);
    await user.keyboard('{Enter}');
    expect(choose.mock.calls).toEqual([['c']]);
  });

  it('reads what each is called, whatever its program writes', async () => {
    show(ScreenPicker, { offered: OFFERED, choose: vi.fn() });
    await screen.findByRole('dialog');
    const names = screen.getAllByRole('radio').map((radio) => radio.closest('label')?.textContent);
    expect(names.map((name) => name?.replace(/\s+/gu, ' ').trim())).toEqual([
      'Screen 1 HDMI-1',
      'Screen 2 DP-2',
      'Slides gpj Presenter',
      'A window without a name',
    ]);
    expect(
      screen.getAllByRole('group').map((group) => within(group).getAllByRole('radio').length),
    ).toEqual([2, 2]);
    expect(await broken()).toEqual([]);
  });

  it('may want none', async () => {
    const user = userEvent.setup();
    const choose = vi.fn();
    show(ScreenPicker, { offered: OFFERED, choose });
    await user.click(await screen.findByRole('button', { name: 'Cancel' }));
    expect(choose.mock.calls).toEqual([[null]]);
    await user.keyboard('{Escape}');
    expect(choose.mock.lastCall).toEqual([null]);
  });
});

describe('what is offered', () => {
  const devices = new EventTarget();
  const ends: (() => void)[] = [];
  const offer = (): { event: Event; choose: ReturnType<typeof vi.fn> } => {
    const choose = vi.fn();
    const event = new Event('displaysources', { cancelable: true });
    Object.assign(event, { sources: OFFERED, choose });
    devices.dispatchEvent(event);
    return { event, choose };
  };
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  it('is asked of the user, and answered once', () => {
    const sources = new DisplaySources();
    ends.push(sources.follow(devices));
    const { event, choose } = offer();
    expect(event.defaultPrevented).toBe(true);
    expect(sources.offered).toHaveLength(4);
    sources.choose('c');
    sources.choose('a');
    expect(choose.mock.calls).toEqual([['c']]);
    expect(sources.offered).toBeUndefined();
  });

  it('is chosen from by nobody who has gone, or is asked anew', () => {
    const sources = new DisplaySources();
    const end = sources.follow(devices);
    const [first, second] = [offer(), offer()];
    expect(first.choose.mock.calls).toEqual([[null]]);
    end();
    expect(second.choose.mock.calls).toEqual([[null]]);
    expect(offer().event.defaultPrevented).toBe(false);
  });
});
