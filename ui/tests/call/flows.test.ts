import { describe, expect, it } from 'vitest';

import { Flows, type Entry } from '../../src/call/flows';

const layer = (rid: string, timestamp: number, bytesSent: number, frameHeight: number): Entry => ({
  id: `out-${rid}`,
  type: 'outbound-rtp',
  kind: 'video',
  mid: '1',
  rid,
  timestamp,
  bytesSent,
  codecId: 'c',
  frameWidth: (frameHeight * 16) / 9,
  frameHeight,
});
const heard: Entry = {
  id: 'r',
  type: 'remote-inbound-rtp',
  localId: 'out-q',
  fractionLost: 0.25,
  jitter: 0.003,
};
const codec: Entry = { id: 'c', type: 'codec', mimeType: 'video/VP8' };
const inbound = (more: Entry): Entry => ({ id: 'in', type: 'inbound-rtp', kind: 'audio', ...more });

describe('how tracks do', () => {
  it('puts what is sent in several layers together', () => {
    const flows = new Flows();
    const at = (timestamp: number, bytes: number): Entry[] => [
      layer('q', timestamp, bytes, 180),
      layer('h', timestamp, 2 * bytes, 360),
      heard,
      codec,
    ];
    flows.read([{ from: undefined, entries: at(1_000, 0) }]);
    const [flow, ...more] = flows.read([{ from: undefined, entries: at(2_000, 1_000) }]);
    expect(more).toEqual([]);
    expect(flow).toMatchObject({
      direction: 'sent',
      codec: 'VP8',
      bitsPerSecond: 24_000,
      lossPercent: 25,
      jitterMs: 3,
      height: 360,
    });
    expect(flow?.layers.map(({ name, bitsPerSecond }) => [name, bitsPerSecond])).toEqual([
      ['q', 8_000],
      ['h', 16_000],
    ]);
  });

  it('says how long what is received waits', () => {
    const flows = new Flows();
    const at = (timestamp: number, delay: number, count: number) => [
      {
        from: 'bo',
        entries: [
          inbound({ timestamp, jitterBufferDelay: delay, jitterBufferEmittedCount: count }),
        ],
      },
    ];
    flows.read(at(0, 1, 10));
    expect(flows.read(at(1_000, 4, 60))[0]?.delayMs).toBe(60);
  });

  it('takes no rate from two looks at once, and keeps the last one', () => {
    const flows = new Flows();
    const at = (timestamp: number, bytesReceived: number) => [
      { from: 'bo', entries: [inbound({ timestamp, bytesReceived })] },
    ];
    flows.read(at(0, 0));
    flows.read(at(1_000, 125));
    expect(flows.read(at(1_001, 9_000))[0]?.bitsPerSecond).toBe(1_000);
    expect(flows.read(at(2_000, 250))[0]?.bitsPerSecond).toBe(1_000);
  });

  it('keeps two apart that are called the same, and counts nobody backwards', () => {
    const flows = new Flows();
    const at = (timestamp: number, one: number, other: number) => [
      { from: 'bo', entries: [inbound({ timestamp, bytesReceived: one })] },
      { from: 'cy', entries: [inbound({ timestamp, bytesReceived: other })] },
    ];
    flows.read(at(0, 0, 500));
    const rates = flows.read(at(1_000, 125, 0)).map(({ bitsPerSecond }) => bitsPerSecond);
    expect(rates).toEqual([1_000, 0]);
  });

  it('survives what no browser tells', () => {
    const entries: Entry[] = [
      inbound({ kind: 'smell' }),
      inbound({ timestamp: 'now', jitter: Number.NaN, codecId: 'c', frameWidth: '9' }),
      { ...codec, mimeType: `audio/\u202e${'x'.repeat(900)}` },
    ];
    const [flow, ...more] = new Flows().read([{ from: 'bo', entries }]);
    expect(more).toEqual([]);
    expect(flow).toMatchObject({ bitsPerSecond: undefined, jitterMs: undefined, width: undefined });
    expect(flow?.codec).toBe('x'.repeat(32));
  });
});
