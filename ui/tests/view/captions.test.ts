// @vitest-environment jsdom
import { cleanup, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Caption, Rights } from '../../src/call/model';
import { Scope } from '../../src/call/scope';
import { StatisticsPoll } from '../../src/call/statisticsPoll';
import { Failures } from '../../src/errors/failures.svelte';
import Room from '../../src/screens/Room.svelte';
import { ShownCall, someone } from '../support/standIns';
import { broken, fillIn, show } from './show';
import { ShownDevices } from './shownDevices.svelte';

let life: Scope;
beforeEach(() => {
  fillIn();
  localStorage.clear();
  life = new Scope();
});
afterEach(() => {
  life.end();
  cleanup();
});

function enter(rights: Rights = {}) {
  const call = new ShownCall();
  call.participants = [someone('me', { local: true }), someone('Bo')];
  call.rights = rights;
  const save = vi
    .fn<(name: string, content: Blob) => Promise<string>>()
    .mockImplementation((name) => Promise.resolve(`/downloads/${name}`));
  const poll = new StatisticsPoll(call, life);
  const failures = new Failures(() => undefined);
  const leave = () => call.leave();
  show(Room, {
    ...{ title: 'Tea time', call, poll, devices: new ShownDevices(), failures, leave, save },
  });
  return { call, save, failures };
}

/** Of now: what was said long ago is not under the stage any more. */
const caption = (id: number, text: string, more: Partial<Caption> = {}): Caption => ({
  ...{ id, from: 'Bo', local: false, text, interim: false, at: Date.now(), changed: Date.now() },
  ...more,
});
const choose = async (words: string): Promise<void> => {
  screen.getByRole('button', { name: 'More' }).focus();
  await userEvent.keyboard('{Enter}');
  await userEvent.click(await screen.findByText(words));
};
const strip = (): HTMLElement | null => screen.queryByTestId('captions');
const lines = (): string[] =>
  [...(strip()?.querySelectorAll('p') ?? [])].map((line) =>
    line.textContent.replace(/\s+/g, ' ').trim(),
  );

describe('captions', () => {
  it('are off at first, and stay as they were switched', async () => {
    const { call } = enter();
    call.change({ captions: [caption(0, 'hello')], captioning: true });
    await tick();
    expect(strip()).toBeNull();
    await choose('Captions');
    expect(lines()).toEqual(['Bo hello']);
    expect(await broken()).toEqual([]);
    cleanup();
    enter();
    expect(strip()).not.toBeNull();
    await choose('Captions');
    expect(strip()).toBeNull();
  });

  it('are those of now, the last three, of long ones the end, as text', async () => {
    localStorage.setItem('room', JSON.stringify({ captions: true }));
    const { call } = enter();
    const old = Date.now() - 60_000;
    const captions = [
      caption(0, 'long ago', { changed: old }),
      caption(1, '<b>one</b>'),
      caption(2, `${'word '.repeat(400)}end`, { local: true }),
    ];
    call.change({ captioning: true, captions });
    await tick();
    const [first, second] = lines() as [string, string];
    expect(lines()).toHaveLength(2);
    expect(first).toBe('Bo <b>one</b>');
    expect(second).toMatch(/^You …word .*word end$/);
    expect(second.length).toBeLessThan(260);
    call.change({ captions: [3, 4, 5, 6].map((id) => caption(id, `${id}`)) });
    await tick();
    expect(lines()).toEqual(['Bo 4', 'Bo 5', 'Bo 6']);
  });

  it('are begun for everyone by who may, where there are none', async () => {
    localStorage.setItem('room', JSON.stringify({ captions: true }));
    const { call } = enter();
    await userEvent.click(screen.getByRole('button', { name: 'Start captions for everyone' }));
    expect(call.caption).toHaveBeenCalledExactlyOnceWith(true);
    call.change({ captioning: true });
    await tick();
    expect(strip()?.textContent.trim()).toBe('');
    await choose('Stop captions for everyone');
    expect(call.caption).toHaveBeenLastCalledWith(false);
  });

  it('are not begun by others, who are told that there are none', async () => {
    localStorage.setItem('room', JSON.stringify({ captions: true }));
    enter({ caption: 'provider' });
    const told = within(strip() as HTMLElement);
    expect(told.getByText('This meeting has no captions yet.')).toBeTruthy();
    expect(told.queryByRole('button')).toBeNull();
    expect(await broken()).toEqual([]);
  });

  it('are read out where the user wants it, and only then', async () => {
    localStorage.setItem('room', JSON.stringify({ captions: true }));
    const { call } = enter();
    const read = (): string => screen.getByTestId('captions-read').textContent;
    call.change({ captions: [caption(0, 'unheard')] });
    await tick();
    expect(read()).toBe('');
    await choose('Read captions out');
    call.change({ captions: [caption(0, 'unheard'), caption(1, 'heard')] });
    await tick();
    expect(read()).toBe('Bo: heard');
  });
});

describe('the transcript', () => {
  it('is read in a panel, and saved', async () => {
    const { call, save } = enter();
    await choose('Transcript');
    const panel = within(screen.getByRole('complementary', { name: 'Transcript' }));
    expect(panel.queryByRole('button', { name: 'Save the transcript' })).toBeNull();
    const at = new Date(2026, 10, 29, 9, 5).getTime();
    call.change({
      captions: [
        caption(7, 'Good morning.', { at }),
        caption(8, 'and', { from: 'me', local: true, at, interim: true }),
      ],
    });
    await tick();
    expect(panel.getByText('Earlier captions are no longer kept.')).toBeTruthy();
    expect(panel.getAllByTestId('transcript-line').map((line) => line.textContent)).toEqual([
      expect.stringMatching(/^Bo .*Good morning\.$/) as string,
      expect.stringMatching(/^You .*and$/) as string,
    ]);
    expect(await broken()).toEqual([]);
    await userEvent.click(panel.getByRole('button', { name: 'Save the transcript' }));
    const [name, content] = save.mock.lastCall as [string, Blob];
    expect(name).toMatch(/^Tea time, transcript [-\d]+ \d\d\.\d\d\.txt$/);
    const text = await new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsText(content);
    });
    expect(text).toBe(
      'Tea time\n\n2026-11-29 09:05 Bo\nGood morning.\n\n2026-11-29 09:05 me\nand\n',
    );
    expect(await panel.findByText(/^Saved: \/downloads\/Tea time, transcript/)).toBeTruthy();
    await userEvent.click(panel.getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('complementary')).toBeNull();
  });
});
