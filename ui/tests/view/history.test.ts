// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { errorText } from '../../src/errors/table';
import type { HistorySource } from '../../src/history/list.svelte';
import type { HistoryEntry, HistoryPage } from '../../src/platform';
import History from '../../src/screens/History.svelte';
import { broken, fillIn, show } from './show';
import { entry, quality } from '../support/standIns';

beforeEach(fillIn);

/** Meetings in memory, found by their title, in pages of two. */
class Kept implements HistorySource {
  notice: HistoryPage['notice'] = null;

  constructor(public all: readonly HistoryEntry[]) {}

  readonly list = vi.fn<HistorySource['list']>((search, before) => {
    const found = this.all.filter(
      ({ title, id }) => title.includes(search.trim()) && (before === null || id < before.id),
    );
    const entries = found.slice(0, 2);
    const last = entries.at(-1);
    const next = last && found.length > 2 ? { startedAt: last.startedAt, id: last.id } : null;
    return Promise.resolve({ entries, next, notice: this.notice });
  });
  readonly delete = vi.fn<HistorySource['delete']>((id) => {
    this.all = this.all.filter((one) => one.id !== id);
    return Promise.resolve();
  });
  readonly clear = vi.fn<HistorySource['clear']>(() => {
    this.all = [];
    return Promise.resolve();
  });
  readonly export = vi.fn<HistorySource['export']>((format) =>
    Promise.resolve(`/home/a/Downloads/history.${format}`),
  );
}

const three = (): HistoryEntry[] => [
  entry({ id: 3, title: 'Tea', startedAt: Date.now(), endedAt: null, endReason: null }),
  entry({ id: 2, title: 'Cake', participants: [], endReason: 'removed' }),
  entry({ id: 1, title: 'Coffee', participants: ['Amina', 'Bruno'], quality: quality() }),
];

function open(all: readonly HistoryEntry[]) {
  const kept = new Kept(all);
  const openRoom = vi.fn<(room: string) => Promise<void>>().mockResolvedValue();
  const view = { source: kept, back: vi.fn(), openRoom, tell: vi.fn() };
  return { kept, view, user: userEvent.setup(), show: () => show(History, view) };
}

const titles = (): (string | null)[] =>
  screen.queryAllByRole('heading', { level: 3 }).map(({ textContent }) => textContent);

const button = (name: string | RegExp): HTMLElement => screen.getByRole('button', { name });

