// @vitest-environment jsdom
import { cleanup, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ChatMessage, FileState, MessageOptions } from '../../src/call/model';
import ChatPanel from '../../src/components/ChatPanel.svelte';
import { ChatPane } from '../../src/room/chatPane.svelte';
import { ShownCall, someone } from '../support/standIns';
import { broken, fillIn, show } from './show';

beforeEach(fillIn);
afterEach(cleanup);

const message = (id: number, from: string, text: string): ChatMessage => ({
  id,
  from,
  text,
  local: false,
  at: id * 3_600_000,
  omitted: 0,
  delivery: 'sent',
  key: `key-${id}`,
});

function open(...messages: ChatMessage[]) {
  const call = new ShownCall();
  call.messages = messages;
  const send = vi
    .fn<(text: string, options?: MessageOptions) => Promise<void>>()
    .mockResolvedValue();
  const sendFile = vi
    .fn<(file: File, options?: MessageOptions) => Promise<void>>()
    .mockResolvedValue();
  const save = vi
    .fn<(name: string, content: Blob) => Promise<string>>()
    .mockImplementation((name) => Promise.resolve(`/downloads/${name}`));
  const pane = new ChatPane(() => call.messages);
  pane.toggle();
  const shown = show(ChatPanel, { call, pane, send, sendFile, save, title: 'Tea time' });
  return { call, send, sendFile, save, pane, user: userEvent.setup(), ...shown };
}
const input = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'Message' });
const everyone = { replyTo: undefined, to: undefined };
const items = (): HTMLElement[] => screen.getAllByTestId('chat-message');

describe('messages', () => {
  it('are listed in their order, as text', async () => {
    open(message(0, 'Bo', '<b>one</b>'), message(1, 'Cy', 'two'));
    expect(items().map((item) => item.querySelector('p')?.textContent)).toEqual([
      '<b>one</b>',
      'two',
    ]);
    expect(items().map((item) => item.querySelector('strong')?.textContent)).toEqual(['Bo', 'Cy']);
    expect(screen.getByRole('complementary', { name: 'Chat' })).toBeTruthy();
    expect(await broken()).toEqual([]);
  });

  it('have styles, lists, code and links, each of which says where it leads', () => {
    open(
      message(0, 'Bo', '**now** or ~~never~~: https://a.example/b'),
      message(1, 'Bo', '- tea\n- `cake`'),
      message(2, 'Bo', 'https://аpple.example'),
    );
    const [first, second, third] = items();
    expect(first?.querySelector('.text strong')?.textContent).toBe('now');
    expect(first?.querySelector('s')?.textContent).toBe('never');
    const link = within(first as HTMLElement).getByRole<HTMLAnchorElement>('link');
    expect([link.href, link.textContent]).toEqual(['https://a.example/b', 'https://a.example/b']);
    expect(within(second as HTMLElement).getAllByRole('listitem')).toHaveLength(2);
    expect(third?.textContent).toContain('(xn--pple-43d.example)');
  });

  it('open quickly however much was written: what is long is folded', async () => {
    const { user } = open(
      ...Array.from({ length: 35 }, (_, index) => message(index + 7, 'Bo', 'x'.repeat(14_000))),
    );
    const list = screen.getByRole('list');
    expect(list.textContent.length).toBeLessThan(35 * 1_100);
    expect(within(list).getByText('Earlier messages are no longer kept.')).toBeTruthy();
    const [first] = screen.getAllByRole('button', { name: 'Show all' });
    await user.click(first as HTMLElement);
    expect(items()[0]?.textContent.length).toBeGreaterThan(14_000);
  });

  it('of many lines are folded, too', async () => {
    const lines = Array.from({ length: 400 }, (_, index) => `${index}`);
    const { user } = open(
      message(0, 'Bo', lines.slice(0, 20).join('\n')),
      message(1, 'Bo', lines.join('\n')),
    );
    const [short, long] = items() as [HTMLElement, HTMLElement];
    expect(within(short).queryByRole('button', { name: 'Show all' })).toBeNull();
    expect(long.querySelector('.text')?.textContent).toContain('19…');
    expect(long.querySelector('.text')?.textContent).not.toContain('20');
    await user.click(within(long).getByRole('button', { name: 'Show all' }));
    expect(long.querySelector('.text')?.textContent).toContain('399');
  });

  it('that were left out are counted', () => {
    open({ ...message(0, 'Bo', ''), omitted: 312 });
    expect(
      screen.getByText('312 messages of Bo left out: they came too fast.').dataset['testid'],
    ).toBe('chat-omitted');
    expect(screen.queryByTestId('chat-message')).toBeNull();
  });

  it('that were not sent say so, and are sent again', async () => {
    const { call, user } = open(
      { ...message(0, 'Me', 'one'), local: true, delivery: 'sending' },
      { ...message(1, 'Me', 'two'), local: true, delivery: 'failed' },
    );
    const [first, second] = items();
    expect(first?.textContent).toContain('Sending…');
    expect(second?.textContent).toContain('Not sent.');
    await user.click(screen.getByRole('button', { name: 'Send again' }));
    expect(call.resend).toHaveBeenCalledExactlyOnceWith(1);
  });

  it('between two say who can read them', () => {
    open(
      { ...message(0, 'Bo', 'psst'), privateWith: 'Bo' },
      { ...message(1, 'Me', 'yes?'), local: true, privateWith: 'Bo' },
    );
    const [first, second] = items();
    expect(first?.textContent).toContain('Only to you');
    expect(second?.textContent).toContain('Only to Bo');
    // An answer would go to everyone.
    expect(screen.queryByRole('button', { name: /^Reply/ })).toBeNull();
  });

  it('that answer show what they answer, as far as it is here', () => {
    open(
      message(0, 'Bo', 'tea or coffee?'),
      { ...message(1, 'Cy', 'tea'), replyTo: 'key-0' },
      { ...message(2, 'Cy', 'yes'), replyTo: 'gone' },
      // Who takes another's key is not taken for them.
      { ...message(3, 'Di', 'cake?'), key: 'key-0' },
    );
    const quotes = items().map((item) => item.querySelector('blockquote')?.textContent.trim());
    expect(quotes).toEqual([
      undefined,
      'Bo tea or coffee?',
      'A message that is not here',
      undefined,
    ]);
  });
});

