// @vitest-environment jsdom
import { fireEvent, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Failures } from '../../src/errors/failures.svelte';
import { shortcutWords } from '../../src/lib/shortcutWords';
import { CallError } from '../../src/call/model';
import { Scope } from '../../src/call/scope';
import { StatisticsPoll } from '../../src/call/statisticsPoll';
import Room from '../../src/screens/Room.svelte';
import { ShownCall, someone, type Someone } from '../support/standIns';
import { FakeDevice } from '../support/devices';
import { broken, fillIn, show } from './show';
import { ShownDevices } from './shownDevices.svelte';

const on = { muted: false, paused: false };

let life: Scope;

beforeEach(() => {
  fillIn();
  localStorage.clear();
  life = new Scope();
});
afterEach(() => life.end());

function enter(...others: Someone[]) {
  const call = new ShownCall();
  const me = someone('me', { local: true, camera: on });
  call.participants = [me, ...others];
  const devices = new ShownDevices();
  devices.switches = { camera: 'off', microphone: 'on' };
  const failures = new Failures(() => undefined);
  const poll = new StatisticsPoll(call, life);
  const given = { title: 'Tea time', call, poll, devices, failures, leave: () => call.leave() };
  return { call, me, devices, failures, ...show(Room, given) };
}
const button = (name: string | RegExp): HTMLElement => screen.getByRole('button', { name });
/** What floats has no name where nothing has a size. */
const press = async (words: string): Promise<void> =>
  userEvent.click(await screen.findByText(words));
const tiles = (): (string | undefined)[] =>
  screen.getAllByTestId('tile').map((tile) => tile.dataset.name);

describe('devices in the call', () => {
  it.each([
    ['Microphone and speaker', 'Headset', ['microphone', 'h']],
    ['Camera', 'System default', ['camera', '']],
  ])('are changed beside their buttons, by keyboard: %s', async (menu, name, chosen) => {
    const { devices } = enter();
    devices.devices = [
      { deviceId: 'h', label: 'Headset', kind: 'audioinput' },
      { deviceId: 'c', label: 'Lid', kind: 'videoinput' },
    ] as MediaDeviceInfo[];
    devices.chosen = { microphone: '', camera: 'c', speaker: '' };
    await tick();
    const trigger = button(menu);
    trigger.focus();
    await userEvent.keyboard('{Enter}');
    const items = await screen.findAllByRole('menuitemradio', { hidden: true });
    const item = items.find(({ textContent }) => textContent.trim() === name);
    await fireEvent.click(item as HTMLElement);
    expect(devices.choose).toHaveBeenCalledExactlyOnceWith(...chosen);
  });
});

describe('the own sound', () => {
  it('is switched beside the microphone, where it is seen what is done to it', async () => {
    const { devices } = enter();
    button('Microphone and speaker').focus();
    await userEvent.keyboard('{Enter}');
    const items = await screen.findAllByRole('menuitemcheckbox', { hidden: true });
    const shown = items.map((item) => [item.textContent.trim(), item.getAttribute('aria-checked')]);
    expect(shown).toEqual([
      ['Remove echo', 'true'],
      ['Reduce noise', 'false'],
      ['Adjust my volume', 'true'],
    ]);
    await fireEvent.click(items[1] as HTMLElement);
    expect(devices.changeSound).toHaveBeenCalledExactlyOnceWith('noiseSuppression', true);
  });
});

describe('a screen that is shared', () => {
  it('is told of as long as the others see it, with a way to stop', async () => {
    const { call, devices } = enter();
    expect(screen.queryByTestId('sharing')).toBeNull();
    devices.shared = { title: 'Slides', fluent: false };
    await tick();
    const bar = screen.getByTestId('sharing');
    expect(bar.textContent).toContain('You are sharing “Slides”.');
    const fluent = within(bar).getByRole('button', { name: 'Smooth video', pressed: false });
    await userEvent.click(fluent);
    expect(devices.shareFluently).toHaveBeenCalledExactlyOnceWith(true);
    const enable = vi.spyOn(call, 'enable').mockResolvedValue();
    await userEvent.click(within(bar).getByRole('button', { name: 'Stop sharing' }));
    expect(enable).toHaveBeenCalledExactlyOnceWith('screen', false);
    expect(await broken()).toEqual([]);
    devices.shared = undefined;
    await tick();
    expect(screen.queryByTestId('sharing')).toBeNull();
  });
});