describe('the history', () => {
  it('says with whom, how long, why it ended and how it went', async () => {
    const { kept, show } = open(three());
    kept.all = kept.all.filter(({ id }) => id !== 2);
    show();
    const [now, before] = await screen.findAllByRole('listitem');
    expect(within(now as HTMLElement).getByText('With Amina')).toBeTruthy();
    expect(within(now as HTMLElement).getByText('Going on')).toBeTruthy();
    expect(screen.getByRole('region', { name: 'Today' }).contains(now ?? null)).toBe(true);
    const earlier = within(before as HTMLElement);
    expect(earlier.getByText('With Amina and Bruno')).toBeTruthy();
    expect(earlier.getByText(`Lasted 25 min. ${errorText('left').sentence}`)).toBeTruthy();
    expect(earlier.getByText('Good connection, picture up to 720p')).toBeTruthy();
    expect(await broken()).toEqual([]);
  });

  it('has older ones when asked', async () => {
    const { kept, user, show } = open(three());
    show();
    await waitFor(() => expect(titles()).toEqual(['Tea', 'Cake']));
    expect(screen.getByText('Nobody else was there')).toBeTruthy();
    await user.click(button('Show older ones'));
    await waitFor(() => expect(titles()).toEqual(['Tea', 'Cake', 'Coffee']));
    expect(kept.list).toHaveBeenLastCalledWith('', expect.objectContaining({ id: 2 }));
    expect(screen.queryByRole('button', { name: 'Show older ones' })).toBeNull();
  });

  it('is searched from the keyboard, and says if nothing fits', async () => {
    const { user, show } = open(three());
    show();
    await waitFor(() => expect(titles()).toHaveLength(2));
    expect(document.activeElement).toBe(screen.getByRole('searchbox', { name: 'Search' }));
    await user.keyboard('Co');
    await waitFor(() => expect(titles()).toEqual(['Coffee']));
    await user.keyboard('xx');
    expect(await screen.findByText('No meeting fits “Coxx”.')).toBeTruthy();
    expect(await broken()).toEqual([]);
  });

  it('asks for one thing at a time, and shows the last that was wanted', async () => {
    const { kept, user, show } = open(three());
    show();
    await waitFor(() => expect(titles()).toHaveLength(2));
    const answers: (() => void)[] = [];
    const list = kept.list.getMockImplementation();
    kept.list.mockClear();
    kept.list.mockImplementation((search, before) =>
      new Promise<void>((resolve) => answers.push(resolve)).then(() => {
        // What nobody wants any more may fail.
        if (search === 'C') throw new Error('late');
        return list?.(search, before) as Promise<HistoryPage>;
      }),
    );
    await user.keyboard('Cak');
    expect(kept.list.mock.calls).toEqual([['C', null]]);
    answers.shift()?.();
    await waitFor(() => expect(answers).toHaveLength(1));
    expect(titles()).toHaveLength(2);
    answers.shift()?.();
    await waitFor(() => expect(titles()).toEqual(['Cake']));
    expect(kept.list.mock.calls).toEqual([
      ['C', null],
      ['Cak', null],
    ]);
  });

  it('forgets one meeting, once that is confirmed', async () => {
    const { kept, user, show } = open(three());
    show();
    await user.click(await screen.findByRole('button', { name: /^Delete “Cake”/ }));
    const dialog = await screen.findByRole('alertdialog', { name: 'Delete “Cake”?' });
    expect(await broken()).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Keep' }));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(kept.delete).not.toHaveBeenCalled();

    await user.click(button(/^Delete “Cake”/));
    await screen.findByRole('alertdialog');
    await user.click(button('Delete'));
    await waitFor(() => expect(titles()).toEqual(['Tea']));
    expect(kept.delete).toHaveBeenCalledExactlyOnceWith(2);
    expect(screen.getByRole('status').textContent).toBe('“Cake” was deleted.');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('searchbox')));
  });

  it('is left alone if Escape is pressed, and forgets everything if not', async () => {
    const { kept, user, show } = open(three());
    show();
    await user.click(await screen.findByRole('button', { name: 'Delete all' }));
    await screen.findByRole('alertdialog', { name: 'Delete all meetings?' });
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(kept.clear).not.toHaveBeenCalled();

    await user.click(button('Delete all'));
    await screen.findByRole('alertdialog');
    await user.click(button('Delete'));
    expect(await screen.findByText(/No meetings yet/)).toBeTruthy();
    expect(kept.clear).toHaveBeenCalledOnce();
    expect(screen.queryByRole('button', { name: /Save/ })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Show older ones' })).toBeNull();
  });

  it('is saved as files, of what is searched for', async () => {
    const { kept, user, show } = open(three());
    show();
    await waitFor(() => expect(titles()).toHaveLength(2));
    await user.keyboard('Ca');
    await waitFor(() => expect(titles()).toEqual(['Cake']));
    await user.click(button('Save as a table (CSV)'));
    expect(await screen.findByText('Saved as /home/a/Downloads/history.csv')).toBeTruthy();
    await user.click(button('Save for a calendar (ICS)'));
    expect(await screen.findByText('Saved as /home/a/Downloads/history.ics')).toBeTruthy();
    expect(kept.export.mock.calls).toEqual([
      ['csv', 'Ca'],
      ['ics', 'Ca'],
    ]);
  });

  it('tells what fails, and keeps what it shows', async () => {
    const { kept, view, user, show } = open(three());
    show();
    await waitFor(() => expect(titles()).toHaveLength(2));
    const fault = { code: 'history-unavailable', detail: 'disk full' };
    kept.delete.mockRejectedValue(fault);
    kept.export.mockRejectedValue(fault);
    kept.list.mockRejectedValue(fault);
    await user.click(button(/^Delete “Cake”/));
    await screen.findByRole('alertdialog');
    await user.click(button('Delete'));
    await waitFor(() => expect(view.tell).toHaveBeenCalledTimes(1));
    await user.click(button('Save as a table (CSV)'));
    await waitFor(() => expect(view.tell).toHaveBeenCalledTimes(2));
    await user.click(button('Show older ones'));
    await waitFor(() => expect(view.tell).toHaveBeenCalledTimes(3));
    expect(view.tell).toHaveBeenCalledWith(fault);
    expect(titles()).toEqual(['Tea', 'Cake']);
    expect(screen.getByRole('status').textContent).toBe('');
  });

  it('is not called empty when it cannot be read', async () => {
    const { kept, view, show } = open([]);
    kept.list.mockRejectedValue({ code: 'history-newer', detail: '' });
    show();
    await waitFor(() => expect(view.tell).toHaveBeenCalledOnce());
    expect(screen.queryByTestId('history-empty')).toBeNull();
  });

  it('says that a damaged one was set aside', async () => {
    const { kept, show } = open([]);
    kept.notice = { code: 'history-damaged', detail: '/home/a/history-damaged.sqlite3' };
    show();
    expect((await screen.findByRole('alert')).dataset.code).toBe('history-damaged');
    expect(screen.getByText('/home/a/history-damaged.sqlite3')).toBeTruthy();
    expect(screen.getByText(/No meetings yet/)).toBeTruthy();
    expect(await broken()).toEqual([]);
  });

  it('leads back home', async () => {
    const { view, user, show } = open([]);
    show();
    await user.click(button('Back'));
    expect(view.back).toHaveBeenCalledOnce();
  });

  it('leads back into a room, and into no meeting of a backend’s', async () => {
    const { view, user, show } = open([
      entry({ id: 2, title: 'Tea', room: 'tea-room' }),
      entry({ id: 1, title: 'Garden', sessionId: 's1' }),
    ]);
    show();
    await user.click(await screen.findByRole('button', { name: /^Join again: “Tea”/ }));
    expect(view.openRoom).toHaveBeenCalledExactlyOnceWith('tea-room');
    expect(screen.getAllByRole('button', { name: /^Join/ })).toHaveLength(1);
  });
});
