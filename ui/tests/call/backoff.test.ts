import { afterEach, describe, expect, it, vi } from 'vitest';

import { patientRetry } from '../../src/call/backoff';

afterEach(() => {
  vi.restoreAllMocks();
});

const delays = (random: number): (number | undefined)[] => {
  vi.spyOn(Math, 'random').mockReturnValue(random);
  return [0, 1, 4, 30].map((attempt) => patientRetry.delay(attempt, 0));
};

describe('those whom a server lost', () => {
  it('come back at different times, around one that doubles', () => {
    expect(delays(0)).toEqual([250, 500, 4_000, 4_000]);
    expect(delays(0.5)).toEqual([500, 1_000, 8_000, 8_000]);
    expect(delays(0.999)).toEqual([749.5, 1_499, 11_992, 11_992]);
  });

  it('give up after ten minutes', () => {
    expect(patientRetry.delay(9, 600_000)).toBeTypeOf('number');
    expect(patientRetry.delay(9, 600_001)).toBeUndefined();
  });
});
