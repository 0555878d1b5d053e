// @vitest-environment jsdom
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { MediaStream } from '../src/media/stream';
import { localTrack, TrackCore } from '../src/media/track';
import { host } from '../src/transport';
import { FakeHost } from './fake-host';
import { deliver, makePage } from './page';

const BLACK = '#000';
let nextTrack = 500;

class Frame {
  close(): void {}
}

beforeAll(makePage);
beforeEach(() => {
  new FakeHost();
  vi.stubGlobal('VideoFrame', Frame);
});
afterEach(() => {
  for (const video of document.querySelectorAll('video')) video.srcObject = null;
  document.body.replaceChildren();
});

function camera(): { core: TrackCore; film: () => void } {
  const track = nextTrack++;
  const wire = { track, kind: 'video', label: 'Camera', settings: { deviceId: '', groupId: '' } };
  const core = localTrack(wire as never, {});
  const film = (): void => {
    const data = new Uint8Array((64 * 36 * 3) / 2);
    const size = { width: 64, height: 36 };
    host()
      .pictures.get(track)
      ?.picture({ type: 'raw', track, ...size, counter: 0, capture: 0, data });
  };
  return { core, film };
}

function remote(): { core: TrackCore; film: () => void } {
  const core = new TrackCore('video', true, 'remote');
  const track = nextTrack++;
  core.bind(track);
  return { core, film: () => deliver(track, 'vp8') };
}

/** What is to be seen in the place of a `<video>`: a picture, or the colour that covers it. */
function shown(): unknown {
  const canvas = document.querySelector<HTMLCanvasElement>('canvas[data-webrtc-canvas]');
  return (canvas?.getContext('2d') as { shows?: unknown } | null | undefined)?.shows;
}

function show(...cores: TrackCore[]): HTMLVideoElement {
  const video = document.createElement('video');
  video.autoplay = true;
  document.body.append(video);
  video.srcObject = new MediaStream(cores.map(({ track }) => track));
  return video;
}

describe.each([
  ['an own camera', camera],
  ['somebody else’s', remote],
])('%s that is disabled', (_, make) => {
  it('is black, and not its last picture, until it is enabled again', () => {
    const { core, film } = make();
    show(core);
    film();
    expect(shown()).toBeTypeOf('object');
    core.track.enabled = false;
    expect(shown()).toBe(BLACK);
    // One that was under way.
    film();
    expect(shown()).toBe(BLACK);
    core.track.enabled = true;
    film();
    expect(shown()).toBeTypeOf('object');
  });

  it('is black from the first on where another one was to be seen before', () => {
    const [first, second] = [make(), make()];
    const video = show(first.core);
    first.film();
    second.core.track.enabled = false;
    const stream = video.srcObject as unknown as MediaStream;
    stream.removeTrack(first.core.track);
    stream.addTrack(second.core.track);
    expect(shown()).toBe(BLACK);
  });
});
