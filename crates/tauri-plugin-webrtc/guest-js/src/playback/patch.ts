/**
 * Puts `Playback` behind the media elements of the page. An element that shows no stream of ours
 * behaves as the webview made it.
 */
import { isOurs, toNative } from '../media/stream';
import { host } from '../transport';
import { Playback } from './playback';

const playbacks = new WeakMap<HTMLMediaElement, Playback>();
/** Frame callbacks of elements that have no source of ours yet. */
const waiting = new WeakMap<HTMLMediaElement, Map<number, VideoFrameRequestCallback>>();
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

function patchSource(prototype: HTMLMediaElement): void {
  const native = Object.getOwnPropertyDescriptor(prototype, 'srcObject');
  Object.defineProperty(prototype, 'srcObject', {
    configurable: true,
    enumerable: true,
    get(this: HTMLMediaElement): unknown {
      return playbacks.get(this)?.stream ?? (native?.get?.call(this) as unknown) ?? null;
    },
    set(this: HTMLMediaElement, value: unknown) {
      const before = playbacks.get(this);
      // Setting the same stream again reloads it: nothing changes while it plays.
      if (before && before.stream === value && !before.ended) return;
      before?.dispose();
      playbacks.delete(this);
      const passed = isOurs(value) ? toNative(value) : value;
      native?.set?.call(this, passed ?? null);
      if (isOurs(value) && passed === undefined) {
        const playback = new Playback(this, value, sinkIds.get(this) ?? '');
        playbacks.set(this, playback);
        for (const [handle, callback] of waiting.get(this) ?? []) {
          playback.adoptFrame(handle, callback);
        }
        waiting.delete(this);
      }
      if (before) this.dispatchEvent(new Event('emptied'));
    },
  });
}

/**
 * A callback may be asked for before the element has a source, and waits for whichever comes: the
 * native one keeps it in case that is native.
 */
function patchFrameRequests(prototype: HTMLVideoElement): void {
  const native = Object.getOwnPropertyDescriptor(prototype, 'requestVideoFrameCallback')?.value as
    typeof prototype.requestVideoFrameCallback | undefined;
  Object.defineProperty(prototype, 'requestVideoFrameCallback', {
    configurable: true,
    enumerable: true,
    writable: true,
    value(this: HTMLVideoElement, callback: VideoFrameRequestCallback): number {
      const playback = playbacks.get(this);
      if (playback) return playback.requestFrame(callback);
      const handle =
        native?.call(this, (...given) => {
          waiting.get(this)?.delete(handle);
          callback(...given);
        }) ?? 0;
      const early = waiting.get(this) ?? new Map<number, VideoFrameRequestCallback>();
      waiting.set(this, early.set(handle, callback));
      return handle;
    },
  });
}

function patchOutput(prototype: HTMLMediaElement): void {
  Object.defineProperty(prototype, 'sinkId', {
    configurable: true,
    enumerable: true,
    get(this: HTMLMediaElement): string {
      return sinkIds.get(this) ?? '';
    },
  });
  Object.defineProperty(prototype, 'setSinkId', {
    configurable: true,
    enumerable: true,
    writable: true,
    async value(this: HTMLMediaElement, sinkId: string): Promise<void> {
      const wanted = String(sinkId);
      if (wanted !== '' && wanted !== 'default') {
        const devices = await host().request({ op: 'enumerateDevices' });
        if (!devices.some((info) => info.kind === 'audiooutput' && info.deviceId === wanted)) {
          throw new DOMException('There is no such audio output', 'NotFoundError');
        }
      }
      sinkIds.set(this, wanted);
      playbacks.get(this)?.setSinkId(wanted === 'default' ? '' : wanted);
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
  shadow(media, 'networkState', () => HTMLMediaElement.NETWORK_LOADING);
  shadow(media, 'error', () => null);
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
  override(video, 'cancelVideoFrameCallback', (playback, handle: number) =>
    playback.cancelFrame(handle),
  );
  override(video, 'getVideoPlaybackQuality', ({ presented }) => ({
    creationTime: performance.now(),
    totalVideoFrames: presented,
    droppedVideoFrames: 0,
    corruptedVideoFrames: 0,
  }));
  patchDrawing();
}
