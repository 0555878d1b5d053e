// @vitest-environment jsdom
import { screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CallError, type ChatMessage } from '../../src/call/model';
import { Scope } from '../../src/call/scope';
import { StatisticsPoll } from '../../src/call/statisticsPoll';
import { Failures } from '../../src/errors/failures.svelte';
import Lobby from '../../src/screens/Lobby.svelte';
import Room from '../../src/screens/Room.svelte';
import { broken, fillIn, show, tabOrder } from './show';
import { ShownDevices } from './shownDevices.svelte';
import { ShownCall, someone } from '../support/standIns';

beforeEach(fillIn);
afterEach(() => vi.useRealTimers());

const button = (name: string | RegExp): HTMLButtonElement =>
  screen.getByRole<HTMLButtonElement>('button', { name });

describe('the lobby', () => {
  const track = {} as MediaStreamTrack;
  function enter(more: { name?: string; busy?: boolean; unattended?: boolean } = {}) {
    const devices = new ShownDevices();
    const join = vi.fn<() => Promise<void>>().mockResolvedValue();
    const view = {
      title: 'Tea time',
      place: 'Room “tea” on media.test',
      devices,
      name: 'Al',
      rename: vi.fn<(name: string) => void>(),
      busy: false,
      unattended: false,
      join,
      back: vi.fn<() => void>(),
      ...more,
    };
    return { devices, join, ...show(Lobby, view) };
  }

  it('breaks no rule of accessibility, with and without devices', async () => {
    const { devices } = enter();
    expect(await broken()).toEqual([]);
    devices.tracks = { camera: track, microphone: track };
    devices.devices = [{ deviceId: 'a', label: 'Desk', kind: 'audioinput' } as MediaDeviceInfo];
    devices.failures = { camera: { code: 'camera-busy' } };
    await tick();
    expect(await broken()).toEqual([]);
  });

  it('is walked through in the order of its lines', async () => {
    const { devices } = enter();
    devices.devices = (['audioinput', 'videoinput', 'audiooutput'] as const).map(
      (kind) => ({ deviceId: kind, label: kind, kind }) as MediaDeviceInfo,
    );
    await tick();
    expect(await tabOrder()).toEqual([
      'Back',
      'Turn the microphone on',
      'Turn the camera on',
      'Your name',
      'Microphone',
      'Your sound',
      // Folded away until that is opened, which this document does not know.
      'Remove echo',
      'Reduce noise',
      'Adjust my volume',
      'Camera',
      'Speaker',
      'Play a sound',
      'Join',
    ]);
  });

  it('joins with Enter in the name', async () => {
    const { join } = enter();
    const user = userEvent.setup();
    await user.type(screen.getByRole('textbox', { name: 'Your name' }), '{Enter}');
    expect(join).toHaveBeenCalledOnce();
  });

  it.each([
    ['without a name', { name: '  ' }, 'Join'],
    ['twice', { busy: true }, 'Joining…'],
  ])('joins nobody %s', async (_, more, label) => {
    const { join } = enter(more);
    expect(button(label).disabled).toBe(true);
    await userEvent.click(button(label));
    expect(join).not.toHaveBeenCalled();
  });

  it('joins by itself if nobody is there, once the devices are open', async () => {
    const { join, devices } = enter({ unattended: true });
    expect(devices.open).toHaveBeenCalledOnce();
    await vi.waitFor(() => {
      expect(join).toHaveBeenCalledOnce();
    });
  });

  it('switches devices and shows which are on', async () => {
    const { devices } = enter();
    expect(screen.getByText('Your camera is off')).toBeTruthy();
    await userEvent.click(button('Turn the camera on'));
    expect(devices.enable).toHaveBeenCalledExactlyOnceWith('camera', true);
    devices.switches = { camera: 'opening', microphone: 'off' };
    await tick();
    expect(screen.getByText('Opening your camera…')).toBeTruthy();
    await userEvent.click(button('Opening the camera… Leave it off'));
    expect(devices.enable).toHaveBeenLastCalledWith('camera', false);
    devices.tracks = { camera: track };
    devices.switches = { camera: 'on', microphone: 'off' };
    await tick();
    expect(screen.queryByTestId('lobby-no-picture')).toBeNull();
    await userEvent.click(button('Turn the camera off'));
    expect(devices.enable).toHaveBeenLastCalledWith('camera', false);
  });

  it('shows how loud the microphone is, while it is on', async () => {
    const { devices } = enter();
    const level = (): string | null =>
      screen.getByRole('meter', { name: 'Microphone level' }).getAttribute('aria-valuenow');
    devices.tracks = { microphone: track };
    await tick();
    devices.report?.(0.5);
    await tick();
    expect(level()).toBe('0.5');
    devices.tracks = {};
    await tick();
    expect(devices.stopMeter).toHaveBeenCalledOnce();
    expect(level()).toBe('0');
  });

  it('tells of each device that failed', async () => {
    const { devices } = enter();
    devices.failures = { camera: { code: 'camera-busy' }, microphone: { code: 'no-microphone' } };
    await tick();
    expect(screen.getAllByRole('alert').map((note) => note.dataset.code)).toEqual([
      'camera-busy',
      'no-microphone',
    ]);
  });
});

