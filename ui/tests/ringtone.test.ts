import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Ringer, ringtone } from '../src/app/ringtone';

describe('the ringtone', () => {
  const view = new DataView(ringtone().buffer);
  const text = (at: number): string =>
    String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
  const samples = Array.from({ length: view.getUint32(40, true) / 2 }, (_, index) =>
    view.getInt16(44 + index * 2, true),
  );

  it('is a WAV file whose sizes are right', () => {
    expect([text(0), text(8), text(12), text(36)]).toEqual(['RIFF', 'WAVE', 'fmt ', 'data']);
    expect(view.getUint32(4, true)).toBe(view.byteLength - 8);
    expect(view.byteLength).toBe(44 + samples.length * 2);
    expect(samples.length / view.getUint32(24, true)).toBeCloseTo(3);
  });

  it('sounds, does not clip, and neither clicks nor sounds where it is repeated', () => {
    const loudest = Math.max(...samples.map(Math.abs));
    expect(loudest).toBeGreaterThan(8_000);
    expect(loudest).toBeLessThan(20_000);
    expect(samples[0]).toBe(0);
    expect(samples.slice(20_000).every((sample) => sample === 0)).toBe(true);
  });
});

describe('the ringer', () => {
  const play = vi.fn(() => Promise.resolve());
  const pause = vi.fn();
  const made: { loop: boolean; currentTime: number }[] = [];

  beforeEach(() => {
    vi.stubGlobal(
      'Audio',
      class {
        loop = false;
        currentTime = 7;
        readonly play = play;
        readonly pause = pause;
        constructor() {
          made.push(this);
        }
      },
    );
    vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:tone');
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    play.mockClear();
    pause.mockClear();
    made.length = 0;
  });

  it('begins anew each time, once, and stops at once', () => {
    const ringer = new Ringer(vi.fn());
    ringer.set(false);
    expect(made).toEqual([]);
    ringer.set(true);
    ringer.set(true);
    expect(play).toHaveBeenCalledTimes(1);
    expect(made[0]).toMatchObject({ loop: true, currentTime: 0 });
    ringer.set(false);
    expect(pause).toHaveBeenCalledTimes(1);
    ringer.set(true);
    expect(play).toHaveBeenCalledTimes(2);
    expect(made).toHaveLength(1);
  });

  it('says that it cannot be heard, but not that it was stopped', async () => {
    const failed = vi.fn();
    const ringer = new Ringer(failed);
    play.mockRejectedValueOnce(new Error('no sound'));
    ringer.set(true);
    await vi.waitFor(() => {
      expect(failed).toHaveBeenCalledWith(new Error('no sound'));
    });
    ringer.set(false);
    play.mockRejectedValueOnce(new Error('aborted'));
    ringer.set(true);
    ringer.set(false);
    await Promise.resolve();
    await Promise.resolve();
    expect(failed).toHaveBeenCalledTimes(1);
  });
});
