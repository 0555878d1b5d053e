import { fitted, GAP, inCorner, overlap, within, type Box, type Corner, type Size } from './box';

/** Shapes of a tile, width by height. */
const NARROWEST = 4 / 3;
const WIDE = 16 / 9;
/** In a narrower tile no name can be read, pixels. */
const LEAST_WIDTH = 148;
/** On a page, whatever there is room for. */
export const MOST_TILES = 49;

/** What is on a stage. */
export interface Scene {
  readonly stage: Size;
  /** Pictures that are large: screens, or whoever is large in the speaker layout; none: a grid. */
  readonly large: number;
  /** Those are screens, on which nothing lies. */
  readonly screens: boolean;
  /** The others, on this page. */
  readonly tiles: number;
  /** Where the own view is; absent: hidden. */
  readonly own: Corner | undefined;
}

export interface Layout {
  readonly large: readonly Box[];
  readonly tiles: readonly Box[];
  readonly own: Box | undefined;
}

/** Where everything is: whole pixels, inside the stage, in the order of the seats. */
export function layout(scene: Scene): Layout {
  const { tiles, large, own } = scene;
  const room = within({ x: 0, y: 0, ...scene.stage });
  if (large > 0) return besideLarge(scene, room);
  // Alone: there is nobody whom oneself could hide.
  if (tiles === 0) return { large: [], tiles: [], own: own && fitted(room, WIDE) };
  if (tiles === 1)
    return { large: [], tiles: [room], own: own && inCorner(within(room), ownSize(room), own) };
  return { large: [], ...grid(room, tiles, own) };
}

/** How many of the others a page has room for, at least one. */
export function capacity(scene: Omit<Scene, 'tiles'>): number {
  const room = within({ x: 0, y: 0, ...scene.stage });
  if (scene.large > 0) {
    const { places } = strip(room);
    return Math.max(1, places - (ownInStrip(scene) ? 1 : 0));
  }
  let most = 1;
  for (let count = 2; count <= MOST_TILES; count += 1) {
    const [first] = grid(room, count, scene.own).tiles;
    if (first === undefined || first.width < LEAST_WIDTH) break;
    most = count;
  }
  return most;
}

/** Of the own view where it lies in a corner. */
function ownSize({ width, height }: Size): Size {
  const wide = Math.round(Math.min(224, Math.max(96, width / 6)));
  // Of a low stage it takes no more than a third.
  const high = Math.round(Math.min(wide / WIDE, height / 3));
  return { width: Math.round(high * WIDE), height: high };
}

const ownInStrip = ({ screens, own }: Pick<Scene, 'screens' | 'own'>): boolean =>
  screens && own !== undefined;

/** Tiles, and the own view, which no tile lies under. */
type Grid = Pick<Layout, 'tiles' | 'own'>;

/** Rows that are filled from their start, with the largest tiles for which there is room. */
function grid(room: Box, count: number, corner: Corner | undefined): Grid {
  let best: Grid | undefined;
  let size = 0;
  for (const arranged of grids(room, count, corner)) {
    const [first] = arranged.tiles;
    if (first === undefined || first.width * first.height <= size) continue;
    best = arranged;
    size = first.width * first.height;
  }
  // Nothing is so small that it has to be without tiles.
  if (best === undefined && corner !== undefined) return grid(room, count, undefined);
  return best ?? { tiles: [], own: undefined };
}

/**
 * All that there are. Which of them is best depends on nothing but the number of rows and columns,
 * and so nobody moves for who comes into them.
 */
function* grids(room: Box, count: number, corner: Corner | undefined): Generator<Grid> {
  if (corner === undefined) {
    for (let columns = 1; columns <= count; columns += 1)
      yield { tiles: cells(room, columns, count).slice(0, count), own: undefined };
    return;
  }
  const own = inCorner(room, ownSize(room), corner);
  for (const free of besides(room, own, corner))
    for (let columns = 1; columns <= count; columns += 1)
      yield { tiles: cells(free, columns, count).slice(0, count), own };
  for (let columns = 1; columns <= count + 1; columns += 1) {
    const all = cells(room, columns, count + 1);
    const { width, height } = all[0] ?? own;
    const small = inCorner(
      room,
      width < own.width || height < own.height ? (all[0] ?? own) : own,
      corner,
    );
    // The place in the corner is nobody's.
    const place = placeOf(corner, columns, all.length);
    const tiles = all.filter((_, at) => at !== place);
    if (tiles.every((tile) => !overlap(tile, small)))
      yield { tiles: tiles.slice(0, count), own: small };
  }
}

