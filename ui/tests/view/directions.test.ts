// @vitest-environment jsdom
import { screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { createRawSnippet, tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ChatMessage } from '../../src/call/model';
import AccountMenu from '../../src/components/AccountMenu.svelte';
import ChatEntry from '../../src/components/ChatEntry.svelte';
import ControlButton from '../../src/components/ControlButton.svelte';
import CopyField from '../../src/components/CopyField.svelte';
import DeviceSelect from '../../src/components/DeviceSelect.svelte';
import EmojiMenu from '../../src/components/EmojiMenu.svelte';
import FailureNote from '../../src/components/FailureNote.svelte';
import { speak, t } from '../../src/words/language.svelte';
import { sources } from '../support/literals';
import { fillIn, show } from './show';

beforeEach(async () => {
  fillIn();
  await speak('ar');
});
afterEach(async () => {
  await speak('en');
});

const icon = createRawSnippet(() => ({ render: () => '<i></i>' }));
/** The direction of an element, by all that it stands in. */
const directions = (element: Element): string[] => {
  const found: string[] = [];
  for (let each: Element | null = element; each !== null; each = each.parentElement) {
    const dir = each.getAttribute('dir');
    if (dir !== null) found.push(dir);
  }
  return [...new Set(found)];
};

describe('what floats over the page goes from right to left with it', () => {
  it('menus', async () => {
    const signOut = vi.fn(() => Promise.resolve());
    show(AccountMenu, { name: 'Amina', host: 'a.example', signOut, signOutAndErase: signOut });
    await userEvent.click(screen.getByTestId('account'));
    expect(directions(await screen.findByTestId('sign-out'))).toEqual(['rtl']);
  });

  it('lists', async () => {
    const devices = [{ deviceId: 'a', label: 'Desk', kind: 'audioinput' } as MediaDeviceInfo];
    show(DeviceSelect, { role: 'microphone', devices, value: 'a', choose: vi.fn(), icon });
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');
    const [option] = await screen.findAllByRole('option', { hidden: true });
    expect(option && directions(option)).toEqual(['rtl']);
  });

  it('what pops up, where the arrow to the left leads on', async () => {
    show(EmojiMenu, { choose: vi.fn() });
    await userEvent.click(screen.getByRole('button', { name: t('emoji-add') }));
    const toolbar = await screen.findByRole('toolbar', { hidden: true });
    expect(directions(toolbar)).toEqual(['rtl']);
    const [first, second] = toolbar.querySelectorAll('button');
    first?.focus();
    await userEvent.keyboard('{ArrowLeft}');
    expect(document.activeElement).toBe(second);
    await userEvent.keyboard('{ArrowRight}');
    expect(document.activeElement).toBe(first);
  });

  it('hints', async () => {
    const props = { label: 'كتم', testid: 'x', shortcut: 'Ctrl+D', onclick: vi.fn() };
    show(ControlButton, { ...props, children: icon });
    await userEvent.tab();
    await tick();
    const keys = await screen.findByText('Ctrl+D');
    expect(keys.getAttribute('dir')).toBe('ltr');
    expect(keys.parentElement && directions(keys.parentElement)).toEqual(['rtl']);
  });

  it('all of it', () => {
    const floating = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/<(?:DropdownMenu|Select|Popover|Tooltip)\.Content\b[^>]*/g)].map(
        ([tag]) => ({ file, tag }),
      ),
    );
    expect(floating.length).toBeGreaterThan(10);
    expect(floating.filter(({ tag }) => !tag.includes('dir={direction()}'))).toEqual([]);
  });
});

describe('what is in a language and direction of its own', () => {
  it('says so: what others wrote, what went wrong in detail, what is copied', () => {
    const message: ChatMessage = {
      id: 1,
      key: 'k',
      from: 'Bruno',
      local: false,
      text: 'Hello!',
      at: 0,
      omitted: 0,
      delivery: 'sent',
    };
    const cancelFile = vi.fn();
    show(ChatEntry, { message, answered: undefined, follows: false, resend: vi.fn(), cancelFile });
    expect(screen.getByText('Bruno').tagName).toBe('BDI');
    const text = screen.getByText('Hello!').closest('[lang]');
    expect([text?.getAttribute('lang'), text?.getAttribute('dir')]).toEqual(['', 'auto']);
    show(FailureNote, { failure: { code: 'internal', detail: 'no such file' } });
    const detail = screen.getByText('no such file');
    expect([detail.lang, detail.dir]).toEqual(['en', 'auto']);
    show(CopyField, { label: 'x', text: 'salon://join?room=tea' });
    const field: HTMLInputElement = screen.getByDisplayValue('salon://join?room=tea');
    expect(field.dir).toBe('ltr');
  });
});
