/** A page for tests: what jsdom lacks of a webview, and the decoder of a webview. */
import { vi } from 'vitest';
import type { PictureCodec } from '../src/binary';
import { setNativeStream } from '../src/media/stream';
import { setNativeTrack } from '../src/media/track';
import { patchElements } from '../src/playback/patch';
import { host } from '../src/transport';

/** A track of the webview. */
export class NativeTrack {
  readonly id = crypto.randomUUID();
  readyState = 'live';
  constructor(readonly kind: string) {}
}

/** A stream of the webview. */
export class NativeStream {
  readonly #tracks: Set<NativeTrack>;
  constructor(tracks: NativeTrack[] = []) {
    this.#tracks = new Set(tracks);
  }
  getTracks(): NativeTrack[] {
    return [...this.#tracks];
  }
  addTrack(track: NativeTrack): void {
    this.#tracks.add(track);
  }
  removeTrack(track: NativeTrack): void {
    this.#tracks.delete(track);
  }
}

/** What the webview can decode, and how it takes what it cannot. */
export const decoding = { supported: new Set(['vp8', 'h264']), broken: false, silent: false };

class Decoder {
  decodeQueueSize = 0;
  state = 'unconfigured';
  readonly #output: (frame: object) => void;
  readonly #error: (error: DOMException) => void;
  constructor({ output, error }: VideoDecoderInit) {
    this.#output = output as (frame: object) => void;
    this.#error = error;
  }
  configure({ codec }: VideoDecoderConfig): void {
    const name = { vp8: 'vp8', vp09: 'vp9', avc1: 'h264', av01: 'av1' }[codec.split('.')[0] ?? ''];
    if (decoding.supported.has(name ?? '')) this.state = 'configured';
    else this.#fail('NotSupportedError');
  }
  decode({ timestamp }: { timestamp: number }): void {
    if (decoding.silent) return;
    if (decoding.broken) this.#fail('EncodingError');
    else if (this.state === 'configured') {
      this.#output({ timestamp, displayWidth: 640, displayHeight: 360, close: () => undefined });
    }
  }
  close(): void {
    this.state = 'closed';
  }
  #fail(name: string): void {
    queueMicrotask(() => {
      if (this.state === 'closed') return;
      this.state = 'closed';
      this.#error(new DOMException('no', name));
    });
  }
}

class Observer {
  observe(): void {}
  disconnect(): void {}
}

/** Native frame callbacks of the webview, by element. */
export const nativeFrames = new Map<object, VideoFrameRequestCallback>();
/** What the webview itself plays, by element. */
export const nativeSources = new WeakMap<object, unknown>();

/** The webview decodes. */
export function makeDecoder(): void {
  vi.stubGlobal('VideoDecoder', Decoder);
}

/** Makes jsdom's window one of a webview, with our elements. Once for each file. */
export function makePage(): void {
  vi.stubGlobal('ResizeObserver', Observer);
  vi.stubGlobal('IntersectionObserver', Observer);
  makeDecoder();
  vi.stubGlobal('EncodedVideoChunk', function (this: object, init: object) {
    Object.assign(this, init);
  });
  vi.stubGlobal(
    'MediaError',
    class {
      static MEDIA_ERR_SRC_NOT_SUPPORTED = 4;
    },
  );
  /** Remembers what it shows. */
  class Context {
    fillStyle = '';
    shows: unknown;
    drawImage(image: unknown): void {
      this.shows = image;
    }
    fillRect(left: number, top: number, width: number, height: number): void {
      // All of it, or it shows what it did.
      const { canvas } = this;
      if (left === 0 && top === 0 && width === canvas.width && height === canvas.height)
        this.shows = this.fillStyle;
    }
    constructor(readonly canvas: HTMLCanvasElement) {}
  }
  vi.stubGlobal('CanvasRenderingContext2D', Context);
  const define = (target: object, name: string, descriptor: PropertyDescriptor): unknown =>
    Object.defineProperty(target, name, { configurable: true, ...descriptor });
  const contexts = new WeakMap<HTMLCanvasElement, Context>();
  define(HTMLCanvasElement.prototype, 'getContext', {
    value(this: HTMLCanvasElement) {
      const context = contexts.get(this) ?? new Context(this);
      contexts.set(this, context);
      return context;
    },
  });
  for (const name of ['clientWidth', 'clientHeight']) {
    define(HTMLElement.prototype, name, {
      get(this: HTMLElement) {
        return this.isConnected ? 320 : 0;
      },
    });
  }
  const media = HTMLMediaElement.prototype;
  define(media, 'srcObject', {
    get(this: object) {
      return nativeSources.get(this) ?? null;
    },
    set(this: object, value: unknown) {
      nativeSources.set(this, value);
    },
  });
  define(media, 'networkState', {
    get(this: HTMLMediaElement) {
      return nativeSources.get(this) || this.hasAttribute('src') ? 2 : 0;
    },
  });
  define(HTMLVideoElement.prototype, 'requestVideoFrameCallback', {
    value(this: object, callback: VideoFrameRequestCallback) {
      nativeFrames.set(this, callback);
      return 1;
    },
  });
  setNativeStream(NativeStream as never);
  setNativeTrack(NativeTrack as never);
  patchElements();
}

let counter = 0;

/** A picture of a remote track arrives. */
export function deliver(track: number, codec: PictureCodec = 'h264', keyFrame = true): void {
  host()
    .pictures.get(track)
    ?.picture({
      type: 'picture',
      track,
      keyFrame,
      codec,
      rtpTimestamp: 0,
      counter: counter++,
      arrival: 0,
      data: new Uint8Array(20),
    });
}
