/** Decodes the pictures of one remote track with WebCodecs. */
import type { Picture, PictureCodec } from '../binary';

/** A decoded picture; whoever gets it closes it. */
export interface Decoded {
  frame: VideoFrame;
  rtpTimestamp: number;
  /** Arrival of its last packet, Unix milliseconds. */
  arrival: number;
  /** More pictures are in the decoder behind this one. */
  behind: boolean;
}

/** WebCodecs codec strings: of the profiles that WebRTC negotiates, the most demanding. */
const CODEC_STRINGS: Record<PictureCodec, string> = {
  vp8: 'vp8',
  vp9: 'vp09.00.41.08',
  // Without a description the bitstream is Annex B.
  h264: 'avc1.42E034',
  av1: 'av01.0.09M.08',
};

/**
 * Pictures in the decoder beyond which the rest is left out, up to the first key frame after it is
 * through with them,
 */
const QUEUE_LIMIT = 15;
/**
 * if the oldest of them has waited for so long, in milliseconds. What the host has kept for a viewer
 * comes all at once, and a decoder is through with it in a moment.
 */
const QUEUE_WAIT = 400;
/** One that has not begun yet is given no more after so long, in milliseconds: all of it would be late. */
const COLD_WAIT = 2000;
/** Never more than this many, of which the host keeps half for a viewer. */
const MOST = 180;
/**
 * After so long without a picture the decoder counts as failed, in milliseconds: on a busy computer it takes
 * seconds to begin, and to begin another one takes as long again. Each leaves the next one twice the time,
 */
const SILENT_WAIT = 10_000;
/** up to this many times. */
const MOST_SILENCES = 3;
/** Least time between two requests for a key frame, in milliseconds. */
const KEY_FRAME_INTERVAL = 500;
/** Failures in a row before pictures count as undecodable. */
const FAILURES = 3;
/** And from then on the time between two requests doubles with each, up to this many times. */
const LONGEST_PATIENCE = 6;

interface InFlight {
  rtpTimestamp: number;
  arrival: number;
  keyFrame: boolean;
  /** `performance.now()` when it went in. */
  begun: number;
}

function configuration(codec: PictureCodec): VideoDecoderConfig {
  return { codec: CODEC_STRINGS[codec], optimizeForLatency: true };
}

/**
 * Size in a VP8 key frame's header (RFC 6386, section 9.1) as one number: height in the upper
 * 16 bits, width in the lower. Undefined for other codecs, which say it less plainly.
 */
export function vp8Size({ codec, data }: Picture): number | undefined {
  if (codec !== 'vp8' || data.byteLength < 10) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const width = view.getUint16(6, true) & 0x3fff;
  const height = view.getUint16(8, true) & 0x3fff;
  return height * 0x10000 + width;
}

/**
 * Has the webview load what it decodes with, before a call's first picture has to wait for it:
 * WebKitGTK (2.50) stands still for a quarter of a second when a page's first decoder is configured,
 * and for none of those after it.
 */
export function prepareDecoding(): void {
  if (typeof VideoDecoder === 'undefined') return;
  const decoder = new VideoDecoder({ output: (frame) => frame.close(), error: () => undefined });
  try {
    decoder.configure(configuration('vp8'));
    decoder.close();
  } catch {
    // A webview without this codec says so again when a picture comes.
  }
}

export class PictureDecoder {
  framesDecoded = 0;
  keyFramesDecoded = 0;
  /** Pictures that were not decoded. */
  framesSkipped = 0;
  /** Seconds. */
  totalDecodeTime = 0;
  readonly #output: (decoded: Decoded) => void;
  readonly #requestKeyFrame: () => void;
  readonly #trouble: (codec: PictureCodec | undefined) => void;
  /** Codecs for which there is no decoder. */
  readonly #unsupported = new Set<PictureCodec>();
  /** Since the last picture that was decoded. */
  #failures = 0;
  /** How often it was given up because nothing came. */
  #silences = 0;
  #troubled: PictureCodec | undefined;
  #decoder: VideoDecoder | undefined;
  #codec: PictureCodec | undefined;
  /** Of the last key frame, if its header tells it. */
  #size: number | undefined;
  #counter: number | undefined;
  #awaitsKeyFrame = true;
  /** It fell behind, and is not through yet with what it had by then. */
  #behind = false;
  #lastRequest = -Infinity;
  /** By the microseconds that stand for a picture inside the decoder, the oldest first. */
  readonly #inFlight = new Map<number, InFlight>();
  /** `performance.now()` when the decoder gave its first picture; undefined: it has given none yet. */
  #warm: number | undefined;
  /** When it was configured last: what went in before may be lost. */
  #begun = 0;
  #nextTimestamp = 0;

