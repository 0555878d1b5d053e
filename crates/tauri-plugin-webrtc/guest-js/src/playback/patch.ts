/**
 * Puts `Playback` behind the media elements of the page. An element that shows no stream of ours
 * behaves as the webview made it.
 */
import { isOurs, observeStream, toNative } from '../media/stream';
import type { MediaStream } from '../media/stream';
import { host } from '../transport';
import { framesOf } from './frames';
import { Playback } from './playback';

const playbacks = new WeakMap<HTMLMediaElement, Playback>();
const sinkIds = new WeakMap<HTMLMediaElement, string>();

/** How an element plays a stream of ours; undefined if it does not. */
export function playbackOf(element: unknown): Playback | undefined {
  return element instanceof HTMLMediaElement ? playbacks.get(element) : undefined;
}

/** Answers a property from `Playback` where there is one. */
function shadow<E extends HTMLMediaElement>(
  prototype: E,
  name: keyof E & string,
  get: (playback: Playback) => unknown,
): void {
  const native = Object.getOwnPropertyDescriptor(prototype, name);
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: true,
    get(this: E): unknown {
      const playback = playbacks.get(this);
      return playback ? get(playback) : (native?.get?.call(this) as unknown);
    },
    set(this: E, value: unknown) {
      // What can be set on these (currentTime) means nothing for a live stream.
      if (!playbacks.has(this)) native?.set?.call(this, value);
    },
  });
}

/** Answers a method from `Playback` where there is one. */
function override<E extends HTMLMediaElement>(
  prototype: E,
  name: string,
  call: (playback: Playback, ...given: never[]) => unknown,
): void {
  const native = (prototype as unknown as Record<string, unknown>)[name];
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: true,
    writable: true,
    value(this: E, ...given: never[]): unknown {
      const playback = playbacks.get(this);
      if (playback) return call(playback, ...given);
      return typeof native === 'function' ? (native.apply(this, given) as unknown) : undefined;
    },
  });
}

/** The webview's own `srcObject`. */
type Source = Required<Pick<TypedPropertyDescriptor<unknown>, 'get' | 'set'>>;

/** A stream of ours in an element, played by us or, if its tracks are the webview's, by that. */
class Attachment {
  readonly stream: MediaStream;
  readonly #element: HTMLMediaElement;
  readonly #native: Source;
  readonly #unobserve: () => void;

