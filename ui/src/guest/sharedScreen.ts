import type { Call, Participant } from '../call/model';

/** A pixel as a test wants it: place in the picture, red, green and blue, and how far off each may be. */
export interface Pixel {
  readonly x: number;
  readonly y: number;
  readonly colour: readonly [number, number, number];
  readonly tolerance: number;
}

/** Milliseconds between two looks: a screen on which nothing happens sends no pictures to wait for. */
const LOOK = 100;
const watched = new WeakMap<Participant, HTMLVideoElement>();

/** The screen that somebody of this identity or name shares, as it is shown. */
function screenOf(call: Call, who: string): HTMLVideoElement | undefined {
  const found = call.participants.find(({ identity, name }) => [identity, name].includes(who));
  if (found?.tracks.screen === undefined) return undefined;
  const before = watched.get(found);
  if (before !== undefined) return before;
  const video = document.createElement('video');
  Object.assign(video, { autoplay: true, playsInline: true, muted: true });
  // What is out of sight gets no pictures.
  video.style.cssText = 'position:fixed;inset:0 auto auto 0;width:1280px;height:800px';
  document.getElementById('pictures')?.append(video);
  found.attach('screen', video);
  watched.set(found, video);
  return video;
}

/** What is seen of it now, and whether that is what was wanted. */
function look(
  video: HTMLVideoElement | undefined,
  pixels: readonly Pixel[],
): { readonly seen: boolean; readonly size: number[]; readonly colours: number[][] } {
  const size = [video?.videoWidth ?? 0, video?.videoHeight ?? 0] as const;
  if (video === undefined || size[0] === 0) return { seen: false, size: [...size], colours: [] };
  const context = new OffscreenCanvas(...size).getContext('2d', { willReadFrequently: true });
  context?.drawImage(video, 0, 0);
  const colours = pixels.map(({ x, y }) => [
    ...(context?.getImageData(x, y, 1, 1).data.slice(0, 3) ?? []),
  ]);
  const close = pixels.every(({ colour, tolerance }, index) =>
    colour.every((wanted, of) => Math.abs((colours[index]?.[of] ?? -1000) - wanted) <= tolerance),
  );
  return { seen: close, size: [...size], colours };
}

/** Waits until a shared screen is seen as a test wants it; `milliseconds`: -1 if it never is. */
export async function seeScreen(
  call: Call,
  who: string,
  pixels: readonly Pixel[],
  limit: number,
): Promise<object> {
  const begin = performance.now();
  for (;;) {
    const now = look(screenOf(call, who), pixels);
    const waited = performance.now() - begin;
    if (now.seen || waited > limit) return { ...now, milliseconds: now.seen ? waited : -1 };
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}
