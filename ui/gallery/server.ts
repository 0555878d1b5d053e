import type { PictureSource, TrackSource } from '../src/call/model';
import { MemoryServer } from '../tests/support/memory';
import { MemoryTrack } from '../tests/support/memoryState';
import { reportOf } from './counts';
import { document16by10, painted, somebody } from './painted';

/** What one of the others shows. */
class PaintedTrack extends MemoryTrack {
  readonly #stream: MediaStream | undefined;

  constructor(identity: string, source: TrackSource, shape: Shape) {
    super(identity, source);
    const picture = pictureOf(identity, source, shape);
    this.#stream = picture && new MediaStream([picture]);
  }

  /** With the first one comes what the user's own connection says. */
  override getRTCStatsReport(): Promise<RTCStatsReport> {
    const [first] = server.members.values();
    const own = first?.tracks.get('camera') === this;
    return Promise.resolve(reportOf(this.source, own));
  }

  override attach(element: HTMLMediaElement): void {
    super.attach(element);
    if (this.#stream !== undefined) element.srcObject = this.#stream;
  }

  override detach(element: HTMLMediaElement): void {
    super.detach(element);
    if (element.srcObject === this.#stream) element.srcObject = null;
  }
}

type Shape = 'landscape' | 'portrait';

function pictureOf(
  identity: string,
  source: TrackSource,
  shape: Shape,
): MediaStreamTrack | undefined {
  if (source === 'screen') return painted(document16by10, 1280, 800);
  if (source !== 'camera') return undefined;
  return shape === 'portrait'
    ? painted(somebody(identity), 360, 640)
    : painted(somebody(identity), 640, 360);
}

/** A server in memory, on which pictures can be seen. */
class PaintedServer extends MemoryServer {
  /** Of those who come with a picture from now on. */
  shape: Shape = 'landscape';

  /** Somebody comes, and shows and says what is named. */
  enter(name: string, ...sources: readonly (PictureSource | TrackSource)[]): void {
    const identity = name.toLowerCase();
    this.arrive(identity, name);
    for (const source of sources) this.publish(identity, source);
  }

  protected override make(identity: string, source: TrackSource): MemoryTrack {
    return new PaintedTrack(identity, source, this.shape);
  }
}

export const server = new PaintedServer();
