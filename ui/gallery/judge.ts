/** Comparing pictures, where they can be decoded without another library: in the page. */
import { png } from './png';

/**
 * How much a channel of a point may differ, of 255: what one processor rounds up and another one
 * down. No colour that somebody changes is as near to what it was.
 */
const TOLERANCE = 2;

/** What became of a picture. */
interface Verdict {
  /** How many points are others; all of them if there was no picture, or one of another size. */
  readonly different: number;
  /** The new picture without loss, as base64 of a PNG. */
  readonly fresh: string;
  /** Where they differ, as base64 of a PNG; empty if they do not. */
  readonly difference: string;
}

/** Compares a picture with how it was, if it was there before: both as base64. */
export async function judge(fresh: string, before: string): Promise<Verdict> {
  const now = await read(`data:image/png;base64,${fresh}`);
  const { width, height } = now;
  const then = before === '' ? undefined : await read(`data:image/png;base64,${before}`);
  const kept = (): Promise<string> => base64(now);
  if (then === undefined || then.width !== width || then.height !== height)
    return { different: width * height, fresh: await kept(), difference: '' };
  const shown = new ImageData(width, height);
  const different = compare(now.data, then.data, shown.data);
  if (different === 0) return { different, fresh: '', difference: '' };
  return { different, fresh: await kept(), difference: await base64(shown) };
}

/** Counts the points that differ, and paints them red over a pale copy. */
function compare(now: Points, then: Points, shown: Points): number {
  let different = 0;
  for (let at = 0; at < now.length; at += 4) {
    const far = [0, 1, 2].some(
      (channel) => Math.abs((now[at + channel] ?? 0) - (then[at + channel] ?? 0)) > TOLERANCE,
    );
    if (far) different += 1;
    const pale = 200 + Math.round((then[at + 1] ?? 0) / 8);
    shown.set(far ? [220, 0, 40, 255] : [pale, pale, pale, 255], at);
  }
  return different;
}

type Points = Uint8ClampedArray;

async function read(address: string): Promise<ImageData> {
  const blob = await (await fetch(address)).blob();
  const bitmap = await createImageBitmap(blob, {
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
  });
  const { width, height } = bitmap;
  const brush = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (brush === null) throw new Error('this browser paints nothing');
  brush.drawImage(bitmap, 0, 0);
  return brush.getImageData(0, 0, width, height);
}

async function base64(image: ImageData): Promise<string> {
  const bytes = await png(image);
  let text = '';
  // Spread at once, there would be too many arguments.
  for (let at = 0; at < bytes.length; at += 32_768)
    text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}
