// @vitest-environment jsdom
import { screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { createRawSnippet, tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import ControlButton from '../../src/components/ControlButton.svelte';
import DeviceSelect from '../../src/components/DeviceSelect.svelte';
import FailureNote from '../../src/components/FailureNote.svelte';
import Tile from '../../src/components/Tile.svelte';
import { errorText } from '../../src/errors/table';
import { fillIn, picture, show } from './show';
import { someone, type Someone } from '../support/standIns';

beforeEach(fillIn);

const icon = createRawSnippet(() => ({ render: () => '<i></i>' }));

describe('a tile', () => {
  const look = (seen: Parameters<typeof someone>[1]): HTMLElement => {
    show(Tile, { participant: someone('bo', { name: 'Bo Dee', ...seen }) });
    return screen.getByRole('article');
  };
  const become = async (bo: Someone, seen: Parameters<typeof someone>[1]): Promise<void> => {
    bo.change(seen ?? {});
    await tick();
  };
  const on = { muted: false, paused: false };
  const off = { muted: true, paused: false };

  it('names its participant, and oneself as such', () => {
    const label = look({ local: true }).querySelector('footer span');
    expect(label?.textContent).toBe('Bo Dee (you)');
    // Apart from what the app says: a name may run from right to left.
    expect(label?.querySelector('bdi')?.textContent).toBe('Bo Dee');
    expect(screen.getByLabelText('Camera of Bo Dee').tagName).toBe('VIDEO');
  });

  it.each([
    ['a microphone that is on', on, 'on'],
    ['one that is muted', off, 'off'],
    ['none', undefined, 'off'],
  ])('marks %s', (_, microphone, mark) => {
    const tile = look({ microphone });
    expect(tile.dataset.mic).toBe(mark);
    expect(within(tile).queryByRole('img', { name: 'muted' }) !== null).toBe(mark === 'off');
  });

  it.each([
    ['the camera is off', off, 'Camera off'],
    ['there is none', undefined, 'Camera off'],
    ['it has not come yet', on, 'Waiting for the picture…'],
    ['none arrives', { muted: false, paused: true }, 'Paused: the connection is too slow'],
    [
      'it cannot be shown',
      { ...on, unplayable: 'AV1' },
      'Their camera sends AV1, which cannot be shown here',
    ],
  ])('without a picture shows who it is and why: %s', (_, camera, why) => {
    const tile = look({ camera });
    expect(within(tile).getByText('BD')).toBeTruthy();
    expect(within(tile).getByText(why)).toBeTruthy();
    expect(tile.dataset.picture).toBe('off');
  });

  it('shows the picture once there is one, and as long as there is', async () => {
    const tile = look({ camera: on });
    const video = screen.getByLabelText('Camera of Bo Dee');
    await picture(video);
    expect(within(tile).queryByText('BD')).toBeNull();
    expect(tile.dataset.picture).toBe('on');
    expect(video.classList.contains('hidden')).toBe(false);
    video.dispatchEvent(new Event('emptied'));
    await tick();
    expect(within(tile).getByText('BD')).toBeTruthy();
    expect(within(tile).getByText('Waiting for the picture…')).toBeTruthy();
    await picture(video);
    expect(tile.dataset.picture).toBe('on');
  });

  it('whose camera comes back shows no picture from before it was off', async () => {
    const bo = someone('bo', { camera: on });
    show(Tile, { participant: bo });
    const tile = screen.getByRole('article');
    const video = screen.getByLabelText('Camera of bo');
    await picture(video);
    expect(tile.dataset.picture).toBe('on');
    await become(bo, { camera: off });
    // One that was under way.
    await picture(video);
    await become(bo, { camera: on });
    expect(tile.dataset.picture).toBe('off');
    expect(within(tile).getByText('Waiting for the picture…')).toBeTruthy();
    await picture(video);
    expect(tile.dataset.picture).toBe('on');
    expect(within(tile).queryByText('Waiting for the picture…')).toBeNull();
  });

  it('says that its picture stands still while the network is too slow for the next', async () => {
    const bo = someone('bo', { camera: on });
    show(Tile, { participant: bo });
    const tile = screen.getByRole('article');
    await picture(screen.getByLabelText('Camera of bo'));
    await become(bo, { camera: { muted: false, paused: true } });
    expect(tile.dataset.picture).toBe('on');
    expect(within(tile).getByText('Paused: the connection is too slow')).toBeTruthy();
    await become(bo, { camera: on });
    expect(within(tile).queryByText('Paused: the connection is too slow')).toBeNull();
  });

  it('says so while pictures come that cannot be shown, and shows those that can', async () => {
    const tile = look({ camera: on });
    const video = screen.getByLabelText('Camera of Bo Dee');
    const happens = async (type: string): Promise<void> => {
      video.dispatchEvent(new Event(type));
      await tick();
    };
    const told = (): boolean =>
      within(tile).queryByText('The pictures of this camera cannot be shown here') !== null;
    await happens('error');
    expect([told(), tile.dataset.picture]).toEqual([true, 'off']);
    await picture(video);
    await happens('playing');
    expect([told(), tile.dataset.picture]).toEqual([false, 'on']);
    await happens('error');
    expect([told(), tile.dataset.picture]).toEqual([true, 'off']);
    await happens('playing');
    expect(tile.dataset.picture).toBe('on');
  });

  it('lights up for who speaks, not for noise behind a mute', () => {
    for (const microphone of [on, off]) {
      const participant = someone('bo', { speaking: true, microphone });
      const { unmount } = show(Tile, { participant, speaking: true });
      const tile = screen.getByRole('article');
      expect(tile.classList.contains('speaking')).toBe(microphone === on);
      // Not by colour alone.
      expect(within(tile).queryByRole('img', { name: 'speaking' }) !== null).toBe(
        microphone === on,
      );
      unmount();
    }
    // One voice may be heard by several microphones: whose it is is decided elsewhere.
    expect(look({ speaking: true, microphone: on }).classList.contains('speaking')).toBe(false);
  });

  it('asks for the camera once, whatever changes, and ends that', async () => {
    const bo = someone('bo');
    const { unmount } = show(Tile, { participant: bo });
    await become(bo, { speaking: true, camera: on, name: 'Bo' });
    expect(bo.attach).toHaveBeenCalledExactlyOnceWith(
      'camera',
      screen.getByLabelText('Camera of Bo'),
    );
    unmount();
    expect(bo.attachment.end).toHaveBeenCalledOnce();
  });

  it('of one’s own says that the others do not get the picture, which is here', async () => {
    const tile = look({ local: true, camera: { muted: false, paused: true } });
    await picture(screen.getByLabelText('Camera of Bo Dee'));
    expect(within(tile).getByText('The others do not see this yet')).toBeTruthy();
    expect(tile.dataset.picture).toBe('on');
  });
});

describe('a control', () => {
  it('has a name, its shortcut and its state, and works with keys', async () => {
    const onclick = vi.fn();
    const props = { label: 'Mute', testid: 'x', shortcut: 'Ctrl+D', pressed: true, onclick };
    show(ControlButton, { ...props, children: icon });
    const button = screen.getByRole('button', { name: 'Mute', pressed: true });
    expect(button.getAttribute('aria-keyshortcuts')).toBe('Control+D');
    const user = userEvent.setup();
    await user.tab();
    expect(document.activeElement).toBe(button);
    await user.keyboard('{Enter}');
    await user.keyboard(' ');
    await user.click(button);
    expect(onclick).toHaveBeenCalledTimes(3);
  });

  it('that is disabled does nothing', async () => {
    const onclick = vi.fn();
    show(ControlButton, { label: 'Mute', testid: 'x', disabled: true, onclick, children: icon });
    await userEvent.click(screen.getByRole('button', { name: 'Mute' }));
    expect(onclick).not.toHaveBeenCalled();
  });
});

describe('a choice of devices', () => {
  const device = (deviceId: string, label: string): MediaDeviceInfo =>
    ({ deviceId, label, kind: 'audioinput' }) as MediaDeviceInfo;

  it('shows the chosen one, and another can be chosen with keys', async () => {
    const choose = vi.fn();
    const devices = [device('a', 'Desk'), device('b', 'Headset')];
    show(DeviceSelect, { role: 'microphone', devices, value: 'a', choose, icon });
    const trigger = screen.getByRole('combobox', { name: 'Microphone' });
    expect(trigger.textContent.trim()).toBe('Desk');
    const user = userEvent.setup();
    await user.tab();
    expect(document.activeElement).toBe(trigger);
    await user.keyboard('{Enter}');
    // Without a layout the list stays unplaced, and so hidden.
    const options = await screen.findAllByRole('option', { hidden: true });
    expect(options.map((option) => option.textContent.trim())).toEqual([
      'System default',
      'Desk',
      'Headset',
    ]);
    await user.keyboard('{ArrowDown}{Enter}');
    expect(choose).toHaveBeenCalledExactlyOnceWith('b');
  });

  it('leads back to what the system has as its default', async () => {
    const choose = vi.fn();
    const devices = [device('a', 'Desk'), device('b', 'Headset')];
    show(DeviceSelect, { role: 'microphone', devices, value: 'a', choose, icon });
    const user = userEvent.setup();
    await user.tab();
    await user.keyboard('{Enter}');
    await screen.findAllByRole('option', { hidden: true });
    await user.keyboard('{ArrowUp}{Enter}');
    expect(choose).toHaveBeenCalledExactlyOnceWith('');
  });

  it('that is away shows what is used instead', () => {
    const devices = [device('a', 'Desk')];
    show(DeviceSelect, { role: 'microphone', devices, value: 'gone', choose: vi.fn(), icon });
    expect(screen.getByRole('combobox').textContent.trim()).toBe('System default');
  });

  it('counts devices that do not say their name', () => {
    const devices = [device('a', ''), device('b', '')];
    show(DeviceSelect, { role: 'camera', devices, value: 'b', choose: vi.fn(), icon });
    expect(screen.getByText('Camera 2')).toBeTruthy();
  });

  it('without devices says so and is disabled', () => {
    show(DeviceSelect, { role: 'camera', devices: [], value: '', choose: vi.fn(), icon });
    expect(screen.getByRole<HTMLButtonElement>('combobox').disabled).toBe(true);
    expect(screen.getByText('No camera found')).toBeTruthy();
  });
});

describe('a note of a failure', () => {
  it('is announced with its code, a sentence, the next step and the detail', async () => {
    const dismiss = vi.fn();
    show(FailureNote, { failure: { code: 'token-expired', detail: 'exp 12:00' }, dismiss });
    const note = screen.getByRole('alert');
    const text = errorText('token-expired');
    expect(note.dataset.code).toBe('token-expired');
    expect(within(note).getByText(text.sentence)).toBeTruthy();
    expect(within(note).getByText(text.next)).toBeTruthy();
    expect(within(note).getByText('exp 12:00')).toBeTruthy();
    const user = userEvent.setup();
    await user.tab();
    await user.keyboard('{Enter}');
    expect(dismiss).toHaveBeenCalledOnce();
  });

  it('that nobody can dismiss has no button', () => {
    show(FailureNote, { failure: { code: 'ended' } });
    expect(screen.queryByRole('button')).toBeNull();
    expect(screen.getByRole('alert').textContent.trim()).toBe(errorText('ended').sentence);
  });
});