  /** `trouble` hears the codec of pictures that cannot be decoded, and undefined when they can. */
  constructor(
    output: (decoded: Decoded) => void,
    requestKeyFrame: () => void,
    trouble: (codec: PictureCodec | undefined) => void,
  ) {
    this.#output = output;
    this.#requestKeyFrame = requestKeyFrame;
    this.#trouble = trouble;
  }

  /** Takes the next picture of the track. */
  decode(picture: Picture): void {
    const gap = this.#counter !== undefined && picture.counter !== (this.#counter + 1) >>> 0;
    this.#counter = picture.counter;
    if (this.#unsupported.has(picture.codec)) {
      // No key frame would help.
      this.framesSkipped += 1;
      this.#awaitsKeyFrame = true;
      this.#tell(picture.codec);
      return;
    }
    const another = picture.keyFrame && picture.codec !== this.#codec;
    if (!another && this.#crowded()) {
      this.#leaveOut(picture.codec);
      return;
    }
    if (gap && !picture.keyFrame) this.#awaitsKeyFrame = true;
    if (this.#awaitsKeyFrame && !picture.keyFrame) {
      this.#skip();
      return;
    }
    if (another) this.#reset();
    if (picture.keyFrame) this.#followSize(picture);
    this.#codec = picture.codec;
    this.#awaitsKeyFrame = false;
    this.#feed(picture);
  }

  /** Whether the decoder is to work off what it has first. */
  #crowded(): boolean {
    // One picture may stay in a decoder until the next one comes, and some are lost.
    if (this.#warm !== undefined && this.#decoder?.decodeQueueSize === 0) this.#behind = false;
    this.#behind ||= this.#fallsBehind();
    return this.#behind;
  }

