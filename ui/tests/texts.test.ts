import { describe, expect, it } from 'vitest';

import { ageOf, readStrip } from '../src/guest/timestampStrip';
import { elapsed } from '../src/lib/durations';
import { initials } from '../src/lib/people';

describe('texts', () => {
  it('show hours only if there are any', () => {
    expect(elapsed(-5)).toBe('0:00');
    expect(elapsed(65_000)).toBe('1:05');
    expect(elapsed(3_845_000)).toBe('1:04:05');
  });

  it('shorten names', () => {
    expect(initials('Ann Bee Cole')).toBe('AC');
    expect(initials('ann')).toBe('A');
    expect(initials('🦊 fox')).toBe('🦊F');
    // What cannot be seen, and marks of another letter, are no letters.
    for (const name of ['  ', '\u202e', '\u0301\u200d', '']) expect(initials(name)).toBe('?');
    expect(initials('\u202eevil')).toBe('E');
  });
});

describe('the time stamp strip', () => {
  const width = 640;
  const height = 360;
  /** Paints the strip as its definition says, independently of the code that draws it. */
  const paint = (value: number): Uint8ClampedArray => {
    const bits = value.toString(2).padStart(40, '0').split('').map(Number);
    const parity = (odd: number): number =>
      bits.filter((_, index) => index % 2 === odd).reduce((sum, bit) => sum ^ bit, 0);
    const cells = [0, 1, ...bits, parity(0), parity(1)];
    const pixels = new Uint8ClampedArray(width * height * 4);
    for (let y = 0; y < height / 12; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const cell = cells.findIndex((_, index) => x < Math.floor(((index + 1) * width) / 44));
        pixels.fill(cells[cell] === 1 ? 235 : 16, (y * width + x) * 4, (y * width + x) * 4 + 4);
      }
    }
    return pixels;
  };

  it('is read back', () => {
    for (const value of [0, 1, 2 ** 40 - 1, 0x12_3456_789a]) {
      expect(readStrip(paint(value), width, height)).toBe(value);
    }
  });

  it('is not read from something else, or when a bit is wrong', () => {
    expect(readStrip(new Uint8ClampedArray(width * height * 4), width, height)).toBeUndefined();
    const pixels = paint(5);
    for (let y = 0; y < 30; y += 1) pixels.fill(235, (y * width + 60) * 4, (y * width + 72) * 4);
    expect(readStrip(pixels, width, height)).toBeUndefined();
  });

  it('tells the age across the wrap-around', () => {
    expect(ageOf(2 ** 40 - 10, 2 ** 40 + 15)).toBe(25);
  });
});
