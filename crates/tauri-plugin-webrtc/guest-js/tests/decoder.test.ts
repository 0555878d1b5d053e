import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Picture } from '../src/binary';
import { PictureDecoder, prepareDecoding } from '../src/playback/decoder';

/** A webview's decoder that gives what it was given when the test says so. */
class SlowDecoder {
  static all: SlowDecoder[] = [];
  state = 'unconfigured';
  configured: string | undefined;
  readonly waiting: number[] = [];
  readonly #output: (frame: object) => void;
  constructor({ output }: VideoDecoderInit) {
    this.#output = output as (frame: object) => void;
    SlowDecoder.all.push(this);
  }
  get decodeQueueSize(): number {
    return this.waiting.length;
  }
  configure({ codec }: VideoDecoderConfig): void {
    this.configured = codec;
    this.state = 'configured';
  }
  decode({ timestamp }: { timestamp: number }): void {
    this.waiting.push(timestamp);
  }
  close(): void {
    this.state = 'closed';
  }
  give(count: number): void {
    for (const timestamp of this.waiting.splice(0, count)) {
      this.#output({ timestamp, close: () => undefined });
    }
  }
  /** As WebKitGTK may when it is configured for another size. */
  lose(): void {
    this.waiting.splice(0);
  }
}

/** Pixels of the two layers, as a VP8 key frame's header has them. */
const LAYERS = { small: [320, 180], large: [640, 360] } as const;

let counter: number;
let decoded: number;
let requests: number;
let decoder: PictureDecoder;

function picture(keyFrame: boolean, layer: keyof typeof LAYERS = 'small'): Picture {
  const data = new Uint8Array(10);
  const view = new DataView(data.buffer);
  const [width, height] = LAYERS[layer];
  view.setUint16(6, width, true);
  view.setUint16(8, height, true);
  counter += 1;
  return {
    type: 'picture',
    track: 1,
    codec: 'vp8',
    rtpTimestamp: counter * 3000,
    keyFrame,
    counter,
    arrival: 0,
    data,
  };
}

