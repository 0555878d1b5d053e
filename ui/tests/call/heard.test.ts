import { describe, expect, it } from 'vitest';

import { loudnessOf } from '../../src/call/heard';

describe('how loud somebody is', () => {
  const told = (age: number, audioLevel?: number, since = performance.timeOrigin) => ({
    getSynchronizationSources: () => [
      {
        source: 1,
        rtpTimestamp: 0,
        timestamp: since + performance.now() - age,
        ...(audioLevel !== undefined && { audioLevel }),
      },
    ],
  });

  it('is what the newest packet says, whatever its time counts from', () => {
    expect(loudnessOf(told(20, 0.3))).toBe(0.3);
    expect(loudnessOf(told(20, 0.3, 0))).toBe(0.3);
  });

  it('is nothing once packets have ceased', () => {
    expect(loudnessOf(told(2_000, 0.3))).toBe(0);
  });

  it('is not known where no packet came, or none says it', () => {
    expect(loudnessOf(undefined)).toBeUndefined();
    expect(loudnessOf({ getSynchronizationSources: () => [] })).toBeUndefined();
    expect(loudnessOf(told(20))).toBeUndefined();
  });
});
