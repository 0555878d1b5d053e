// @vitest-environment jsdom
import { cleanup, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CallError } from '../../src/call/model';
import type { SoundCheck } from '../../src/devices/soundCheck';
import Lobby from '../../src/screens/Lobby.svelte';
import { broken, fillIn, show } from './show';
import { ShownDevices } from './shownDevices.svelte';

beforeEach(fillIn);
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const track = { kind: 'audio' } as MediaStreamTrack;

function enter(own = true) {
  const devices = new ShownDevices();
  const sound = {
    own,
    tone: vi.fn<SoundCheck['tone']>().mockResolvedValue(),
    echo: vi.fn<SoundCheck['echo']>().mockResolvedValue(),
  };
  const nothing = vi.fn();
  const view = {
    title: 'Tea time',
    place: 'Room “tea” on media.test',
    devices,
    sound,
    name: 'Al',
    rename: nothing,
    busy: false,
    unattended: false,
    failure: undefined as { code: string } | undefined,
    dismiss: nothing,
    way: [] as { looks: string; try: () => Promise<unknown> }[],
    join: () => Promise.resolve(),
    back: nothing,
  };
  return { devices, sound, view, ...show(Lobby, view) };
}
const button = (name: string): HTMLElement => screen.getByRole('button', { name });
const words = (): string => screen.getByTestId('lobby-quiet').textContent.trim();

describe('the own sound', () => {
  it('is switched below the microphone', async () => {
    const { devices } = enter();
    const boxes = screen.getAllByRole<HTMLInputElement>('checkbox', { hidden: true });
    const shown = boxes.map((box) => [box.parentElement?.textContent.trim(), box.checked]);
    expect(shown).toEqual([
      ['Remove echo', true],
      ['Reduce noise', false],
      ['Adjust my volume', true],
    ]);
    await userEvent.click(boxes[0] as HTMLElement);
    expect(devices.changeSound).toHaveBeenCalledExactlyOnceWith('echoCancellation', false);
  });
});

describe('the way into the meeting', () => {
  it('is walked step by step, and said to be free', async () => {
    const { walked, release } = await walk();
    await userEvent.click(button('Check the connection'));
    expect(screen.getByText('Asking for the token…')).toBeTruthy();
    release();
    expect(await screen.findByText('The way into the meeting is free.')).toBeTruthy();
    expect(walked).toEqual(['token', 'server']);
    expect(await broken()).toEqual([]);
  });

  it('ends where something is wrong, which is said in words, and can be walked again', async () => {
    const { walked, release } = await walk(new CallError('server-unreachable-refused'));
    await userEvent.click(button('Check the connection'));
    release();
    const note = await screen.findByTestId('error');
    expect(note.dataset['code']).toBe('server-unreachable-refused');
    expect(walked).toEqual(['token']);
    await userEvent.click(button('Dismiss'));
    expect(screen.queryByTestId('error')).toBeNull();
    expect(screen.queryByText('Asking for the token…')).toBeNull();
    await userEvent.click(button('Check the connection'));
    expect(await screen.findByText('The way into the meeting is free.')).toBeTruthy();
    expect(walked).toEqual(['token', 'token', 'server']);
  });

  it('cannot be walked before there is one', () => {
    enter();
    expect((button('Check the connection') as HTMLButtonElement).disabled).toBe(true);
  });

  /** `fault`: of the first time. */
  async function walk(fault?: CallError) {
    const walked: string[] = [];
    let release: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (release = resolve));
    const { view, again } = enter();
    const way = [
      {
        looks: 'Asking for the token…',
        try: async () => {
          walked.push('token');
          await first;
          if (fault !== undefined && walked.length === 1) throw fault;
        },
      },
      { looks: 'Asking the server…', try: () => Promise.resolve(walked.push('server')) },
    ];
    await again({ ...view, way });
    return { walked, release };
  }
});

describe('what else went wrong', () => {
  it('is told in the lobby, until the user has read it', async () => {
    const { view, again } = enter();
    const dismiss = vi.fn();
    await again({ ...view, failure: { code: 'token-expired' }, dismiss });
    expect(screen.getByTestId('error').dataset['code']).toBe('token-expired');
    await userEvent.click(button('Dismiss'));
    expect(dismiss).toHaveBeenCalledOnce();
    expect(await broken()).toEqual([]);
  });
});

