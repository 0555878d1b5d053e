import type { Size } from './box';

/** A shared screen as it is looked at: so many times its size, moved by so many pixels. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
const MOST = 8;
/** One step of the buttons and keys. */
const STEP = 1.4;
/** By an arrow key, of the box. */
const PAN = 0.1;

/** No edge comes away from the box that it is looked at through, of which `x` and `y` are from the middle. */
function held({ scale, x, y }: Zoom, box: Size): Zoom {
  const far = (length: number): number => (length * (scale - 1)) / 2;
  const between = (value: number, most: number): number => Math.min(most, Math.max(-most, value));
  return { scale, x: between(x, far(box.width)) + 0, y: between(y, far(box.height)) + 0 };
}

/** So many times larger, around a point from the middle of the box that stays where it is. */
export function zoomed(zoom: Zoom, times: number, box: Size, at = { x: 0, y: 0 }): Zoom {
  const scale = Math.min(MOST, Math.max(1, zoom.scale * times));
  const more = scale / zoom.scale;
  const around = (moved: number, point: number): number => point - (point - moved) * more;
  return held({ scale, x: around(zoom.x, at.x), y: around(zoom.y, at.y) }, box);
}

export function panned(zoom: Zoom, by: { x: number; y: number }, box: Size): Zoom {
  return held({ ...zoom, x: zoom.x + by.x, y: zoom.y + by.y }, box);
}

/** What a key does; undefined: nothing. */
export function zoomedByKey(zoom: Zoom, key: string, box: Size): Zoom | undefined {
  const pans: Readonly<Record<string, { x: number; y: number }>> = {
    ArrowLeft: { x: box.width * PAN, y: 0 },
    ArrowRight: { x: -box.width * PAN, y: 0 },
    ArrowUp: { x: 0, y: box.height * PAN },
    ArrowDown: { x: 0, y: -box.height * PAN },
  };
  const pan = pans[key];
  if (pan !== undefined) return panned(zoom, pan, box);
  if (key === '+' || key === '=') return zoomed(zoom, STEP, box);
  if (key === '-') return zoomed(zoom, 1 / STEP, box);
  return key === '0' ? WHOLE : undefined;
}
