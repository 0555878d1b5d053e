/**
 * The pictures of one track of the host, decoded once for all elements that show it. The newest
 * picture is painted as soon as it is there; one that is overtaken is closed unpainted. Nothing
 * here waits for requestAnimationFrame: a hidden page would hold pictures for ever.
 */
import type { Picture, PictureCodec, RawPicture } from '../binary';
import { host } from '../transport';
import type { PictureListener } from '../transport';
import type { DecodeReport } from '../wire';
import { PictureDecoder } from './decoder';
import type { Decoded } from './decoder';
import { Pace } from './pace';

/** A picture to paint, valid during the call only. */
export interface Shown {
  image: CanvasImageSource;
  /** Pixels. */
  width: number;
  height: number;
  rtpTimestamp: number | undefined;
  /** Arrival or capture, Unix milliseconds. */
  received: number;
}

/** Where pictures are painted. */
export interface Painter {
  /** False: does not want pictures now. */
  readonly wants: boolean;
  paint(picture: Shown): void;
  /** Pictures come, but cannot be decoded; undefined: they can again. */
  trouble(codec: PictureCodec | undefined): void;
}

/** Longest time that a busy decoder may keep the screen unchanged, in milliseconds. */
const LONGEST_SKIP = 100;
/** Time between two reports to the host, in milliseconds. */
const REPORT_INTERVAL = 1000;

class TrackPictures implements PictureListener {
  readonly painters = new Set<Painter>();
  readonly #track: number;
  readonly #decoder: PictureDecoder;
  readonly #pace = new Pace();
  #report: ReturnType<typeof setInterval> | undefined;
  #lastPaint = -Infinity;
  #overtaken = 0;
  #trouble: PictureCodec | undefined;
  #width = 0;
  #height = 0;

  constructor(track: number) {
    this.#track = track;
    this.#decoder = new PictureDecoder(
      (decoded) => this.#decoded(decoded),
      () => host().post({ op: 'requestKeyFrame', track }),
      (codec) => this.#troubled(codec),
    );
  }

  add(painter: Painter): void {
    this.painters.add(painter);
    if (this.#trouble !== undefined) painter.trouble(this.#trouble);
  }

  picture(picture: Picture | RawPicture): void {
    if (picture.type === 'raw') this.#raw(picture);
    else this.#encoded(picture);
  }

  /** What painters want, or whether the track was taken away, may have changed. */
  changed(muted: boolean): void {
    // What comes next is of another track.
    if (muted || !this.#wanted) this.#pace.unwatched();
  }

  close(): void {
    clearInterval(this.#report);
    this.#decoder.close();
  }

  get #wanted(): boolean {
    for (const painter of this.painters) if (painter.wants) return true;
    return false;
  }

  #encoded(picture: Picture): void {
    // Only the pictures of remote tracks are reported: they feed `inbound-rtp`.
    this.#report ??= setInterval(() => this.#tell(), REPORT_INTERVAL);
    if (this.#wanted) {
      this.#decoder.decode(picture);
    } else {
      this.#pace.unwatched();
      this.#decoder.interrupt();
    }
  }

  #decoded({ frame, rtpTimestamp, arrival, behind }: Decoded): void {
    const now = performance.now();
    this.#width = frame.displayWidth;
    this.#height = frame.displayHeight;
    if (behind && now - this.#lastPaint < LONGEST_SKIP) {
      this.#overtaken += 1;
    } else {
      this.#lastPaint = now;
      this.#pace.painted(now);
      this.#paint({
        image: frame,
        width: frame.displayWidth,
        height: frame.displayHeight,
        rtpTimestamp,
        received: arrival,
      });
    }
    frame.close();
  }

  #raw({ data, width, height, capture }: RawPicture): void {
    if (!this.#wanted) return;
    const frame = new VideoFrame(data, {
      format: 'I420',
      codedWidth: width,
      codedHeight: height,
      timestamp: Math.round(capture * 1000),
    });
    this.#paint({ image: frame, width, height, rtpTimestamp: undefined, received: capture });
    frame.close();
  }

  #paint(picture: Shown): void {
    for (const painter of [...this.painters]) if (painter.wants) painter.paint(picture);
  }

  #troubled(codec: PictureCodec | undefined): void {
    this.#trouble = codec;
    for (const painter of [...this.painters]) painter.trouble(codec);
  }

  #tell(): void {
    const { framesDecoded, keyFramesDecoded, totalDecodeTime, framesSkipped } = this.#decoder;
    const report: DecodeReport = {
      framesDecoded,
      keyFramesDecoded,
      framesDropped: framesSkipped + this.#overtaken,
      totalDecodeTime,
      frameWidth: this.#width,
      frameHeight: this.#height,
      framesPerSecond: this.#pace.perSecond(performance.now()),
      freezeCount: this.#pace.freezeCount,
      totalFreezesDuration: this.#pace.totalFreezesDuration,
      pauseCount: this.#pace.pauseCount,
      totalPausesDuration: this.#pace.totalPausesDuration,
    };
    host().post({ op: 'reportDecoded', track: this.#track, report });
  }
}

const shown = new Map<number, TrackPictures>();

/** A painter at work. */
export interface Painting {
  /** To be told when what the painter wants has changed, or when the track is muted. */
  changed(muted: boolean): void;
  stop(): void;
}

/** Paints a track's pictures on `painter` from now on. */
export function paintOn(track: number, painter: Painter): Painting {
  let pictures = shown.get(track);
  if (!pictures) {
    pictures = new TrackPictures(track);
    shown.set(track, pictures);
    host().pictures.set(track, pictures);
  }
  const mine = pictures;
  mine.add(painter);
  return {
    changed: (muted) => mine.changed(muted),
    stop: () => {
      mine.painters.delete(painter);
      if (mine.painters.size > 0 || shown.get(track) !== mine) return;
      mine.close();
      shown.delete(track);
      host().pictures.delete(track);
    },
  };
}
