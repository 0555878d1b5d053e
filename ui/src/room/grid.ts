/** Shape of a tile, as CSS and as a number. */
const RATIO = '16 / 9';
const TILE_RATIO = 16 / 9;
/** Between tiles, pixels. */
const GAP = 12;

/** The number of columns in which `count` tiles of 16:9 become largest in a box (pixels). */
export function bestColumns(count: number, width: number, height: number): number {
  let best = { columns: 1, size: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(count / columns);
    const size = Math.min(width / columns, (height / rows) * TILE_RATIO);
    if (size > best.size) best = { columns, size };
  }
  return best.columns;
}

/** CSS: the width of the grid in which its tiles are as high as there is room for. */
export function widestGrid(tiles: number, columns: number, height: number): string {
  const rows = Math.ceil(tiles / columns);
  const free = `${height}px - ${(rows - 1) * GAP}px`;
  return `calc((${free}) / ${rows} * ${RATIO} * ${columns} + ${(columns - 1) * GAP}px)`;
}
