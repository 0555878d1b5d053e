import { describe, expect, it } from 'vitest';

import { Voices } from '../../src/room/voices';

const on = { muted: false, paused: false };
const who = (id: string, level: number, muted = false) => ({
  id,
  level,
  speaking: level > 0,
  tracks: { microphone: { ...on, muted } },
});

describe('who is shown to speak', () => {
  it('is whoever is heard, at once, and a moment longer than that', () => {
    const voices = new Voices();
    expect(voices.hear([who('bo', 0.3)], 0)).toBe(true);
    expect(voices.shown).toEqual(['bo']);
    expect(voices.hear([who('bo', 0)], 300)).toBe(false);
    expect(voices.shown).toEqual(['bo']);
    expect(voices.hear([who('bo', 0)], 500)).toBe(true);
    expect(voices.shown).toEqual([]);
    expect(voices.lastOf('bo')).toBe(300);
    expect(voices.lastOf('cy')).toBeUndefined();
  });

  it('is known by their packets before the server says so, and is over sooner', () => {
    const voices = new Voices();
    const bo = (loudness: number, speaking: boolean) => ({
      ...who('bo', 0),
      speaking,
      loudness: () => loudness,
    });
    voices.hear([bo(0.001, false)], 0);
    expect(voices.shown).toEqual([]);
    voices.hear([bo(0.1, false)], 100);
    expect(voices.shown).toEqual(['bo']);
    for (const now of [200, 300, 400, 500, 600]) voices.hear([bo(0, true)], now);
    expect(voices.shown).toEqual([]);
    // Where it is not known, the server's word counts.
    voices.hear([{ ...who('bo', 0.4), loudness: () => undefined }], 700);
    expect(voices.shown).toEqual(['bo']);
  });

  it('is nobody for noise behind a mute', () => {
    const voices = new Voices();
    voices.hear([who('bo', 0.8, true)], 0);
    expect(voices.shown).toEqual([]);
  });

  it('is one for one voice, whichever microphones hear it: the loudest', () => {
    const voices = new Voices();
    voices.hear([who('me', 0.2), who('bo', 0.4)], 0);
    expect(voices.shown).toEqual(['bo']);
    // Small differences do not let it wander.
    voices.hear([who('me', 0.5), who('bo', 0.4)], 100);
    expect(voices.shown).toEqual(['bo']);
    voices.hear([who('me', 0.9), who('bo', 0.4)], 200);
    expect(voices.shown).toEqual(['me']);
  });

  it('is one also where another microphone is told of late, and as loud', () => {
    const voices = new Voices();
    voices.hear([who('me', 0.4), who('bo', 0)], 0);
    voices.hear([who('me', 0.4), who('bo', 0.4)], 500);
    voices.hear([who('me', 0.4), who('bo', 0.4)], 5_000);
    expect(voices.shown).toEqual(['me']);
  });

  it('are two who began apart from each other', () => {
    const voices = new Voices();
    for (const now of [0, 300, 600]) voices.hear([who('bo', 0.4), who('cy', 0)], now);
    voices.hear([who('bo', 0.4), who('cy', 0.3)], 900);
    expect(voices.shown).toEqual(['bo', 'cy']);
  });

  it('is not who has left', () => {
    const voices = new Voices();
    voices.hear([who('bo', 0.4)], 0);
    voices.hear([], 10);
    expect(voices.shown).toEqual([]);
  });
});
