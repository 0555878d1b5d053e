/**
 * Plays a stream of ours in a media element, in place of the webview's own player (HTML, section
 * 4.8.11, as narrowed by mediacapture-main, section 6).
 */
import { observeStream } from '../media/stream';
import type { AnyTrack, MediaStream } from '../media/stream';
import { coreOf } from '../media/track';
import type { TrackCore } from '../media/track';
import { queueTask } from '../surface';
import type { Shown } from './pictures';
import { AudioSink } from './sinks';
import { View } from './view';

/** Time between two `timeupdate` events, in milliseconds (HTML: at most 250). */
const TIME_UPDATE_INTERVAL = 250;

interface PendingPlay {
  resolve: () => void;
  reject: (error: DOMException) => void;
}

type FrameCallback = (now: number, metadata: VideoFrameCallbackMetadata) => void;

export class Playback {
  readonly element: HTMLMediaElement;
  readonly stream: MediaStream;
  paused = true;
  ended = false;
  readyState = 0;
  videoWidth = 0;
  videoHeight = 0;
  /** Pictures painted. */
  presented = 0;
  readonly view: View | undefined;
  #sinkId: string;
  /** HTML's "autoplaying flag". */
  #autoplaying = true;
  #audio: AudioSink[] = [];
  readonly #observed = new Set<TrackCore>();
  #pending: PendingPlay[] = [];
  readonly #frameCallbacks = new Map<number, FrameCallback>();
  // Above those that the native element gives out.
  #nextCallback = 2 ** 30;
  /** Seconds played before `#playingSince`. */
  #played = 0;
  /** `performance.now()`, while time advances. */
  #playingSince: number | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #disposed = false;
  readonly #unobserve: () => void;
  readonly #sync = (): void => this.#synchronise();

  constructor(element: HTMLMediaElement, stream: MediaStream, sinkId: string) {
    this.element = element;
    this.stream = stream;
    this.#sinkId = sinkId;
    if (element instanceof HTMLVideoElement) {
      this.view = new View(element, (picture) => this.#painted(picture));
    }
    this.#unobserve = observeStream(stream, this.#sync);
    element.addEventListener('volumechange', this.#sync);
    this.#fire('loadstart');
    this.#synchronise();
  }

  /** Seconds. */
  get currentTime(): number {
    const running = this.#playingSince;
    return this.#played + (running === undefined ? 0 : (performance.now() - running) / 1000);
  }

  play(): Promise<void> {
    this.#autoplaying = false;
    if (this.paused) this.#start();
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
    this.#rejectPending('play() was interrupted by pause()');
    this.#synchronise();
  }

  setSinkId(sinkId: string): void {
    this.#sinkId = sinkId;
    this.#synchronise();
  }

  requestFrame(callback: FrameCallback): number {
    const handle = this.#nextCallback++;
    this.#frameCallbacks.set(handle, callback);
    return handle;
  }

  /** One asked for before there was a source, under the handle given out then. */
  adoptFrame(handle: number, callback: FrameCallback): void {
    this.#frameCallbacks.set(handle, callback);
  }

  cancelFrame(handle: number): void {
    this.#frameCallbacks.delete(handle);
  }

  dispose(): void {
    this.#disposed = true;
    this.#unobserve();
    this.element.removeEventListener('volumechange', this.#sync);
    for (const core of this.#observed) core.observers.delete(this.#sync);
    for (const sink of this.#audio) sink.close();
    this.view?.dispose();
    this.#stopClock();
    this.#rejectPending('play() was interrupted by a new load');
  }

  /** Brings sinks in line with the stream's tracks and the element's state. */
  #synchronise(): void {
    if (this.#disposed) return;
    const tracks: AnyTrack[] = this.stream.getTracks();
    const cores = tracks.map((track) => coreOf(track)).filter((core) => core !== undefined);
    this.#observe(cores);
    const live = cores.filter(({ ended }) => !ended);
    const pictured = live.find(({ kind }) => kind === 'video');
    if (this.view) {
      // A paused element shows its first picture and then holds still.
      this.view.frozen = this.paused && this.presented > 0 && !this.#mayAutoplay;
      this.view.show(pictured);
      this.view.update();
    }
    this.#synchroniseAudio(live.filter(({ kind, remote }) => kind === 'audio' && remote));
    this.#followEnd(cores.length > 0 && live.length === 0);
    const silentPicture = this.view && live.some(({ kind }) => kind === 'video');
    if (live.length > 0 && !silentPicture && this.readyState < 4) this.#ready();
    if (live.length > 0 && this.#mayAutoplay && this.readyState >= 3) this.#start();
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

  #followEnd(ended: boolean): void {
    if (this.ended === ended) return;
    this.ended = ended;
    if (!ended) return;
    this.#stopClock();
    this.#fire('timeupdate');
    if (!this.paused) {
      this.paused = true;
      this.#fire('pause');
    }
    this.#fire('ended');
    this.#rejectPending('the stream has ended');
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
    this.#synchronise();
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

  #painted(picture: Shown): void {
    this.presented += 1;
    const resized = this.videoWidth !== picture.width || this.videoHeight !== picture.height;
    this.videoWidth = picture.width;
    this.videoHeight = picture.height;
    if (this.readyState < 4) this.#ready();
    if (resized) this.#fire('resize');
    if (this.#mayAutoplay) this.#start();
    else if (this.paused && this.presented === 1) this.#synchronise();
    this.#runFrameCallbacks(picture);
  }

  #runFrameCallbacks({ width, height, rtpTimestamp, received }: Shown): void {
    const callbacks = [...this.#frameCallbacks.values()];
    this.#frameCallbacks.clear();
    if (callbacks.length === 0) return;
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
    for (const callback of callbacks) {
      try {
        callback(now, metadata);
      } catch (error) {
        reportError(error);
      }
    }
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

  #rejectPending(reason: string): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const { reject } of pending) reject(new DOMException(reason, 'AbortError'));
  }

  #fire(type: string): void {
    queueTask(() => {
      if (!this.#disposed) this.element.dispatchEvent(new Event(type));
    });
  }
}