describe('what one writes', () => {
  it('is sent with Enter, and comes back if it is no message', async () => {
    const { send, user } = open();
    await user.type(input(), '  hello {Enter}');
    expect(send).toHaveBeenCalledExactlyOnceWith('hello', everyone);
    expect(input().value).toBe('');
    await user.type(input(), '   {Enter}');
    expect(send).toHaveBeenCalledOnce();
    send.mockRejectedValueOnce(new Error('no'));
    await user.clear(input());
    await user.type(input(), 'again{Enter}');
    await vi.waitFor(() => {
      expect(input().value).toBe('again');
    });
  });

  it('may have lines', async () => {
    const { send, user } = open();
    await user.type(input(), 'one{Shift>}{Enter}{/Shift}two{Enter}');
    expect(send).toHaveBeenCalledExactlyOnceWith('one\ntwo', everyone);
  });

  it('is sent with the button, too', async () => {
    const { send, user } = open();
    // Whoever opens it can write at once.
    expect(document.activeElement).toBe(input());
    await user.keyboard('hi');
    await user.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Send' }));
    await user.keyboard(' ');
    expect(send).toHaveBeenCalledExactlyOnceWith('hi', everyone);
  });

  it('stays while the chat is closed', async () => {
    const { pane, send, sendFile, call, user, unmount } = open();
    await user.type(input(), 'half a');
    unmount();
    show(ChatPanel, { call, pane, send, sendFile });
    expect(input().value).toBe('half a');
  });

  it('that is too long is not sent, and that is said', async () => {
    const { pane, send, user } = open();
    pane.draft = 'é'.repeat(7_001);
    await tick();
    expect(screen.getByText('This is too long for one message.')).toBeTruthy();
    await user.type(input(), '{Enter}');
    expect(send).not.toHaveBeenCalled();
  });

  it('answers a message, or no more', async () => {
    const { send, user } = open(message(0, 'Bo', 'tea?'));
    await user.click(screen.getByRole('button', { name: 'Reply to Bo' }));
    await user.keyboard('yes{Enter}');
    expect(send).toHaveBeenLastCalledWith('yes', { replyTo: 'key-0', to: undefined });
    await user.click(screen.getByRole('button', { name: 'Reply to Bo' }));
    await user.keyboard('{Escape}no{Enter}');
    expect(send).toHaveBeenLastCalledWith('no', everyone);
  });

  it('goes to one alone where the provider can', async () => {
    const { call, send, user } = open();
    expect(screen.queryByRole('combobox')).toBeNull();
    const bo = someone('bo', { name: 'Bo' });
    call.change({ participants: [someone('me', { local: true }), bo] });
    await tick();
    await user.selectOptions(screen.getByRole('combobox', { name: 'To' }), 'Bo');
    await user.type(input(), 'psst{Enter}');
    expect(send).toHaveBeenLastCalledWith('psst', { replyTo: undefined, to: bo });
    // Whoever is gone gets nothing, and nobody else gets it in their place.
    call.change({ participants: [someone('me', { local: true })] });
    await tick();
    await user.type(input(), 'still there?{Enter}');
    expect(send).toHaveBeenCalledOnce();
    await user.selectOptions(screen.getByRole('combobox', { name: 'To' }), 'Everyone');
    await user.type(input(), '{Enter}');
    expect(send).toHaveBeenLastCalledWith('still there?', everyone);
    expect(screen.queryByRole('combobox')).toBeNull();
  });

  it('may have emoji where the cursor is', async () => {
    const { user } = open();
    await user.type(input(), 'ab{ArrowLeft}');
    await user.click(screen.getByRole('button', { name: 'Add an emoji' }));
    await user.click(await screen.findByText('🎉'));
    await vi.waitFor(() => {
      expect(input().value).toBe('a🎉b');
    });
  });

  it('is nothing for who may only read', async () => {
    const { call } = open(message(0, 'Bo', 'hi'));
    call.change({ rights: { chat: 'grant' } });
    await tick();
    expect(input().disabled).toBe(true);
    expect(screen.getByPlaceholderText('You may not write in this meeting')).toBeTruthy();
    expect(screen.queryByRole('button', { name: /^Reply/ })).toBeNull();
  });
});