describe('a device that cannot be used', () => {
  it('is tried again from where it is told', async () => {
    const { devices } = enter();
    devices.failures = { microphone: { code: 'no-microphone' } };
    await tick();
    await userEvent.click(button('Try again'));
    expect(devices.enable).toHaveBeenCalledExactlyOnceWith('microphone', true);
  });
});

describe('a microphone that gives nothing', () => {
  const hears = async (devices: ShownDevices, level: number): Promise<void> => {
    devices.report?.(level);
    await tick();
  };
  const waits = async (milliseconds: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    await tick();
  };

  it('is told of after a while, until something is heard', async () => {
    vi.useFakeTimers();
    const { devices } = enter();
    devices.tracks = { microphone: track };
    await tick();
    await waits(5_000);
    expect(words()).toBe('');
    await waits(2_000);
    expect(words()).toContain('We can’t hear you.');
    await hears(devices, 0.4);
    expect(words()).toBe('');
    // A pause is none of that.
    await hears(devices, 0.01);
    await waits(5_000);
    expect(words()).toBe('');
  });

  it('is not told of while it is off', async () => {
    vi.useFakeTimers();
    enter();
    await waits(60_000);
    expect(words()).toBe('');
  });
});

describe('the sound', () => {
  it('is tried with the speaker that was chosen', async () => {
    const { devices, sound } = enter();
    devices.chosen.speaker = 'hall';
    await tick();
    let over = (): void => undefined;
    sound.tone.mockReturnValueOnce(new Promise((resolve) => (over = resolve)));
    await userEvent.click(button('Play a sound'));
    expect(sound.tone).toHaveBeenCalledExactlyOnceWith('hall');
    expect(screen.getByText('You should hear two tones.')).toBeTruthy();
    over();
    await vi.waitFor(() => {
      expect(screen.queryByText('You should hear two tones.')).toBeNull();
    });
  });

  it('of oneself is recorded and played back, while the microphone is on', async () => {
    const { devices, sound } = enter();
    // It is there: what comes later would move what is below.
    expect((button('Hear yourself') as HTMLButtonElement).disabled).toBe(true);
    devices.tracks = { microphone: track };
    await tick();
    let [plays, over] = [(): void => undefined, (): void => undefined];
    sound.echo.mockImplementationOnce((_track, _speaker, begins) => {
      plays = begins;
      return new Promise((resolve) => (over = resolve));
    });
    await userEvent.click(button('Hear yourself'));
    expect(sound.echo.mock.calls[0]?.slice(0, 2)).toEqual([track, '']);
    expect(screen.getByText('Say something…')).toBeTruthy();
    expect(await broken()).toEqual([]);
    plays();
    expect(await screen.findByText('This is how you sound.')).toBeTruthy();
    over();
  });

  it('that is recorded ends with the lobby', async () => {
    const { devices, sound, unmount } = enter();
    devices.tracks = { microphone: track };
    await tick();
    await userEvent.click(button('Hear yourself'));
    const signal = sound.echo.mock.calls[0]?.[3];
    expect(signal?.aborted).toBe(false);
    unmount();
    expect(signal?.aborted).toBe(true);
  });

  it('that cannot be tried says so', async () => {
    const { sound } = enter();
    sound.tone.mockRejectedValueOnce(new Error('no such device'));
    await userEvent.click(button('Play a sound'));
    expect(await screen.findByText('That did not work with these devices.')).toBeTruthy();
  });

  it('is tried as far as the page has it: never on another speaker than the chosen one', async () => {
    const { devices } = enter(false);
    devices.tracks = { microphone: track };
    await tick();
    expect(screen.queryByRole('button', { name: 'Hear yourself' })).toBeNull();
    expect(button('Play a sound')).toBeTruthy();
    devices.chosen.speaker = 'hall';
    await tick();
    expect(screen.queryByRole('button', { name: 'Play a sound' })).toBeNull();
  });
});