describe('a recording', () => {
  const more = async (name: string): Promise<void> => {
    button('More').focus();
    await userEvent.keyboard('{Enter}');
    await press(name);
  };
  const badge = (): HTMLElement | null => screen.queryByTestId('recording');

  it('is seen as long as it goes on, also beside a panel', async () => {
    const { call } = enter();
    expect(badge()).toBeNull();
    call.change({ recording: true });
    await tick();
    expect(badge()?.textContent.trim()).toBe('Recording');
    await userEvent.click(button('Chat'));
    expect(badge()?.closest('aside')).toBeNull();
    expect(await broken()).toEqual([]);
    call.change({ recording: false });
    await tick();
    expect(badge()).toBeNull();
  });

  it('is begun by who may, after a question', async () => {
    const { call } = enter();
    await more('Record this meeting…');
    expect(await screen.findByText('Record this meeting?')).toBeTruthy();
    expect(call.record).not.toHaveBeenCalled();
    await press('Cancel');
    await vi.waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
    expect(call.record).not.toHaveBeenCalled();
    await more('Record this meeting…');
    await press('Start recording');
    expect(call.record).toHaveBeenCalledExactlyOnceWith(true);
    // It is not shown before the provider says that it goes on.
    expect(badge()).toBeNull();
  });

  it('that somebody else began meanwhile is not begun twice', async () => {
    const { call } = enter();
    await more('Record this meeting…');
    await screen.findByText('Record this meeting?');
    call.change({ recording: true });
    await tick();
    await press('Start recording');
    expect(call.record).not.toHaveBeenCalled();
  });

  it('is ended without one', async () => {
    const { call } = enter();
    call.change({ recording: true });
    await tick();
    await more('Stop recording');
    expect(call.record).toHaveBeenCalledExactlyOnceWith(false);
  });

  it.each(['provider', 'grant'] as const)(
    'is not offered where the %s stands in the way',
    async (record) => {
      const { call } = enter();
      call.change({ rights: { record }, recording: true });
      await tick();
      button('More').focus();
      await userEvent.keyboard('{Enter}');
      expect(await screen.findByText('Keyboard shortcuts')).toBeTruthy();
      expect(screen.queryByTestId('more-record')).toBeNull();
      expect(badge()).not.toBeNull();
    },
  );

  it('that the server refuses is told of', async () => {
    const { call, failures } = enter();
    call.record.mockRejectedValueOnce(new CallError('action-refused'));
    await more('Record this meeting…');
    await press('Start recording');
    await vi.waitFor(() => expect(failures.of('recording')?.code).toBe('action-refused'));
  });
});

describe('all of the others', () => {
  it('shows up to forty-nine others on a page, and asks for no picture of who is on another', async () => {
    const many = Array.from({ length: 60 }, (_, index) => someone(`p${index}`));
    const { call, me } = enter(...many);
    expect(screen.getAllByRole('article')).toHaveLength(50);
    const asked = (): string[] =>
      many
        .filter(
          ({ attach, attachment }) => attach.mock.calls.length > attachment.end.mock.calls.length,
        )
        .map(({ identity }) => identity);
    expect(asked()).toEqual(many.slice(0, 49).map(({ identity }) => identity));
    await userEvent.click(button('Next page'));
    expect(asked()).toEqual(many.slice(49).map(({ identity }) => identity));
    expect(screen.getAllByRole('article')).toHaveLength(12);
    call.change({ participants: [me] });
    await tick();
    expect(screen.getAllByRole('article')).toHaveLength(1);
    expect(screen.queryByRole('navigation')).toBeNull();
  });
});

