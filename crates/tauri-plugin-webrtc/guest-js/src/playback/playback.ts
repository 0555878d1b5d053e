/**
 * Plays a stream of ours in a media element, in place of the webview's own player (HTML, section
 * 4.8.11, as narrowed by mediacapture-main, section 6).
 */
import type { PictureCodec } from '../binary';
import { observeStream } from '../media/stream';
import type { AnyTrack, MediaStream } from '../media/stream';
import { coreOf } from '../media/track';
import type { TrackCore } from '../media/track';
import { queueTask } from '../surface';
import { framesOf } from './frames';
import type { Shown } from './pictures';
import { noticed, unwatch, watch } from './presence';
import type { Placed } from './presence';
import { AudioSink } from './sinks';
import { View } from './view';
import type { Shower } from './view';

/** Time between two `timeupdate` events, in milliseconds (HTML: at most 250). */
const TIME_UPDATE_INTERVAL = 250;

interface PendingPlay {
  resolve: () => void;
  reject: (error: DOMException) => void;
}

/**
 * Those whose element may yet be seen or heard: it goes on although the page holds it no longer
 * (HTML, section 4.8.11.8). Of the others nothing outside holds the element.
 */
const awake = new Set<Playback>();

/** Ends what is left of one that was thrown away with its element. */
const forgotten = new FinalizationRegistry<() => void>((end) => end());

const abortError = (reason: string): DOMException => new DOMException(reason, 'AbortError');

/** `MediaError` cannot be constructed. */
function mediaError(code: number, message: string): MediaError {
  return Object.create(MediaError.prototype, {
    code: { value: code, enumerable: true },
    message: { value: message, enumerable: true },
  }) as MediaError;
}

export class Playback implements Placed, Shower {
  readonly element: HTMLMediaElement;
  readonly stream: MediaStream;
  paused = true;
  ended = false;
  readyState = 0;
  /** Pictures come that the webview cannot decode; sound goes on. */
  error: MediaError | null = null;
  videoWidth = 0;
  videoHeight = 0;
  /** Pictures painted. */
  presented = 0;
  readonly view: View | undefined;
  #sinkId: string;
  /** The stream has something to play. */
  #active = false;
  /** HTML's "autoplaying flag". */
  #autoplaying = true;
  #audio: AudioSink[] = [];
  readonly #observed = new Set<TrackCore>();
  #pending: PendingPlay[] = [];
  /** Seconds played before `#playingSince`. */
  #played = 0;
  /** `performance.now()`, while time advances. */
  #playingSince: number | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #disposed = false;
  /** The element was in the document once. */
  #wasPlaced = false;
  readonly #unobserve: () => void;
  readonly #sync: () => void;

