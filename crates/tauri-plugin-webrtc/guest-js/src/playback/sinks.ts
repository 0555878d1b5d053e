/** What of a track reaches an element: pictures on its canvas, sound through the host. */
import type { TrackCore } from '../media/track';
import { host } from '../transport';
import { paintOn } from './pictures';
import type { Painter, Painting } from './pictures';

/** How an element plays sound. */
export interface AudioSettings {
  /** 0.0 to 1.0. */
  volume: number;
  muted: boolean;
  /** Empty: the default output. */
  deviceId: string;
}

/** Plays one remote audio track through the host. */
export class AudioSink {
  readonly core: TrackCore;
  readonly #id = host().newId();
  #settings: AudioSettings;
  #attached = false;
  #closed = false;
  readonly #changed = (): void => this.#update();

  constructor(core: TrackCore, settings: AudioSettings) {
    this.core = core;
    this.#settings = settings;
    core.observers.add(this.#changed);
    core.whenBound((track) => {
      if (this.#closed) return;
      this.#attached = true;
      host().post({ op: 'attachAudio', sink: this.#id, track, ...this.#effective() });
    });
  }

  update(settings: AudioSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    if (
      before.volume !== settings.volume ||
      before.muted !== settings.muted ||
      before.deviceId !== settings.deviceId
    ) {
      this.#update();
    }
  }

  close(): void {
    this.#closed = true;
    this.core.observers.delete(this.#changed);
    if (this.#attached) host().post({ op: 'detachAudio', sink: this.#id });
    this.#attached = false;
  }

  #effective(): AudioSettings {
    const { volume, muted, deviceId } = this.#settings;
    return { volume, muted: muted || !this.core.enabled, deviceId };
  }

  #update(): void {
    if (!this.#attached) return;
    host().post({ op: 'updateAudio', sink: this.#id, ...this.#effective() });
  }
}

/** What a video sink asks of the host. */
export interface ViewSettings {
  /** Device pixels. */
  width: number;
  height: number;
  visible: boolean;
}

/**
 * How long an element has to be out of sight before the host stops sending, in milliseconds. A
 * page that is being laid out hides and shows things; going on needs a key frame each time.
 */
const HIDING = 500;

/** Brings one video track's pictures to a painter. */
export class VideoSink {
  readonly core: TrackCore;
  readonly #id = host().newId();
  #view: ViewSettings;
  #attached = false;
  #closed = false;
  #painting: Painting | undefined;
  #hiding: ReturnType<typeof setTimeout> | undefined;

  constructor(core: TrackCore, view: ViewSettings, painter: Painter) {
    this.core = core;
    this.#view = view;
    core.whenBound((track) => {
      if (this.#closed) return;
      this.#attached = true;
      this.#painting = paintOn(track, painter);
      const { width, height, visible } = this.#view;
      host().post({ op: 'attachVideo', sink: this.#id, track, width, height });
      if (!visible) this.#hideSoon();
    });
  }

  update(view: ViewSettings): void {
    const { width, height, visible } = this.#view;
    this.#view = view;
    this.#painting?.changed(this.core.muted);
    if (visible && !view.visible) {
      this.#hideSoon();
      return;
    }
    if (view.visible !== visible || view.width !== width || view.height !== height) this.#tell();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#hiding);
    this.#painting?.stop();
    if (this.#attached) host().post({ op: 'detachVideo', sink: this.#id });
    this.#attached = false;
  }

  #hideSoon(): void {
    clearTimeout(this.#hiding);
    this.#hiding = setTimeout(() => {
      if (!this.#view.visible) this.#tell();
    }, HIDING);
  }

  #tell(): void {
    clearTimeout(this.#hiding);
    if (this.#attached) host().post({ op: 'updateVideo', sink: this.#id, ...this.#view });
  }
}