  constructor(element: HTMLMediaElement, stream: MediaStream, native: Source) {
    this.stream = stream;
    this.#element = element;
    this.#native = native;
    // The stream lives longer than the element, and must not keep it.
    const weak = new WeakRef(this);
    this.#unobserve = observeStream(stream, () => weak.deref()?.route());
    forgotten.register(element, this.#unobserve);
    this.route();
  }

  /** Gives the stream to whoever can play what is in it now. */
  route(): void {
    const element = this.#element;
    const twin = toNative(this.stream);
    if (twin) {
      if (this.#native.get.call(element) === twin) return;
      discard(element);
      this.#native.set.call(element, twin);
    } else if (!playbacks.has(element)) {
      this.#native.set.call(element, null);
      playbacks.set(element, new Playback(element, this.stream, sinkIds.get(element) ?? ''));
    }
  }

  end(): void {
    this.#unobserve();
    discard(this.#element);
  }
}

const attachments = new WeakMap<HTMLMediaElement, Attachment>();
const forgotten = new FinalizationRegistry<() => void>((unobserve) => unobserve());

/** Ends our own playing. */
function discard(element: HTMLMediaElement): void {
  const before = playbacks.get(element);
  if (!before) return;
  before.dispose();
  playbacks.delete(element);
  element.dispatchEvent(new Event('emptied'));
}

function patchSource(prototype: HTMLMediaElement): void {
  const described = Object.getOwnPropertyDescriptor(prototype, 'srcObject');
  const native: Source = {
    get(this: HTMLMediaElement): unknown {
      return described?.get?.call(this) as unknown;
    },
    set(this: HTMLMediaElement, value: unknown) {
      described?.set?.call(this, value);
    },
  };
  Object.defineProperty(prototype, 'srcObject', {
    configurable: true,
    enumerable: true,
    get(this: HTMLMediaElement): unknown {
      return attachments.get(this)?.stream ?? native.get.call(this) ?? null;
    },
    set(this: HTMLMediaElement, value: unknown) {
      const before = attachments.get(this);
      // Setting the same stream again reloads it: nothing changes while it plays.
      if (before?.stream === value && !playbacks.get(this)?.ended) return;
      before?.end();
      attachments.delete(this);
      if (isOurs(value)) attachments.set(this, new Attachment(this, value, native));
      else native.set.call(this, value ?? null);
      if (this instanceof HTMLVideoElement) awaitNativeFrame(this);
    },
  });
}

type RequestFrame = (callback: VideoFrameRequestCallback) => number;
let requestNativeFrame: RequestFrame | undefined;
/** Elements whose next native picture is waited for. */
const awaiting = new WeakSet<HTMLVideoElement>();

/** Has the webview tell of its next picture, if the page waits for one and it is not ours. */
function awaitNativeFrame(video: HTMLVideoElement): void {
  const frames = framesOf(video);
  if (!frames.pending || playbacks.has(video) || awaiting.has(video) || !requestNativeFrame) return;
  awaiting.add(video);
  requestNativeFrame.call(video, (now, metadata) => {
    awaiting.delete(video);
    frames.run(now, metadata);
    awaitNativeFrame(video);
  });
}

function patchFrameRequests(prototype: HTMLVideoElement): void {
  requestNativeFrame = Object.getOwnPropertyDescriptor(prototype, 'requestVideoFrameCallback')
    ?.value as RequestFrame | undefined;
  Object.defineProperty(prototype, 'requestVideoFrameCallback', {
    configurable: true,
    enumerable: true,
    writable: true,
    value(this: HTMLVideoElement, callback: VideoFrameRequestCallback): number {
      const handle = framesOf(this).request(callback);
      awaitNativeFrame(this);
      return handle;
    },
  });
  Object.defineProperty(prototype, 'cancelVideoFrameCallback', {
    configurable: true,
    enumerable: true,
    writable: true,
    value(this: HTMLVideoElement, handle: number): void {
      framesOf(this).cancel(handle);
    },
  });
}

/** The element plays something of the webview, which knows only the default loudspeaker. */
function playsNative(element: HTMLMediaElement): boolean {
  return !playbacks.has(element) && element.networkState !== HTMLMediaElement.NETWORK_EMPTY;
}

/** Changes of each element's loudspeaker are made in the order in which they were asked for. */
const turns = new WeakMap<HTMLMediaElement, Promise<void>>();

async function chooseSink(element: HTMLMediaElement, sinkId: string): Promise<void> {
  const device = sinkId === 'default' ? '' : sinkId;
  if (device !== '') {
    const devices = await host().request({ op: 'enumerateDevices' });
    if (!devices.some((info) => info.kind === 'audiooutput' && info.deviceId === device)) {
      throw new DOMException('There is no such audio output', 'NotFoundError');
    }
    if (playsNative(element)) {
      throw new DOMException('This plays on the default loudspeaker only', 'AbortError');
    }
  }
  sinkIds.set(element, sinkId);
  playbacks.get(element)?.setSinkId(device);
}

function patchOutput(prototype: HTMLMediaElement): void {
  Object.defineProperty(prototype, 'sinkId', {
    configurable: true,
    enumerable: true,
    get(this: HTMLMediaElement): string {
      return playsNative(this) ? '' : (sinkIds.get(this) ?? '');
    },
  });
  Object.defineProperty(prototype, 'setSinkId', {
    configurable: true,
    enumerable: true,
    writable: true,
    value(this: HTMLMediaElement, sinkId: string): Promise<void> {
      const choose = (): Promise<void> => chooseSink(this, String(sinkId));
      const turn = (turns.get(this) ?? Promise.resolve()).then(choose);
      turns.set(
        this,
        turn.catch(() => undefined),
      );
      return turn;
    },
  });
}

/** Lets page code draw an element of ours as if it were a native one. */
function patchDrawing(): void {
  const prototype = CanvasRenderingContext2D.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the context below
  const native = prototype.drawImage as (...given: unknown[]) => void;
  const drawImage = function (this: CanvasRenderingContext2D, ...given: unknown[]): void {
    const playback = playbackOf(given[0]);
    if (!playback) {
      native.apply(this, given);
      return;
    }
    const canvas = playback.view?.overlay.canvas;
    if (!canvas || playback.presented === 0) return;
    // The canvas may hold fewer pixels than the picture that the caller reckons with.
    const scaleX = canvas.width / playback.videoWidth;
    const scaleY = canvas.height / playback.videoHeight;
    const [, ...box] = given.map(Number);
    if (box.length >= 8) {
      const [sx = 0, sy = 0, sw = 0, sh = 0, ...to] = box;
      native.call(this, canvas, sx * scaleX, sy * scaleY, sw * scaleX, sh * scaleY, ...to);
    } else {
      const [x, y, width = playback.videoWidth, height = playback.videoHeight] = box;
      native.call(this, canvas, x, y, width, height);
    }
  };
  Object.defineProperty(prototype, 'drawImage', {
    configurable: true,
    enumerable: true,
    writable: true,
    value: drawImage,
  });
}

/** Patches the page's media elements. */
export function patchElements(): void {
  const media = HTMLMediaElement.prototype;
  patchSource(media);
  patchOutput(media);
  shadow(media, 'readyState', ({ readyState }) => readyState);
  shadow(media, 'currentTime', ({ currentTime }) => currentTime);
  shadow(media, 'paused', ({ paused }) => paused);
  shadow(media, 'ended', ({ ended }) => ended);
  shadow(media, 'duration', () => Infinity);
  shadow(media, 'seeking', () => false);
  shadow(media, 'networkState', ({ error }) =>
    error ? HTMLMediaElement.NETWORK_NO_SOURCE : HTMLMediaElement.NETWORK_LOADING,
  );
  shadow(media, 'error', ({ error }) => error);
  override(media, 'play', (playback) => playback.play());
  override(media, 'pause', (playback) => playback.pause());
  override(media, 'load', (playback) => {
    const { element, stream } = playback;
    element.srcObject = null;
    element.srcObject = stream;
  });

  const video = HTMLVideoElement.prototype;
  shadow(video, 'videoWidth', ({ videoWidth }) => videoWidth);
  shadow(video, 'videoHeight', ({ videoHeight }) => videoHeight);
  patchFrameRequests(video);
  override(video, 'getVideoPlaybackQuality', ({ presented }) => ({
    creationTime: performance.now(),
    totalVideoFrames: presented,
    droppedVideoFrames: 0,
    corruptedVideoFrames: 0,
  }));
  patchDrawing();
}