  constructor(element: HTMLMediaElement, stream: MediaStream, sinkId: string) {
    this.element = element;
    this.stream = stream;
    this.#sinkId = sinkId;
    if (element instanceof HTMLVideoElement) this.view = new View(element, this);
    // Streams and tracks live longer than elements, and must not keep them.
    const weak = new WeakRef(this);
    this.#sync = () => weak.deref()?.synchronise();
    const unobserve = observeStream(stream, this.#sync);
    this.#unobserve = unobserve;
    const [observed, sync] = [this.#observed, this.#sync];
    forgotten.register(this, () => {
      unobserve();
      for (const core of observed) core.observers.delete(sync);
    });
    watch(this);
    element.addEventListener('volumechange', this.#sync);
    this.#fire('loadstart');
    this.synchronise();
  }

  /** Seconds. */
  get currentTime(): number {
    const running = this.#playingSince;
    return this.#played + (running === undefined ? 0 : (performance.now() - running) / 1000);
  }

  play(): Promise<void> {
    this.#autoplaying = false;
    if (this.#active) this.ended = false;
    if (this.paused) this.#start();
    if (this.error) return Promise.reject(this.#notSupported());
    if (this.readyState >= 3) return Promise.resolve();
    return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
  }

  pause(): void {
    this.#autoplaying = false;
    if (this.paused) return;
    this.paused = true;
    this.#stopClock();
    this.#fire('timeupdate');
    this.#fire('pause');
    this.#rejectPending(abortError('play() was interrupted by pause()'));
    this.synchronise();
  }

  setSinkId(sinkId: string): void {
    this.#sinkId = sinkId;
    this.synchronise();
  }

  placed(): void {
    this.view?.overlay.layout();
    this.synchronise();
  }

  /** HTML, section 4.8.11: an element that is taken out of the document pauses. */
  removed(): void {
    this.pause();
    this.synchronise();
  }

  dispose(): void {
    this.#disposed = true;
    awake.delete(this);
    unwatch(this);
    this.#unobserve();
    this.element.removeEventListener('volumechange', this.#sync);
    for (const core of this.#observed) core.observers.delete(this.#sync);
    for (const sink of this.#audio) sink.close();
    this.view?.rest();
    this.#stopClock();
    this.#rejectPending(abortError('play() was interrupted by a new load'));
  }

  /** Brings sinks in line with the stream's tracks and the element's state. */
  synchronise(): void {
    if (this.#disposed) return;
    if (noticed(this)) this.#wasPlaced = true;
    const tracks: AnyTrack[] = this.stream.getTracks();
    const cores = tracks.map((track) => coreOf(track)).filter((core) => core !== undefined);
    this.#observe(cores);
    const live = cores.filter(({ ended }) => !ended);
    const pictured = live.find(({ kind }) => kind === 'video');
    if (this.view && !this.#idle) {
      this.view.wake();
      // A paused element shows its first picture and then holds still.
      this.view.frozen = this.paused && this.presented > 0 && !this.#mayAutoplay;
      this.view.show(pictured);
      this.view.update();
    }
    this.#synchroniseAudio(live.filter(({ kind, remote }) => kind === 'audio' && remote));
    this.#followActivity(live.length > 0);
    const silentPicture = this.view && live.some(({ kind }) => kind === 'video');
    if (live.length > 0 && !silentPicture && this.readyState < 4) this.#ready();
    if (live.length > 0 && this.#mayAutoplay && this.readyState >= 3) this.#start();
    if (this.#idle) {
      this.view?.rest();
      awake.delete(this);
    } else {
      awake.add(this);
    }
  }

  /** It is not played, and nobody can see it. */
  get #idle(): boolean {
    if (!this.paused || this.#mayAutoplay || this.element.isConnected) return false;
    // One that was never placed still loads.
    return this.#wasPlaced || this.readyState >= 2;
  }

  get #mayAutoplay(): boolean {
    return this.paused && this.#autoplaying && this.element.autoplay;
  }

  #observe(cores: TrackCore[]): void {
    for (const core of this.#observed) {
      if (cores.includes(core)) continue;
      core.observers.delete(this.#sync);
      this.#observed.delete(core);
    }
    for (const core of cores) {
      core.observers.add(this.#sync);
      this.#observed.add(core);
    }
  }

  #synchroniseAudio(cores: TrackCore[]): void {
    const { volume, muted } = this.element;
    const settings = { volume, muted, deviceId: this.#sinkId };
    const wanted = this.paused ? [] : cores;
    this.#audio = this.#audio.filter((sink) => {
      if (wanted.includes(sink.core)) return true;
      sink.close();
      return false;
    });
    for (const sink of this.#audio) sink.update(settings);
    for (const core of wanted) {
      if (!this.#audio.some((sink) => sink.core === core)) {
        this.#audio.push(new AudioSink(core, settings));
      }
    }
  }

  /** Mediacapture-main, section 6: ended when the stream becomes inactive. */
  #followActivity(active: boolean): void {
    if (active && this.ended && this.element.autoplay) {
      this.ended = false;
      this.#autoplaying = true;
    }
    const before = this.#active;
    this.#active = active;
    if (!before || active) return;
    // One track may be taken out to make place for another.
    queueTask(() => {
      if (!this.#active && !this.#disposed) this.#end();
    });
  }

  #end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#stopClock();
    this.#fire('timeupdate');
    if (!this.paused) {
      this.paused = true;
      this.#fire('pause');
    }
    this.#fire('ended');
    this.#rejectPending(abortError('the stream has ended'));
    this.synchronise();
  }

  #start(): void {
    this.#autoplaying = false;
    this.paused = false;
    this.#fire('play');
    if (this.readyState >= 3) {
      this.#startClock();
      this.#fire('playing');
    } else {
      this.#fire('waiting');
    }
    this.synchronise();
  }

  /** There is something to play. */
  #ready(): void {
    const before = this.readyState;
    this.readyState = 4;
    if (before === 0) {
      this.#fire('durationchange');
      this.#fire('loadedmetadata');
      this.#fire('loadeddata');
    }
    this.#fire('canplay');
    this.#fire('canplaythrough');
    if (!this.paused) {
      this.#startClock();
      this.#fire('playing');
    }
    const pending = this.#pending;
    this.#pending = [];
    for (const { resolve } of pending) resolve();
  }

  painted(picture: Shown): void {
    this.presented += 1;
    const resized = this.videoWidth !== picture.width || this.videoHeight !== picture.height;
    this.videoWidth = picture.width;
    this.videoHeight = picture.height;
    if (this.readyState < 4) this.#ready();
    if (resized) this.#fire('resize');
    if (this.#mayAutoplay) this.#start();
    else if (this.paused && this.presented === 1) this.synchronise();
    this.#tellFrame(picture);
  }

  /**
   * Pictures that cannot be decoded make a source that is not suitable (HTML, section 4.8.11.1);
   * ones that can, or another track, end that.
   */
  trouble(codec: PictureCodec | undefined): void {
    if (codec === undefined) {
      this.error = null;
      return;
    }
    const message = `video/${codec.toUpperCase()} cannot be decoded here`;
    this.error = mediaError(MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED, message);
    this.readyState = Math.min(this.readyState, 2);
    this.#stopClock();
    this.#fire('error');
    this.#rejectPending(this.#notSupported());
  }

  #notSupported(): DOMException {
    return new DOMException(this.error?.message, 'NotSupportedError');
  }

  #tellFrame({ width, height, rtpTimestamp, received }: Shown): void {
    const frames = framesOf(this.element);
    if (!frames.pending) return;
    const now = performance.now();
    const metadata: VideoFrameCallbackMetadata = {
      presentationTime: now,
      expectedDisplayTime: now,
      width,
      height,
      mediaTime: this.currentTime,
      presentedFrames: this.presented,
      receiveTime: received - performance.timeOrigin,
    };
    if (rtpTimestamp !== undefined) metadata.rtpTimestamp = rtpTimestamp;
    frames.run(now, metadata);
  }

  #startClock(): void {
    this.#playingSince ??= performance.now();
    this.#timer ??= setInterval(() => this.#fire('timeupdate'), TIME_UPDATE_INTERVAL);
  }

  #stopClock(): void {
    this.#played = this.currentTime;
    this.#playingSince = undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #rejectPending(reason: DOMException): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const { reject } of pending) reject(reason);
  }

  #fire(type: string): void {
    queueTask(() => {
      if (!this.#disposed) this.element.dispatchEvent(new Event(type));
    });
  }
}