describe('the room', () => {
  let life: Scope;
  beforeEach(() => {
    life = new Scope();
  });
  afterEach(() => life.end());

  function enter(call = new ShownCall()) {
    const devices = new ShownDevices();
    devices.switches = { camera: 'off', microphone: 'on' };
    const failures = new Failures(() => undefined);
    const poll = new StatisticsPoll(call, life);
    return {
      call,
      devices,
      failures,
      ...show(Room, {
        title: 'Tea time',
        call,
        poll,
        devices,
        failures,
        leave: () => call.leave(),
      }),
    };
  }
  async function change(call: ShownCall, more: Parameters<ShownCall['change']>[0]): Promise<void> {
    call.change(more);
    await tick();
  }
  const me = (muted: boolean) =>
    someone('me', { local: true, microphone: { muted, paused: false } });
  const text = (testid: string): string => screen.getByTestId(testid).textContent.trim();
  const message: ChatMessage = {
    id: 0,
    from: 'Bo',
    local: false,
    text: 'hi',
    at: 0,
    omitted: 0,
    delivery: 'sent',
  };

  it('breaks no rule of accessibility, in any state', async () => {
    const { call } = enter();
    expect(await broken()).toEqual([]);
    const many = Array.from({ length: 12 }, (_, index) => someone(`p${index}`));
    await change(call, { participants: [me(true), ...many], messages: [message] });
    await change(call, { state: { kind: 'reconnecting' } });
    await userEvent.click(button(/^Chat/));
    expect(await broken()).toEqual([]);
  });

  it('is walked through in the order of its lines', async () => {
    enter();
    await userEvent.click(button('Chat'));
    expect(await tabOrder()).toEqual([
      'People, 1',
      'Nothing is known of your connection yet. Show more',
      'Close',
      'Add an emoji',
      'Send a file',
      'Message',
      'Send',
      'Mute',
      'Microphone and speaker',
      'Turn the camera on',
      'Camera',
      'Share your screen',
      'Layout',
      'Raise your hand',
      'React',
      'Chat',
      'More',
      'Leave',
    ]);
  });

  it('counts the participants and the time', async () => {
    vi.useFakeTimers({ now: 100_000 });
    const { call } = enter();
    expect(text('elapsed')).toBe('0:00');
    await change(call, { since: 100_000, participants: [me(false), someone('bo')] });
    await vi.advanceTimersByTimeAsync(65_000);
    expect(text('elapsed')).toBe('1:05');
    expect(text('participant-count')).toBe('2');
    expect(screen.getAllByRole('article')).toHaveLength(2);
  });

  it.each([
    ['connected', 'Live', false],
    ['reconnecting', 'Reconnecting…', true],
    ['connecting', 'Connecting…', false],
  ] as const)('that is %s says %s', async (kind, badge, banner) => {
    const { call } = enter();
    await change(call, { state: { kind } });
    expect(text('call-state')).toBe(badge);
    expect(screen.queryByText(/^The connection was interrupted/) !== null).toBe(banner);
  });

  it('mutes and unmutes by button and by shortcut', async () => {
    const { call, devices } = enter();
    const user = userEvent.setup();
    await user.click(button('Mute'));
    expect(call.enable).toHaveBeenLastCalledWith('microphone', false);
    devices.switches = { camera: 'off', microphone: 'off' };
    await change(call, { participants: [me(true)] });
    await user.click(button('Unmute'));
    expect(call.enable).toHaveBeenLastCalledWith('microphone', true);
    await user.keyboard('{Control>}d{/Control}');
    expect(call.enable).toHaveBeenCalledTimes(3);
    await user.keyboard('{Control>}e{/Control}');
    expect(call.enable).toHaveBeenLastCalledWith('camera', true);
    await user.keyboard('de');
    expect(call.enable).toHaveBeenCalledTimes(4);
  });

  it.each([
    ['with Caps Lock', { key: 'D', code: 'KeyD' }, true],
    ['on a Cyrillic layout', { key: 'в', code: 'KeyD' }, true],
    ['on a Greek layout', { key: 'δ', code: 'KeyD' }, true],
    ['where the letter has another place', { key: 'd', code: 'KeyH' }, true],
    ['but not by the place where another letter is', { key: 'e', code: 'KeyD' }, false],
    ['but not with another key held as well', { key: 'D', code: 'KeyD', shiftKey: true }, false],
    ['but not by what types a sign', { key: 'd', code: 'KeyD', altKey: true }, false],
    ['but not again and again while it is held', { key: 'd', code: 'KeyD', repeat: true }, false],
  ])('mutes by the keys %s', (_, keys, mutes) => {
    const { call } = enter();
    const event = new KeyboardEvent('keydown', { ...keys, ctrlKey: true, cancelable: true });
    window.dispatchEvent(event);
    const asked = call.enable.mock.calls.map(([source]) => source);
    expect(asked.includes('microphone')).toBe(mutes);
    expect(event.defaultPrevented).toBe(asked.length > 0);
  });

  it('leaves keys to the field that is typed into', async () => {
    const { call } = enter();
    await userEvent.click(button('Chat'));
    await userEvent.type(
      screen.getByRole('textbox', { name: 'Message' }),
      'a{Control>}de{/Control}',
    );
    expect(call.enable).not.toHaveBeenCalled();
  });

  it('tells why a device could not be used, until it can', async () => {
    const { call, failures } = enter();
    const denied = Object.assign(new Error(), { name: 'NotAllowedError' });
    call.enable.mockRejectedValueOnce(denied);
    failures.tell('microphone', { code: 'no-microphone' });
    await userEvent.click(button('Turn the camera on'));
    expect(failures.newest()?.failure.code).toBe('camera-denied');
    await userEvent.click(button('Turn the camera on'));
    // What is told of the microphone has not become wrong by that.
    expect(failures.newest()?.failure.code).toBe('no-microphone');
  });

  it('asks before it does what the host wants', async () => {
    const { call } = enter();
    await change(call, { participants: [me(true)], asked: ['microphone', 'camera'] });
    expect(screen.getByText('The host asks you to unmute.')).toBeTruthy();
    expect(call.enable).not.toHaveBeenCalled();
    const [first, second] = screen.getAllByRole('status');
    await userEvent.click(within(first as HTMLElement).getByRole('button', { name: 'Unmute' }));
    expect(call.enable).toHaveBeenCalledExactlyOnceWith('microphone', true);
    await userEvent.click(within(second as HTMLElement).getByRole('button', { name: 'Leave off' }));
    expect(call.decline).toHaveBeenCalledExactlyOnceWith('camera');
    expect(call.enable).toHaveBeenCalledOnce();
  });

  it('lets the host answer what others ask for, one after the other', async () => {
    const { call, failures } = enter();
    const [bo, cy] = [someone('bo', { name: 'Bo' }), someone('cy', { name: 'Cy' })];
    const first = { participant: bo, source: 'microphone' } as const;
    const second = { participant: cy, source: 'screen' } as const;
    await change(call, { participants: [me(true), bo, cy], requests: [first, second] });
    expect(screen.getByText('Bo asks to speak. 1 more waits.')).toBeTruthy();
    expect(await broken()).toEqual([]);
    await userEvent.click(button('Allow'));
    expect(call.answer).toHaveBeenCalledExactlyOnceWith(first, true);
    await change(call, { requests: [second] });
    expect(screen.getByText('Cy asks to share their screen.')).toBeTruthy();
    call.answer.mockRejectedValueOnce({ code: 'action-refused' });
    await userEvent.click(button('Deny'));
    expect(call.answer).toHaveBeenLastCalledWith(second, false);
    expect(failures.newest()?.failure.code).toBe('action-refused');
    await change(call, { requests: [] });
    expect(screen.queryByTestId('request')).toBeNull();
  });

  it('says which device went, and lets it be left off', async () => {
    const { devices } = enter();
    devices.notices = { microphone: { kind: 'gone', device: 'Desk', using: 'Headset' } };
    await tick();
    expect(screen.getByText('“Desk” is gone. You are heard through “Headset”.')).toBeTruthy();
    await userEvent.click(button('OK'));
    expect(devices.dismiss).toHaveBeenCalledExactlyOnceWith('microphone');
    devices.notices = { microphone: { kind: 'gone', device: 'Desk', using: '' } };
    await tick();
    expect(screen.getByText('“Desk” is gone. Nobody hears you now.')).toBeTruthy();
    expect(await broken()).toEqual([]);
    await userEvent.click(button('Stay muted when it is back'));
    expect(devices.enable).toHaveBeenCalledExactlyOnceWith('microphone', false);
  });

  it.each(['opening', 'away'] as const)('switches off what is %s', async (state) => {
    const { call, devices } = enter();
    devices.switches = { camera: state, microphone: state };
    await change(call, { participants: [me(true)] });
    await userEvent.click(button(/Stay muted$/));
    await userEvent.click(button(/Leave (it|the camera) off$/));
    expect(call.enable.mock.calls).toEqual([
      ['microphone', false],
      ['camera', false],
    ]);
  });

  it('offers the device that is back', async () => {
    const { devices } = enter();
    devices.notices = { microphone: { kind: 'back', device: 'Desk', using: 'Headset' } };
    await tick();
    expect(screen.getByText('“Desk” is back. You are heard through “Headset”.')).toBeTruthy();
    await userEvent.click(button('Use it again'));
    expect(devices.takeBack).toHaveBeenCalledExactlyOnceWith('microphone');
  });

  it('counts unread messages until the chat is open', async () => {
    const { call } = enter();
    await change(call, { messages: [message, { ...message, id: 1 }] });
    await userEvent.click(button('Chat, 2 unread'));
    expect(screen.getAllByTestId('chat-message')).toHaveLength(2);
    await change(call, { messages: [...call.messages, { ...message, id: 2 }] });
    await userEvent.click(button('Chat'));
    expect(button('Chat')).toBeTruthy();
    await change(call, { messages: [...call.messages, { ...message, id: 3 }] });
    expect(button('Chat, 1 unread')).toBeTruthy();
  });

  it('tells of what is no message, and keeps it', async () => {
    const { call, failures } = enter();
    call.sendMessage.mockRejectedValueOnce({ code: 'internal' });
    await userEvent.click(button('Chat'));
    await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'hello{Enter}');
    expect(failures.of('chat')?.code).toBe('internal');
    expect(screen.getByRole<HTMLInputElement>('textbox').value).toBe('hello');
    await userEvent.keyboard('{Enter}');
    expect(failures.of('chat')).toBeUndefined();
  });

  it('says who came and who went, all that happens at once', async () => {
    const { call } = enter();
    call.tell({ kind: 'joined', participant: someone('bo', { name: 'Bo' }) });
    call.tell({ kind: 'left', participant: someone('cy', { name: 'Cy' }) });
    await vi.waitFor(() => {
      expect(screen.getByText('Bo joined. Cy left.')).toBeTruthy();
    });
  });

  it('says whose hand is up', async () => {
    const { call } = enter();
    call.tell({ kind: 'hand', participant: someone('bo', { name: 'Bo' }), raised: true });
    await vi.waitFor(() => {
      expect(screen.getByText('Bo raised their hand.')).toBeTruthy();
    });
  });

  it('shows what the host switched off until the user has seen it or has it on again', async () => {
    const { call, devices } = enter();
    const said = (words: string): HTMLElement | null => screen.queryByText(words);
    devices.switches = { microphone: 'off', camera: 'off' };
    call.tell({ kind: 'moderated', source: 'microphone' });
    call.tell({ kind: 'moderated', source: 'camera' });
    call.tell({ kind: 'moderated', source: 'screen' });
    await tick();
    expect(said('The host ended the sharing of your screen.')).toBeTruthy();
    const bar = within(screen.getByTestId('switched-off-microphone'));
    await userEvent.click(bar.getByRole('button', { name: 'Unmute' }));
    expect(call.enable).toHaveBeenCalledExactlyOnceWith('microphone', true);
    devices.switches = { microphone: 'on', camera: 'off' };
    await tick();
    expect(said('The host muted you.')).toBeNull();
    const camera = within(screen.getByTestId('switched-off-camera'));
    await userEvent.click(camera.getByRole('button', { name: 'OK' }));
    expect(said('The host turned your camera off.')).toBeNull();
    expect(call.enable).toHaveBeenCalledOnce();
    // Off again by one's own hand is no news.
    devices.switches = { microphone: 'off', camera: 'off' };
    await tick();
    expect(said('The host muted you.')).toBeNull();
  });

  it('asks once where the host switched off what it now asks for', async () => {
    const { call } = enter();
    call.tell({ kind: 'moderated', source: 'microphone' });
    await change(call, { asked: ['microphone'] });
    expect(screen.queryByText('The host muted you.')).toBeNull();
    expect(screen.getByTestId('asked-microphone')).toBeTruthy();
  });

  it('says what is answered to what the user asked for, in place of that it was asked', async () => {
    const { call, failures } = enter();
    call.enable.mockRejectedValueOnce(new CallError('permission-asked'));
    await userEvent.click(button('Mute'));
    await vi.waitFor(() => expect(failures.newest()?.failure.code).toBe('permission-asked'));
    call.tell({ kind: 'warning', error: new CallError('permission-denied') });
    expect(failures.newest()?.failure).toEqual({ code: 'permission-denied' });
    expect(failures.of('microphone')).toBeUndefined();
  });

  it('says when it is recorded', async () => {
    const { call } = enter();
    expect(screen.queryByTestId('recording')).toBeNull();
    await change(call, { recording: true });
    expect(text('recording')).toBe('Recording');
  });

  it('whose sound the webview holds back plays it after a click', async () => {
    const { call } = enter();
    await change(call, { audioBlocked: true });
    await userEvent.click(button('Play it'));
    expect(call.unblockAudio).toHaveBeenCalledOnce();
  });

  it('shows another participant’s screen large, with all cameras beside it', async () => {
    const { call } = enter();
    const bo = someone('bo', { name: 'Bo' });
    await change(call, { participants: [me(false), bo] });
    expect(screen.queryByTestId('screen')).toBeNull();
    bo.change({ screen: { muted: false, paused: false } });
    await tick();
    const video = screen.getByLabelText('Screen of Bo');
    expect(bo.attach).toHaveBeenCalledWith('screen', video);
    expect(screen.getAllByTestId('tile').map((tile) => tile.dataset.name)).toEqual(['Bo', 'me']);
    expect(await broken()).toEqual([]);
    bo.change({ screen: undefined });
    await tick();
    expect(screen.queryByTestId('screen')).toBeNull();
    expect(bo.attachment.end).toHaveBeenCalledOnce();
  });

  it('shows every screen that is shared, each of whoever shares it', async () => {
    const { call } = enter();
    const live = { muted: false, paused: false };
    const bo = someone('bo', { name: 'Bo', screen: live });
    const cy = someone('cy', { name: 'Cy', screen: live });
    await change(call, { participants: [me(false), bo, cy] });
    expect(screen.getByLabelText('Screen of Bo')).toBeTruthy();
    const video = screen.getByLabelText('Screen of Cy');
    bo.change({ screen: undefined });
    await tick();
    expect(screen.getAllByTestId('screen').map((tile) => tile.dataset.name)).toEqual(['Cy']);
    // What goes on is not begun anew.
    expect(screen.getByLabelText('Screen of Cy')).toBe(video);
    expect(cy.attachment.end).not.toHaveBeenCalled();
  });

  it('does not show one’s own screen, which is in front of one', async () => {
    const { call } = enter();
    const shown = someone('me', { local: true, screen: { muted: false, paused: false } });
    await change(call, { participants: [shown] });
    expect(screen.queryByTestId('screen')).toBeNull();
    await userEvent.click(button('Stop sharing your screen'));
    expect(call.enable).toHaveBeenCalledExactlyOnceWith('screen', false);
  });

  it.each([
    ['webview', 'Your screen cannot be shared from this system yet'],
    ['grant', 'You may not share your screen in this meeting'],
  ] as const)(
    'says why no screen can be shared, also by keyboard: %s',
    async (hindrance, words) => {
      const { call } = enter();
      await change(call, { rights: { screen: hindrance } });
      expect(button(words).ariaDisabled).toBe('true');
      await userEvent.click(button(words));
      expect(call.enable).not.toHaveBeenCalled();
      // Only what can have the keyboard can say it to whoever has no mouse.
      expect(await tabOrder()).toContain(words);
    },
  );

  it('raises and lowers one’s hand, which stands on the tile', async () => {
    const { call, failures } = enter();
    const oneself = someone('me', { local: true });
    await change(call, { participants: [oneself] });
    await userEvent.click(button('Raise your hand'));
    expect(call.raiseHand).toHaveBeenCalledExactlyOnceWith(true);
    // It stays the same participant.
    oneself.change({ handRaised: 1_000 });
    await tick();
    expect(screen.getByRole('img', { name: 'hand raised' })).toBeTruthy();
    expect(await broken()).toEqual([]);
    call.raiseHand.mockRejectedValueOnce({ code: 'action-refused' });
    await userEvent.click(button('Lower your hand'));
    expect(call.raiseHand).toHaveBeenLastCalledWith(false);
    expect(failures.newest()?.failure.code).toBe('action-refused');
  });

  it('says why no hand can be raised, as long as it may not', async () => {
    const { call } = enter();
    await change(call, { rights: { 'raise-hand': 'grant' } });
    expect(button('You may not raise your hand in this meeting').ariaDisabled).toBe('true');
    await change(call, { rights: {} });
    expect(button('Raise your hand').ariaDisabled).toBeNull();
  });

  it('renders nobody else anew when one participant changes', async () => {
    const { call } = enter();
    const [bo, cy] = [someone('bo'), someone('cy')];
    await change(call, { participants: [me(false), bo, cy] });
    const before = screen.getAllByTestId('tile').map((tile) => tile.outerHTML);
    const reads = vi.spyOn(cy, 'name', 'get' as never).mockReturnValue('cy');
    bo.change({ speaking: true });
    await tick();
    expect(reads).not.toHaveBeenCalled();
    const after = screen.getAllByTestId('tile').map((tile) => tile.outerHTML);
    expect(after.map((html, index) => html === before[index])).toEqual([false, true, true]);
  });

  it('leaves, and listens to the call no longer than it is shown', async () => {
    const { call, unmount } = enter();
    await userEvent.click(button('Leave'));
    expect(call.leave).toHaveBeenCalledOnce();
    expect(call.listenerCount).toBeGreaterThan(0);
    unmount();
    await tick();
    expect(call.listenerCount).toBe(0);
  });
});
