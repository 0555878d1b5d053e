/** Places on a stage, CSS pixels from its top left. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/** Between tiles, and around the stage. */
export const GAP = 8;

export const CORNERS = ['top-left', 'top-right', 'bottom-left', 'bottom-right'] as const;
export type Corner = (typeof CORNERS)[number];

/** What is left of a box without its edge. */
export function within({ x, y, width, height }: Box, edge = GAP): Box {
  return {
    x: x + edge,
    y: y + edge,
    width: Math.max(0, width - 2 * edge),
    height: Math.max(0, height - 2 * edge),
  };
}

export function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

/** A box of some size in a corner of another one. */
export function inCorner(around: Box, { width, height }: Size, corner: Corner): Box {
  return {
    x: corner.endsWith('left') ? around.x : around.x + around.width - width,
    y: corner.startsWith('top') ? around.y : around.y + around.height - height,
    width,
    height,
  };
}

/** The largest box of a shape (width by height) in the middle of another one. */
export function fitted(around: Box, shape: number): Box {
  const width = Math.floor(Math.min(around.width, around.height * shape));
  const height = Math.floor(width / shape);
  return {
    x: around.x + Math.floor((around.width - width) / 2),
    y: around.y + Math.floor((around.height - height) / 2),
    width,
    height,
  };
}

/** The corner whose quarter of a stage a point is in. */
export function nearestCorner(point: { x: number; y: number }, stage: Size): Corner {
  const row = point.y < stage.height / 2 ? 'top' : 'bottom';
  return `${row}-${point.x < stage.width / 2 ? 'left' : 'right'}`;
}

/** A box on a stage that is seen as in a mirror: what is at its start is at its end. */
export const mirrored = (box: Box, stage: Size): Box => ({
  ...box,
  x: stage.width - box.x - box.width,
});

/** Where an arrow key leads from a corner; any other key: nowhere. */
export function cornerBeside(corner: Corner, key: string): Corner {
  const [row = 'bottom', side = 'right'] = corner.split('-');
  const rows: Readonly<Record<string, string>> = { ArrowUp: 'top', ArrowDown: 'bottom' };
  const sides: Readonly<Record<string, string>> = { ArrowLeft: 'left', ArrowRight: 'right' };
  return `${rows[key] ?? row}-${sides[key] ?? side}` as Corner;
}

/** How much of a picture a tile may hide at its edges before it is shown whole instead. */
const MOST_HIDDEN = 0.26;

/** How a camera's picture is put into a box: portraits are never cropped. */
export function fitOf(picture: Size, box: Size): 'cover' | 'contain' {
  if (picture.width <= picture.height) return 'contain';
  const shapes = [picture.width / picture.height, box.width / box.height];
  return 1 - Math.min(...shapes) / Math.max(...shapes) <= MOST_HIDDEN ? 'cover' : 'contain';
}