describe('files', () => {
  const file = (more: Partial<FileState> = {}): FileState => ({
    name: 'plan.pdf',
    size: 1_200_000,
    type: 'application/pdf',
    state: 'offered',
    received: 0,
    content: undefined,
    sending: 0,
    ...more,
  });
  const offered = (more: Partial<FileState> = {}): ChatMessage => ({
    ...message(0, 'Bo', '📎 plan.pdf'),
    file: file(more),
  });
  const button = (name: string): HTMLElement => screen.getByRole('button', { name });

  it('of others are asked for, seen to come, and cancelled', async () => {
    const { call, user } = open(offered());
    expect(screen.getByTestId('chat-file').textContent).toContain('1.2 MB');
    expect(await broken()).toEqual([]);
    await user.click(button('Get plan.pdf'));
    expect(call.fetchFile).toHaveBeenCalledExactlyOnceWith(0);
    call.change({ messages: [offered({ state: 'arriving', received: 300_000 })] });
    await tick();
    expect(screen.getByTestId('chat-file').textContent).toContain('300 kB of 1.2 MB');
    expect(screen.getByRole<HTMLProgressElement>('progressbar').position).toBe(0.25);
    await user.click(button('Cancel: plan.pdf'));
    expect(call.cancelFile).toHaveBeenCalledExactlyOnceWith(0);
    call.change({ messages: [offered({ state: 'failed' })] });
    await tick();
    expect(screen.getByTestId('chat-file').textContent).toContain('It did not arrive.');
    await user.click(button('Get plan.pdf'));
    expect(call.fetchFile).toHaveBeenCalledTimes(2);
    call.change({ messages: [offered({ state: 'gone' })] });
    await tick();
    expect(screen.getByTestId('chat-file').textContent).toContain('It cannot be had any more.');
    expect(screen.queryByRole('button', { name: /plan\.pdf/ })).toBeNull();
  });

  it('that are here are saved where the user says so, and not before', async () => {
    const content = new Blob(['tea']);
    const { save, user } = open(offered({ state: 'here', content }));
    expect(save).not.toHaveBeenCalled();
    await user.click(button('Save plan.pdf'));
    expect(save).toHaveBeenCalledExactlyOnceWith('plan.pdf', content);
    expect(await screen.findByText('Saved: /downloads/plan.pdf')).toBeTruthy();
    save.mockRejectedValueOnce({ code: 'internal' });
    await user.click(button('Save plan.pdf'));
    expect(await screen.findByText('It could not be saved.')).toBeTruthy();
  });

  it('that are pictures are shown once they are here; nothing else is taken for one', async () => {
    const made = vi.fn<(blob: Blob) => string>().mockReturnValue('blob:picture');
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: made, revokeObjectURL: vi.fn() }));
    const content = new Blob(['<svg/>']);
    open(
      { ...offered({ state: 'here', content, type: 'image/png', name: 'cat.png' }), id: 0 },
      { ...offered({ state: 'here', content, type: 'image/svg+xml', name: 'cat.svg' }), id: 1 },
    );
    await tick();
    expect(screen.getAllByRole('img').map((each) => each.getAttribute('alt'))).toEqual(['cat.png']);
    expect(made.mock.calls.map(([blob]) => blob.type)).toEqual(['image/png']);
  });

  it('of one’s own are sent from the button, told how many get them, and taken back', async () => {
    const { call, sendFile, user } = open();
    const tea = new File(['tea'], 'tea.txt');
    await user.upload(screen.getByTestId('chat-files'), tea);
    expect(sendFile).toHaveBeenCalledExactlyOnceWith(tea, { to: undefined });
    call.change({ messages: [{ ...offered({ sending: 2 }), local: true }] });
    await tick();
    expect(screen.getByTestId('chat-file').textContent).toContain('on its way to 2 people');
    await user.click(button('Take back: plan.pdf'));
    expect(call.cancelFile).toHaveBeenCalledExactlyOnceWith(0);
  });

  it('that are empty or too large are not sent, and that is said', async () => {
    const { sendFile, user } = open();
    const large = new File(['x'], 'film.mp4');
    Object.defineProperty(large, 'size', { value: 50_000_001 });
    await user.upload(screen.getByTestId('chat-files'), large);
    expect(screen.getByText('film.mp4 is too large: at most 50.0 MB.')).toBeTruthy();
    await user.upload(screen.getByTestId('chat-files'), new File([], 'nothing.txt'));
    expect(screen.getByText('nothing.txt is empty.')).toBeTruthy();
    expect(sendFile).not.toHaveBeenCalled();
  });

  it('can neither be sent nor asked for where the provider has none, or the user may not', async () => {
    const { call } = open(offered());
    for (const hindrance of ['provider', 'grant'] as const) {
      call.change({ rights: { 'send-files': hindrance } });
      await tick();
      expect(screen.queryByRole('button', { name: 'Send a file' })).toBeNull();
      expect(screen.queryByRole('button', { name: 'Get plan.pdf' })).toBeNull();
    }
  });
});

describe('the chat', () => {
  it('is saved as a text, with who wrote what to whom', async () => {
    const { save, user } = open(
      message(0, 'Bo', 'tea or coffee?'),
      { ...message(1, 'Me', 'tea'), local: true, replyTo: 'key-0' },
      { ...message(2, 'Bo', 'psst'), privateWith: 'Bo' },
      { ...message(3, 'Cy', ''), omitted: 7 },
    );
    await user.click(screen.getByRole('button', { name: 'Save the chat' }));
    const [name, content] = save.mock.calls[0] ?? [];
    expect(name).toMatch(/^Tea time \d{4}-\d\d-\d\d \d\d\.\d\d\.txt$/);
    const text = (await content?.text())?.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d /g, '');
    expect(text).toBe(
      'Tea time\n\nBo\ntea or coffee?\n\nMe\n> Bo: tea or coffee?\ntea\n\n' +
        'Bo (only to you)\npsst\n\n(7 of Cy left out)',
    );
    expect(await screen.findByText(/^Saved: \/downloads\/Tea time/)).toBeTruthy();
  });

  it('that is empty is not', () => {
    open();
    expect(screen.queryByRole('button', { name: 'Save the chat' })).toBeNull();
  });
});