describe('who is alone', () => {
  it('is told whom they wait for, with the invitation, until somebody comes; later that all have left', async () => {
    const call = new ShownCall();
    const [me, bo] = [someone('me', { local: true }), someone('Bo')];
    call.participants = [me];
    const failures = new Failures(() => undefined);
    const shown = { title: 'Tea time', party: 'Bo', invitation: 'salon://join?room=tea' };
    const poll = new StatisticsPoll(call, life);
    const leave = () => call.leave();
    show(Room, { ...shown, call, poll, devices: new ShownDevices(), failures, leave });
    const waiting = (): HTMLElement | null => screen.queryByTestId('waiting');
    expect(waiting()?.textContent).toContain('Waiting for Bo…');
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Invitation' }).value).toBe(
      'salon://join?room=tea',
    );
    expect(await broken()).toEqual([]);
    call.change({ participants: [me, bo] });
    await tick();
    expect(waiting()).toBeNull();
    // Nobody is seen while it is mended: that says nothing of who is there.
    call.change({ state: { kind: 'reconnecting' }, participants: [me] });
    await tick();
    expect(waiting()).toBeNull();
    call.change({ state: { kind: 'connected' } });
    await tick();
    expect(waiting()?.textContent).toContain('Everybody else has left.');
    expect(screen.queryByRole('textbox', { name: 'Invitation' })).toBeNull();
  });

  it('is told so where it is not known who comes', () => {
    enter();
    expect(screen.getByTestId('waiting').textContent).toContain('Nobody else is here yet.');
  });
});

describe('what others write', () => {
  it.each([
    [false, [{ from: 'Bo', words: 'tea?' }]],
    [true, []],
  ])('is said outside of a window that is behind: looked at: %s', async (looked, said) => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(looked);
    const notice = vi.fn<(said: { from: string; words: string }) => void>();
    const call = new ShownCall();
    const [poll, devices] = [new StatisticsPoll(call, life), new ShownDevices()];
    const failures = new Failures(() => undefined);
    const leave = () => call.leave();
    show(Room, { title: 'Tea time', call, poll, devices, failures, notice, leave });
    const message = { id: 0, from: 'Bo', local: false, text: 'tea?', at: 0, omitted: 0 };
    const first = { ...message, delivery: 'sent' as const };
    call.change({ messages: [first] });
    call.change({ messages: [first] });
    // What is for one alone does not stand where others may read it.
    expect(notice.mock.calls.map(([each]) => each)).toEqual(said);
    notice.mockClear();
    call.change({ messages: [first, { ...first, id: 1, privateWith: 'Bo' }] });
    expect(notice.mock.calls.map(([each]) => each.words)).toEqual(
      looked ? [] : ['A message to you only'],
    );
    await tick();
    vi.restoreAllMocks();
  });
});

