import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TrackCore } from '../src/media/track';
import { Pace } from '../src/playback/pace';
import { VideoSink } from '../src/playback/sinks';
import { host } from '../src/transport';
import type { DecodeReport } from '../src/wire';
import { FakeHost, settle } from './fake-host';

/** Paints `count` pictures, one every 33 ms; when the last was painted. */
function smooth(pace: Pace, count: number, from = 0): number {
  let now = from;
  for (let i = 0; i < count; i += 1) pace.painted((now += 33));
  return now;
}

describe('pace', () => {
  it('counts freezes as webrtc-stats does', () => {
    const pace = new Pace();
    let now = smooth(pace, 30);
    expect(pace.perSecond(now)).toBe(30);
    pace.painted((now += 150));
    expect(pace.freezeCount).toBe(0);
    pace.painted((now += 400));
    expect(pace).toMatchObject({ freezeCount: 1, pauseCount: 0, totalPausesDuration: 0 });
    expect(pace.totalFreezesDuration).toBeCloseTo(0.4);
    // The longest that there is.
    pace.painted(now + 5000);
    expect(pace).toMatchObject({ freezeCount: 2, pauseCount: 0 });
    expect(pace.totalFreezesDuration).toBeCloseTo(5.4);
  });

  it('takes more than five seconds for a pause and no freeze', () => {
    const pace = new Pace();
    const now = smooth(pace, 30);
    pace.painted(now + 5001);
    expect(pace).toMatchObject({ freezeCount: 0, totalFreezesDuration: 0, pauseCount: 1 });
    expect(pace.totalPausesDuration).toBeCloseTo(5.001);
    // The pause does not make the average one to which later freezes are compared.
    const later = smooth(pace, 5, now + 5001);
    pace.painted(later + 300);
    expect(pace.freezeCount).toBe(1);
  });

  it('counts nothing while nobody looks', () => {
    const pace = new Pace();
    let now = smooth(pace, 30);
    for (const away of [1000, 60_000]) {
      pace.unwatched();
      now = smooth(pace, 30, now + away);
    }
    expect(pace).toMatchObject({ freezeCount: 0, pauseCount: 0 });
    pace.painted(now + 400);
    expect(pace.freezeCount).toBe(1);
  });
});

/** Decodes at once. */
class StandInDecoder {
  decodeQueueSize = 0;
  state = 'configured';
  readonly #output: (frame: object) => void;
  constructor({ output }: { output: (frame: object) => void }) {
    this.#output = output;
  }
  configure(): void {}
  decode({ timestamp }: { timestamp: number }): void {
    this.#output({ timestamp, displayWidth: 640, displayHeight: 360, close: () => {} });
  }
  close(): void {
    this.state = 'closed';
  }
}

class StandInChunk {
  readonly timestamp: number;
  constructor({ timestamp }: { timestamp: number }) {
    this.timestamp = timestamp;
  }
}

describe('what is told of a track', () => {
  const TRACK = 7;
  const VIEW = { width: 640, height: 360, visible: true };
  let fake: FakeHost;
  let core: TrackCore;
  let sink: VideoSink;
  let painter: { wants: boolean; paint: () => void; trouble: () => void };
  let counter = 0;

  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['performance', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'],
    });
    vi.stubGlobal('VideoDecoder', StandInDecoder);
    vi.stubGlobal('EncodedVideoChunk', StandInChunk);
    fake = new FakeHost();
    core = new TrackCore('video', true, 'camera');
    core.bind(TRACK);
    painter = { wants: true, paint: vi.fn(), trouble: vi.fn() };
    sink = new VideoSink(core, VIEW, painter);
    // As a view does.
    core.observers.add(() => sink.update({ ...VIEW, visible: painter.wants }));
    counter = 0;
  });
  afterEach(() => {
    sink.close();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  function look(wants: boolean): void {
    painter.wants = wants;
    sink.update({ ...VIEW, visible: wants });
  }

  function play(pictures: number): void {
    for (let i = 0; i < pictures; i += 1) {
      vi.advanceTimersByTime(33);
      host()
        .pictures.get(TRACK)
        ?.picture({
          type: 'picture',
          track: TRACK,
          keyFrame: true,
          codec: 'h264',
          rtpTimestamp: 0,
          counter: counter++,
          arrival: 0,
          data: new Uint8Array(20),
        });
    }
  }

  async function told(): Promise<DecodeReport | undefined> {
    vi.advanceTimersByTime(1000);
    await settle();
    return fake.all('reportDecoded').at(-1)?.report;
  }

  it('has a freeze in it if pictures do not come', async () => {
    play(30);
    vi.advanceTimersByTime(4000);
    play(30);
    expect(await told()).toMatchObject({ freezeCount: 1, pauseCount: 0 });
  });

  it('has none while the element is hidden, whether or not pictures come then', async () => {
    play(30);
    look(false);
    vi.advanceTimersByTime(4000);
    look(true);
    play(30);
    look(false);
    play(300);
    look(true);
    play(30);
    expect(painter.paint).toHaveBeenCalledTimes(90);
    expect(await told()).toMatchObject({ freezeCount: 0, pauseCount: 0 });
  });

  it('has none between the track of who left and that of who comes in the same place', async () => {
    // As every remote track is until media comes.
    expect(core.muted).toBe(true);
    for (const nobody of [4000, 20_000]) {
      await fake.emit({ event: 'trackMuted', track: TRACK, muted: false });
      play(30);
      // By the description that takes the track away.
      core.setMuted(true);
      vi.advanceTimersByTime(nobody);
    }
    await fake.emit({ event: 'trackMuted', track: TRACK, muted: false });
    play(30);
    expect(await told()).toMatchObject({ freezeCount: 0, pauseCount: 0 });
  });
});