/** So many pictures that build on a key frame, all at once. */
function burst(count: number, layer?: keyof typeof LAYERS): void {
  decoder.decode(picture(true, layer));
  for (let i = 1; i < count; i += 1) decoder.decode(picture(false, layer));
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.stubGlobal('VideoDecoder', SlowDecoder);
  vi.stubGlobal('EncodedVideoChunk', function (this: object, init: object) {
    Object.assign(this, init);
  });
  SlowDecoder.all = [];
  [counter, decoded, requests] = [0, 0, 0];
  decoder = new PictureDecoder(
    () => (decoded += 1),
    () => (requests += 1),
    () => undefined,
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a decoder', () => {
  it('shows all that was kept for a viewer, and asks for nothing', () => {
    burst(60);
    const [native] = SlowDecoder.all;
    native?.give(60);
    decoder.decode(picture(false));
    native?.give(1);
    expect([decoded, requests, SlowDecoder.all.length]).toEqual([61, 0, 1]);
  });

  it('is left time to begin, whatever comes meanwhile', () => {
    burst(20);
    for (let i = 0; i < 5; i += 1) {
      vi.advanceTimersByTime(300);
      burst(5);
    }
    const [native] = SlowDecoder.all;
    native?.give(45);
    expect([decoded, requests, SlowDecoder.all.length]).toEqual([45, 0, 1]);
  });

  it('that has begun and falls behind works off what it has, and goes on with a key frame', () => {
    burst(2);
    const [native] = SlowDecoder.all;
    native?.give(2);
    for (let i = 0; i < 60; i += 1) {
      vi.advanceTimersByTime(33);
      // Whoever sends makes a key frame now and then, for others.
      decoder.decode(picture(i % 20 === 19));
    }
    // None is asked for that could not be taken.
    expect([requests, native?.waiting.length, SlowDecoder.all.length]).toEqual([0, 15, 1]);
    native?.give(14);
    burst(2);
    expect(requests).toBe(0);
    native?.give(1);
    decoder.decode(picture(false));
    expect(requests).toBe(1);
    burst(3);
    native?.give(3);
    expect([decoded, requests, SlowDecoder.all.length]).toEqual([20, 1, 1]);
  });

  it('that is slow is never begun anew, and shows what it can', () => {
    burst(1);
    // Thirty pictures a second, of which it is through with five.
    for (let i = 0; i < 900; i += 1) {
      vi.advanceTimersByTime(33);
      decoder.decode(picture(requests > 0 && i % 3 === 0));
      if (i % 6 === 0) SlowDecoder.all.at(-1)?.give(1);
    }
    expect(SlowDecoder.all).toHaveLength(1);
    expect(decoded).toBeGreaterThan(140);
  });

  it('that stands still after it has begun is replaced', () => {
    burst(2);
    SlowDecoder.all[0]?.give(2);
    for (let i = 0; i < 400; i += 1) {
      vi.advanceTimersByTime(33);
      decoder.decode(picture(false));
    }
    expect(requests).toBeGreaterThan(0);
    burst(2);
    SlowDecoder.all.at(-1)?.give(2);
    expect([decoded, SlowDecoder.all.length]).toEqual([4, 2]);
  });

  it('that takes longer and longer to begin is left more and more time', () => {
    for (let i = 0; i < 2_400; i += 1) {
      vi.advanceTimersByTime(33);
      decoder.decode(picture(i % 30 === 0));
    }
    // After 10, 20 and 40 seconds.
    expect(SlowDecoder.all).toHaveLength(4);
  });

  it('that gives nothing at all for seconds is replaced', () => {
    for (let i = 0; i < 400; i += 1) {
      vi.advanceTimersByTime(33);
      decoder.decode(picture(i === 0));
    }
    expect(requests).toBeGreaterThan(0);
    burst(1);
    SlowDecoder.all.at(-1)?.give(1);
    expect([decoded, SlowDecoder.all.length]).toEqual([1, 2]);
  });

  it('goes on after pictures that were lost when another layer came', () => {
    burst(20);
    SlowDecoder.all[0]?.lose();
    burst(20, 'large');
    SlowDecoder.all[0]?.give(20);
    expect([decoded, decoder.framesSkipped, requests]).toEqual([20, 20, 0]);
    for (let i = 0; i < 40; i += 1) {
      vi.advanceTimersByTime(33);
      decoder.decode(picture(false, 'large'));
      SlowDecoder.all[0]?.give(1);
    }
    expect([decoded, requests, SlowDecoder.all.length]).toEqual([60, 0, 1]);
  });

  it('goes on after a pause with another layer, though it kept a picture of before', () => {
    burst(20);
    const [native] = SlowDecoder.all;
    native?.give(19);
    vi.advanceTimersByTime(5_000);
    native?.lose();
    burst(2, 'large');
    for (let i = 0; i < 30; i += 1) {
      vi.advanceTimersByTime(33);
      decoder.decode(picture(false, 'large'));
    }
    native?.give(32);
    expect([decoded, requests, SlowDecoder.all.length]).toEqual([51, 0, 1]);
  });

  it('that fell behind and lost the last of what it had goes on at once', () => {
    burst(2);
    const [native] = SlowDecoder.all;
    native?.give(2);
    for (let i = 0; i < 40; i += 1) {
      vi.advanceTimersByTime(33);
      decoder.decode(picture(false));
    }
    native?.give(14);
    native?.lose();
    burst(2);
    native?.give(2);
    expect([decoded, SlowDecoder.all.length]).toEqual([18, 1]);
  });

  it('is never given more than a viewer could want', () => {
    burst(1000);
    expect(SlowDecoder.all[0]?.waiting.length).toBeLessThan(200);
  });
});

describe('what the webview decodes with', () => {
  it('is loaded before the first picture comes, and nothing of it stays open', () => {
    SlowDecoder.all = [];
    prepareDecoding();
    expect(SlowDecoder.all.map(({ configured, state }) => [configured, state])).toEqual([
      ['vp8', 'closed'],
    ]);
  });

  it('may be missing', () => {
    vi.stubGlobal('VideoDecoder', undefined);
    expect(prepareDecoding).not.toThrow();
  });
});
