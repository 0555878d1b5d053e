/** The picture side of a `<video>`: its canvas, its sink, and when it needs pictures. */
import type { PictureCodec } from '../binary';
import type { TrackCore } from '../media/track';
import { Overlay } from './overlay';
import type { Painter, Shown } from './pictures';
import { VideoSink } from './sinks';
import type { ViewSettings } from './sinks';

/** Size asked for an element that is not laid out, in pixels. */
const UNPLACED = { width: 640, height: 360 };

/** For whom a view paints. */
export interface Shower {
  painted(picture: Shown): void;
  /** Pictures cannot be decoded; undefined: they can, or there are none. */
  trouble(codec: PictureCodec | undefined): void;
}

export class View implements Painter {
  readonly overlay: Overlay;
  readonly #video: HTMLVideoElement;
  readonly #shower: Shower;
  readonly #intersection: IntersectionObserver;
  readonly #changed = (): void => this.update();
  readonly #trackChanged = (): void => this.#followTrack();
  #sink: VideoSink | undefined;
  #intersecting = true;
  /** The element was in the document once: out of it, nobody sees it any more. */
  #wasPlaced = false;
  #awake = false;
  /** Holds the last picture while the element is paused. */
  frozen = false;

  constructor(video: HTMLVideoElement, shower: Shower) {
    this.#video = video;
    this.#shower = shower;
    this.overlay = new Overlay(video, this.#changed);
    this.#intersection = new IntersectionObserver((entries) => {
      this.#intersecting = entries.at(-1)?.isIntersecting ?? true;
      this.update();
    });
  }

  /** Follows the element. */
  wake(): void {
    if (this.#awake) return;
    this.#awake = true;
    this.#intersecting = true;
    this.overlay.follow();
    this.#intersection.observe(this.#video);
    document.addEventListener('visibilitychange', this.#changed);
  }

  /** Shows nothing new and lets go of the element: nothing outside leads to it any more. */
  rest(): void {
    this.show(undefined);
    if (!this.#awake) return;
    this.#awake = false;
    this.#intersection.disconnect();
    document.removeEventListener('visibilitychange', this.#changed);
    this.overlay.rest();
  }

  get track(): TrackCore | undefined {
    return this.#sink?.core;
  }

  /** Shows another track, or none. */
  show(core: TrackCore | undefined): void {
    if (this.#sink?.core === core) return;
    this.#sink?.core.observers.delete(this.#trackChanged);
    this.#sink?.close();
    this.#shower.trouble(undefined);
    this.#sink = core ? new VideoSink(core, this.#settings(), this) : undefined;
    core?.observers.add(this.#trackChanged);
    if (core?.enabled === false) this.overlay.blacken();
  }

  /** Tells the host what is needed now. */
  update(): void {
    this.#sink?.update(this.#settings());
  }

  get wants(): boolean {
    return this.#settings().visible && this.#sink?.core.enabled !== false;
  }

  paint(picture: Shown): void {
    const core = this.#sink?.core;
    // Of a remote track nothing else tells its size; of a local one the host does, and what is
    // painted is a shrunk preview.
    if (core?.remote) {
      core.settings.width = picture.width;
      core.settings.height = picture.height;
    }
    this.overlay.paint(picture);
    this.#shower.painted(picture);
  }

  trouble(codec: PictureCodec | undefined): void {
    this.#shower.trouble(codec);
  }

  #followTrack(): void {
    // No picture of it comes any more, and the last one must not stay (mediacapture-main, 4.3.1).
    if (this.#sink?.core.enabled === false) this.overlay.blacken();
    this.update();
  }

  #settings(): ViewSettings {
    const { width, height } = this.overlay.box;
    const placed = width > 0 && height > 0;
    if (this.#video.isConnected) this.#wasPlaced = true;
    const seen = placed ? this.#intersecting : !this.#wasPlaced;
    const visible = seen && !document.hidden && !this.frozen;
    if (!placed) return { ...UNPLACED, visible };
    return {
      width: Math.max(1, Math.round(width * devicePixelRatio)),
      height: Math.max(1, Math.round(height * devicePixelRatio)),
      visible,
    };
  }
}