describe('one of the others', () => {
  it('is pinned, and unpinned, from the tile', async () => {
    const all = ['Bo', 'Cy', 'Di'].map((name) => someone(name));
    enter(...all);
    await userEvent.click(button('Options for Cy'));
    await press('Pin: show large');
    expect(tiles()).toEqual(['Cy', 'Bo', 'Di', 'me']);
    const pinned = screen.getByRole('img', { name: 'pinned' });
    expect(pinned.closest<HTMLElement>('article')?.dataset.name).toBe('Cy');
    // What was under way is not begun anew.
    expect(all[1]?.attach).toHaveBeenCalledOnce();
    button('Layout').focus();
    await userEvent.keyboard('{Enter}');
    await fireEvent.click(await screen.findByText('Unpin Cy'));
    await tick();
    expect(tiles()).toEqual(['Bo', 'Cy', 'Di', 'me']);
  });

  it('is muted and made quieter for oneself alone', async () => {
    const bo = someone('Bo');
    bo.setVolume.mockImplementation((volume) => bo.change({ volume } as never));
    const { call } = enter(bo);
    await userEvent.click(button('Options for Bo'));
    const volume = await screen.findByRole<HTMLInputElement>('slider', { hidden: true });
    await fireEvent.input(volume, { target: { value: '40' } });
    expect(bo.volume).toBe(0.4);
    await press('Mute for me');
    expect(bo.volume).toBe(0);
    expect(screen.getByRole('img', { name: 'muted for you', hidden: true })).toBeTruthy();
    await press('Hear again');
    expect(bo.volume).toBe(0.4);
    expect(call.mute).not.toHaveBeenCalled();
  });

  it('is heard again as loud as before, also after the menu was closed', async () => {
    const bo = someone('Bo');
    bo.setVolume.mockImplementation((volume) => bo.change({ volume } as never));
    enter(bo);
    await userEvent.click(button('Options for Bo'));
    const volume = await screen.findByRole<HTMLInputElement>('slider', { hidden: true });
    await fireEvent.input(volume, { target: { value: '40' } });
    await press('Mute for me');
    await userEvent.keyboard('{Escape}');
    await vi.waitFor(() => expect(screen.queryByTestId('tile-menu')).toBeNull());
    await userEvent.click(button('Options for Bo'));
    await press('Hear again');
    expect(bo.volume).toBe(0.4);
  });

  it('whose screen was pinned is pinned no more when they share another, but after a break', async () => {
    const [bo, cy] = [someone('Bo', { screen: on }), someone('Cy', { screen: on })];
    const { call, me } = enter(bo, cy);
    const options = 'Options for the screen of Cy';
    const pinned = (): number => screen.queryAllByRole('img', { name: 'pinned' }).length;
    await userEvent.click(button(options));
    await press('Pin: show large');
    expect(pinned()).toBe(1);
    call.change({ state: { kind: 'reconnecting' }, participants: [me] });
    await tick();
    call.change({ state: { kind: 'connected' }, participants: [me, bo, cy] });
    await tick();
    expect(pinned()).toBe(1);
    cy.change({ screen: undefined });
    await tick();
    cy.change({ screen: on });
    await tick();
    expect(button(options)).toBeTruthy();
    expect(pinned()).toBe(0);
  });

  it('is muted for everyone only by who may', async () => {
    const bo = someone('Bo');
    const { call } = enter(bo);
    call.change({ rights: { 'mute-others': 'provider' } });
    await userEvent.click(button('Options for Bo'));
    await screen.findByRole('slider', { hidden: true });
    expect(screen.queryByText('Mute for everyone')).toBeNull();
    call.change({ rights: {} });
    await tick();
    await press('Mute for everyone');
    expect(call.mute).toHaveBeenCalledExactlyOnceWith(bo, 'microphone');
  });

  it.each([
    ['poor', 'Bo’s connection is poor: picture and sound may break'],
    ['lost', 'Bo’s connection is lost: nothing arrives'],
    ['good', undefined],
  ] as const)('whose connection is %s says so in words', async (quality, words) => {
    enter(someone('Bo', { quality }));
    const signs = screen.queryAllByRole('img').map(({ ariaLabel }) => ariaLabel);
    expect(signs.filter((label) => label?.includes('connection'))).toEqual(words ? [words] : []);
    expect(await broken()).toEqual([]);
  });

  it('lights up within a fifth of a second when they speak', async () => {
    vi.useFakeTimers();
    try {
      const bo = someone('Bo', { microphone: on });
      enter(bo);
      bo.change({ speaking: true, level: 0.4 });
      await vi.advanceTimersByTimeAsync(200);
      expect(
        screen.getAllByTestId('tile').map((tile) => tile.classList.contains('speaking')),
      ).toEqual([true, false]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the own view', () => {
  it('is mirrored, moves by arrow keys, and comes back after it was hidden', async () => {
    const { me } = enter(someone('Bo'));
    expect(screen.getByLabelText('Camera of me').classList.contains('mirrored')).toBe(true);
    expect(screen.getByLabelText('Camera of Bo').classList.contains('mirrored')).toBe(false);
    const place = (): string | undefined =>
      screen.getByLabelText('Camera of me').closest<HTMLElement>('.place')?.style.transform;
    const before = place();
    button(/Move your view/).focus();
    await userEvent.keyboard('{ArrowLeft}');
    expect(place()).not.toBe(before);
    await userEvent.keyboard('{ArrowRight}');
    expect(place()).toBe(before);
    await userEvent.click(button('Hide your view'));
    expect(tiles()).toEqual(['Bo']);
    expect(me.attachment.end).toHaveBeenCalledOnce();
    // The button that was used is gone: the keyboard is where it comes back from.
    await vi.waitFor(() => expect(document.activeElement).toBe(button('Layout')));
    await userEvent.keyboard('{Enter}');
    await fireEvent.click(await screen.findByRole('menuitemcheckbox', { hidden: true }));
    expect(tiles()).toEqual(['Bo', 'me']);
  });
});

describe('pictures', () => {
  it('are not asked for where only sound is wanted, and small ones where data is saved', async () => {
    const bo = someone('Bo', { camera: on, screen: on });
    const { me } = enter(bo);
    const attached = (): number =>
      bo.attach.mock.calls.length - bo.attachment.end.mock.calls.length;
    expect(attached()).toBe(2);
    const pick = async (name: RegExp): Promise<void> => {
      button('More').focus();
      await userEvent.keyboard('{Enter}');
      const items = await screen.findAllByRole('menuitemradio', { hidden: true });
      await fireEvent.click(items.find(({ textContent }) => name.test(textContent)) as HTMLElement);
      await tick();
    };
    await pick(/Sound only/);
    expect(attached()).toBe(0);
    expect(screen.getByText('Sound only: you asked for no pictures')).toBeTruthy();
    expect(me.attachment.end).not.toHaveBeenCalled();
    await pick(/Save data/);
    expect(attached()).toBe(2);
    const cameras = bo.attach.mock.calls.filter(([source]) => source === 'camera');
    expect(cameras.at(-1)?.[2]).toEqual({ width: 320, height: 180 });
  });
});

describe('controls', () => {
  it('send a reaction, which rises from the tile', async () => {
    const { call, me } = enter(someone('Bo'));
    await userEvent.click(button('React'));
    await press('👏');
    expect(call.react).toHaveBeenCalledExactlyOnceWith('👏');
    call.tell({ kind: 'reaction', participant: me, emoji: '👏' });
    await tick();
    const [, own] = screen.getAllByTestId('tile');
    expect(within(own as HTMLElement).getByText('👏')).toBeTruthy();
  });

  it('say why there are no reactions', async () => {
    const { call } = enter();
    call.change({ rights: { react: 'grant' } });
    await tick();
    await userEvent.click(button('You may not react in this meeting'));
    expect(screen.queryByText('👏')).toBeNull();
  });

  it('are listed by a key, which can be done without', async () => {
    enter();
    await userEvent.keyboard('?');
    const list = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
    expect(within(list).getByText('Mute or unmute')).toBeTruthy();
    expect(await broken()).toEqual([]);
    await userEvent.click(within(list).getByRole('checkbox'));
    await userEvent.click(within(list).getByRole('button', { name: 'Close' }));
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await userEvent.keyboard('?');
    await tick();
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('are all done that are listed', async () => {
    // What rings is not of the room.
    const all = shortcutWords().filter(({ keys: [key] }) => key !== 'F8');
    const { devices } = enter(someone('Bo'));
    devices.switches = { camera: 'off', microphone: 'off' };
    await tick();
    for (const { keys } of all) {
      const pressed = keys.at(-1) ?? '';
      const key = { 'Page up': 'PageUp', 'Page down': 'PageDown', Space: ' ' }[pressed] ?? pressed;
      const ctrlKey = keys[0] === 'Ctrl';
      const taken = !(await fireEvent.keyDown(document.body, { key, ctrlKey }));
      await fireEvent.keyUp(document.body, { key, ctrlKey });
      expect([keys, taken]).toEqual([keys, true]);
    }
  });

  it('do by keys what they do by clicks', async () => {
    const { call } = enter(someone('Bo'), someone('Cy'));
    await userEvent.keyboard('{Control>}h{/Control}');
    expect(call.raiseHand).toHaveBeenCalledExactlyOnceWith(true);
    await userEvent.keyboard('{Control>}l{/Control}');
    expect(screen.getAllByTestId('tile')).toHaveLength(3);
    expect(JSON.parse(localStorage.getItem('room') ?? '{}')).toMatchObject({
      arrangement: 'speaker',
    });
    await userEvent.keyboard('{Control>}j{/Control}');
    expect(screen.getByRole('textbox', { name: 'Message' })).toBeTruthy();
  });

  it('say to who speaks while muted that nobody hears it', async () => {
    const { devices } = enter();
    const microphone = new FakeDevice('audio', 'mic', 'Desk').asTrack();
    devices.tracks = { microphone };
    devices.switches = { camera: 'off', microphone: 'off' };
    await tick();
    for (let look = 0; look < 30; look += 1) devices.report?.(0.9);
    await tick();
    expect(screen.getByTestId('unheard').textContent).toContain('You are muted');
    devices.switches = { camera: 'off', microphone: 'on' };
    await tick();
    expect(screen.queryByTestId('unheard')).toBeNull();
  });
});