/** Which cell lies in a corner. */
function placeOf(corner: Corner, columns: number, count: number): number {
  const row = corner.startsWith('top') ? 0 : count - columns;
  return row + (corner.endsWith('left') ? 0 : columns - 1);
}

/** What of a room is beside the own view, and what is above or below it. */
function besides(room: Box, own: Box, corner: Corner): readonly Box[] {
  const x = corner.endsWith('left') ? own.width + GAP : 0;
  const y = corner.startsWith('top') ? own.height + GAP : 0;
  return [
    { ...room, x: room.x + x, width: Math.max(0, room.width - own.width - GAP) },
    { ...room, y: room.y + y, height: Math.max(0, room.height - own.height - GAP) },
  ];
}

/** All cells of the rows that it takes for some number of tiles, in the middle of a room. */
function cells(room: Box, columns: number, count: number): readonly Box[] {
  const lines = Math.ceil(count / columns);
  const cellWidth = (room.width - (columns - 1) * GAP) / columns;
  const cellHeight = (room.height - (lines - 1) * GAP) / lines;
  const width = Math.floor(Math.min(cellWidth, cellHeight * WIDE));
  const height = Math.floor(Math.min(cellHeight, width / NARROWEST));
  if (width <= 0 || height <= 0) return [];
  const left = room.x + Math.floor((room.width - columns * width - (columns - 1) * GAP) / 2);
  const top = room.y + Math.floor((room.height - lines * height - (lines - 1) * GAP) / 2);
  return Array.from({ length: columns * lines }, (_, cell) => ({
    x: left + (cell % columns) * (width + GAP),
    y: top + Math.floor(cell / columns) * (height + GAP),
    width,
    height,
  }));
}

interface Strip {
  /** Lies below what is large, or at its end. */
  readonly below: boolean;
  readonly tile: Size;
  readonly places: number;
}

function strip({ width, height }: Box): Strip {
  const below = height > width;
  const wished = below
    ? Math.min(126, Math.max(54, height / 7)) * WIDE
    : Math.min(224, Math.max(96, width / 6));
  // There is always room for two.
  const most = below ? (width - GAP) / 2 : ((height - GAP) / 2) * WIDE;
  const wide = Math.floor(Math.max(0, Math.min(wished, most)));
  const tile = { width: wide, height: Math.floor(wide / WIDE) };
  const places = below
    ? Math.floor((width + GAP) / (tile.width + GAP))
    : Math.floor((height + GAP) / (tile.height + GAP));
  return { below, tile, places: Math.min(MOST_TILES, Math.max(2, places)) };
}

/** Small tiles in a line beside what is large. */
function besideLarge(scene: Scene, room: Box): Layout {
  const { below, tile, places } = strip(room);
  const inStrip = ownInStrip(scene);
  const shown = scene.tiles > 0 || inStrip;
  const taken = shown ? (below ? tile.height : tile.width) + GAP : 0;
  const free = below
    ? { ...room, height: Math.max(0, room.height - taken) }
    : { ...room, width: Math.max(0, room.width - taken) };
  const at = (place: number): Box =>
    below
      ? { ...tile, x: room.x + place * (tile.width + GAP), y: free.y + free.height + GAP }
      : { ...tile, x: free.x + free.width + GAP, y: room.y + place * (tile.height + GAP) };
  const tiles = Array.from({ length: scene.tiles }, (_, seat) => at(seat));
  const corner = scene.own && inCorner(within(free), ownSize(free), scene.own);
  const large = split(free, scene.large);
  return { large, tiles, own: inStrip ? at(Math.max(places - 1, scene.tiles)) : corner };
}

/** A room shared evenly, such that pictures of 16:9 in it become largest. */
function split(room: Box, count: number): readonly Box[] {
  let best: readonly Box[] = [];
  let size = 0;
  for (let columns = 1; columns <= count; columns += 1) {
    const lines = Math.ceil(count / columns);
    const width = Math.floor((room.width - (columns - 1) * GAP) / columns);
    const height = Math.floor((room.height - (lines - 1) * GAP) / lines);
    const largest = Math.min(width, height * WIDE);
    if (largest <= size) continue;
    size = largest;
    best = Array.from({ length: count }, (_, each) => ({
      x: room.x + (each % columns) * (width + GAP),
      y: room.y + Math.floor(each / columns) * (height + GAP),
      width,
      height,
    }));
  }
  return best;
}