  /** Whether it does not keep up. While it begins, it cannot. */
  #fallsBehind(): boolean {
    if (this.#inFlight.size >= MOST) return true;
    if (this.#warm === undefined) return this.#waiting(this.#begun) > COLD_WAIT;
    const queued = this.#decoder?.decodeQueueSize ?? 0;
    return queued >= QUEUE_LIMIT && this.#waiting(this.#warm) > QUEUE_WAIT;
  }

  /**
   * The decoder works off what it has. To begin another one would take it longer than that, and it would
   * fall behind while that begins, again and again; a key frame is of use once there is room for it.
   */
  #leaveOut(codec: PictureCodec): void {
    this.framesSkipped += 1;
    this.#awaitsKeyFrame = true;
    if (this.#decoder === undefined) return;
    const from = this.#warm ?? this.#begun;
    if (this.#waiting(from) <= SILENT_WAIT * 2 ** this.#silences) return;
    // Some decoders refuse nothing and give nothing.
    this.#silences = Math.min(this.#silences + 1, MOST_SILENCES);
    this.#failed(this.#decoder, codec);
    this.#tell(codec);
  }

  /** For how long the oldest picture in the decoder has waited, of the time after `from`; milliseconds. */
  #waiting(from: number): number {
    for (const { begun } of this.#inFlight.values())
      return performance.now() - Math.max(begun, from);
    return 0;
  }

  /** Pictures will not follow each other: what comes next has to be a key frame. */
  interrupt(): void {
    this.#counter = undefined;
    this.#awaitsKeyFrame = true;
  }

  close(): void {
    this.#reset();
  }

  /**
   * WebKitGTK (2.50) goes on with the first size when a simulcast layer of another size follows,
   * until it is configured again.
   */
  #followSize(picture: Picture): void {
    const size = vp8Size(picture);
    if (this.#decoder?.state === 'configured' && (size === undefined || size !== this.#size)) {
      this.#decoder.configure(configuration(picture.codec));
      this.#warm = undefined;
      this.#begun = performance.now();
    }
    this.#size = size;
  }

  #feed(picture: Picture): void {
    const { codec, rtpTimestamp, arrival, keyFrame, data } = picture;
    const decoder = (this.#decoder ??= this.#open(codec));
    if (!decoder) {
      this.#lacks(codec);
      return;
    }
    // Only the order matters to the decoder; the media's own time stamp wraps and may jump.
    const timestamp = (this.#nextTimestamp += 1000);
    this.#inFlight.set(timestamp, { rtpTimestamp, arrival, keyFrame, begun: performance.now() });
    try {
      decoder.decode(new EncodedVideoChunk({ type: keyFrame ? 'key' : 'delta', timestamp, data }));
    } catch {
      this.#failed(decoder, codec);
    }
  }

  /** Undefined if the webview decodes nothing, or not this. */
  #open(codec: PictureCodec): VideoDecoder | undefined {
    if (typeof VideoDecoder === 'undefined') return undefined;
    const decoder: VideoDecoder = new VideoDecoder({
      output: (frame) => this.#decoded(frame, decoder),
      error: (error) => this.#failed(decoder, codec, error),
    });
    try {
      decoder.configure(configuration(codec));
    } catch {
      return undefined;
    }
    return decoder;
  }

  #decoded(frame: VideoFrame, decoder: VideoDecoder): void {
    const info = this.#inFlight.get(frame.timestamp);
    if (decoder !== this.#decoder || !info) {
      frame.close();
      return;
    }
    // Pictures come out in the order in which they went in: what is older was lost when the decoder was
    // configured for another size.
    for (const older of this.#inFlight.keys()) {
      if (older > frame.timestamp) break;
      this.#inFlight.delete(older);
      if (older < frame.timestamp) this.framesSkipped += 1;
    }
    if (this.#inFlight.size === 0) this.#behind = false;
    this.#warm ??= performance.now();
    this.#failures = 0;
    this.#silences = 0;
    this.#tell(undefined);
    this.framesDecoded += 1;
    if (info.keyFrame) this.keyFramesDecoded += 1;
    this.totalDecodeTime += (performance.now() - info.begun) / 1000;
    const { rtpTimestamp, arrival } = info;
    this.#output({ frame, rtpTimestamp, arrival, behind: this.#inFlight.size > 1 });
  }

  #failed(decoder: VideoDecoder, codec: PictureCodec, error?: DOMException): void {
    if (decoder !== this.#decoder) return;
    if (error?.name === 'NotSupportedError') {
      this.#lacks(codec);
      return;
    }
    this.#reset();
    this.#awaitsKeyFrame = true;
    this.#failures += 1;
    if (this.#failures >= FAILURES) this.#tell(codec);
    this.#ask();
  }

  #lacks(codec: PictureCodec): void {
    this.#unsupported.add(codec);
    this.#reset();
    this.#awaitsKeyFrame = true;
    this.#tell(codec);
  }

  #tell(codec: PictureCodec | undefined): void {
    if (this.#troubled === codec) return;
    this.#troubled = codec;
    this.#trouble(codec);
  }

  #skip(): void {
    this.framesSkipped += 1;
    this.#ask();
  }

  #ask(): void {
    const now = performance.now();
    // Whoever sends makes a large picture for each request: in vain, if none can be decoded.
    const patience = Math.min(Math.max(0, this.#failures - FAILURES), LONGEST_PATIENCE);
    if (now - this.#lastRequest < KEY_FRAME_INTERVAL * 2 ** patience) return;
    this.#lastRequest = now;
    this.#requestKeyFrame();
  }

  #reset(): void {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    this.framesSkipped += this.#inFlight.size;
    this.#inFlight.clear();
    this.#warm = undefined;
    this.#behind = false;
    if (decoder && decoder.state !== 'closed') decoder.close();
  }
}
