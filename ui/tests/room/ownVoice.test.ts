import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { OwnVoice } from '../../src/room/ownVoice.svelte';
import { FakeDevice } from '../support/devices';

describe('the own voice', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function listen(microphone: 'on' | 'off', device = new FakeDevice('audio', 'mic', 'Desk')) {
    device.enabled = microphone === 'on';
    let report: (level: number) => void = () => undefined;
    const looked: MediaStreamTrack[] = [];
    const meter = (track: MediaStreamTrack, tell: (level: number) => void) => {
      looked.push(track);
      report = tell;
      return () => (report = () => undefined);
    };
    const voice = new OwnVoice();
    const end = voice.follow(device.asTrack(), microphone === 'off', meter);
    const speak = (level: number, looks: number): void => {
      for (let look = 0; look < looks; look += 1) report(level);
    };
    return { voice, device, looked, end: end ?? (() => undefined), speak };
  }

  it('is seen while it is heard', () => {
    const { voice, speak, end } = listen('on');
    speak(0.7, 1);
    expect([voice.level, voice.unheard]).toEqual([0.7, false]);
    end();
    expect(voice.level).toBe(0);
  });

  it('that nobody hears is told, for a moment', () => {
    const { voice, speak } = listen('off');
    speak(0.8, 5);
    expect(voice.unheard).toBe(false);
    speak(0.8, 20);
    expect([voice.level, voice.unheard]).toEqual([0, true]);
    vi.advanceTimersByTime(10_000);
    expect(voice.unheard).toBe(false);
  });

  it('that talks on to somebody else is reminded ever more rarely, until it was on', () => {
    const { voice, speak } = listen('off');
    const told: number[] = [];
    for (let second = 0; second < 300; second += 1) {
      const before = voice.unheard;
      speak(0.8, 20);
      if (voice.unheard && !before) told.push(second);
      vi.advanceTimersByTime(1000);
    }
    expect(told).toEqual([0, 30, 90, 210]);
    const again = listen('off');
    again.speak(0.8, 20);
    expect(again.voice.unheard).toBe(true);
  });

  it('is no cough, and no noise of the room', () => {
    const { voice, speak } = listen('off');
    for (let count = 0; count < 50; count += 1) {
      speak(0.9, 3);
      speak(0.1, 10);
      speak(0.4, 10);
    }
    expect(voice.unheard).toBe(false);
  });

  it('is listened to while muted by a copy, which ends, and sends nothing', () => {
    const { device, looked, end } = listen('off');
    expect(looked).toHaveLength(1);
    expect(looked[0]).not.toBe(device.asTrack());
    expect(looked[0]?.enabled).toBe(true);
    // What the call has stays as silent as it was.
    expect(device.enabled).toBe(false);
    end();
    expect(looked[0]?.readyState).toBe('ended');
    expect(device.readyState).toBe('live');
  });

  it('opens no microphone: where none is open nothing is listened to', () => {
    const meter = vi.fn();
    expect(new OwnVoice().follow(undefined, true, meter)).toBeUndefined();
    expect(meter).not.toHaveBeenCalled();
  });
});
