/**
 * A time stamp that can be read back from a picture after it went through a codec: one row of 44
 * cells over the full width, a twelfth of the height. Cells 0 and 1 are black and white, cells 2
 * to 41 the 40 lowest bits of the time in milliseconds since 1970 (most significant first, white
 * is 1), cells 42 and 43 the parities of the even-numbered and the odd-numbered bits.
 */

const CELLS = 44;
const BITS = 40;
const RANGE = 2 ** BITS;

function cells(unixMs: number): boolean[] {
  let rest = Math.floor(unixMs) % RANGE;
  const bits = Array.from({ length: BITS }, () => false);
  for (let bit = BITS - 1; bit >= 0; bit -= 1) {
    bits[bit] = rest % 2 === 1;
    rest = Math.floor(rest / 2);
  }
  const parity = (odd: number): boolean =>
    bits.filter((set, index) => set && index % 2 === odd).length % 2 === 1;
  return [false, true, ...bits, parity(0), parity(1)];
}

/** Draws the strip of a time over the top of a picture of this size. */
export function drawStrip(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  unixMs: number,
): void {
  const bottom = Math.floor(height / 12);
  cells(unixMs).forEach((set, cell) => {
    context.fillStyle = set ? '#fff' : '#000';
    const left = Math.floor((cell * width) / CELLS);
    context.fillRect(left, 0, Math.floor(((cell + 1) * width) / CELLS) - left, bottom);
  });
}

/**
 * Reads the strip from RGBA pixels: the 40 lowest bits of the time. Undefined if the references
 * are not black and white, a cell is neither, or a parity is wrong.
 */
export function readStrip(
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
): number | undefined {
  const strip = Math.floor(height / 12);
  if (width < 2 * CELLS || strip < 2) return undefined;
  const level = (cell: number): number => {
    const left = Math.floor((cell * width) / CELLS);
    const right = Math.floor(((cell + 1) * width) / CELLS);
    const margin = Math.floor((right - left) / 4);
    let sum = 0;
    let count = 0;
    for (let y = Math.floor(strip / 4); y < Math.max((strip * 3) / 4, strip / 4 + 1); y += 1) {
      for (let x = left + margin; x < Math.max(right - margin, left + margin + 1); x += 1) {
        sum += pixels[(y * width + x) * 4 + 1] ?? 0;
        count += 1;
      }
    }
    return sum / count;
  };
  const levels = Array.from({ length: CELLS }, (_, cell) => level(cell));
  const [black = 0, white = 0] = levels;
  if (white < black + 64) return undefined;
  const middle = (white + black) / 2;
  if (levels.some((each) => Math.abs(each - middle) < (white - black) / 6)) return undefined;
  const bits = levels.map((each) => each > middle);
  const value = bits.slice(2, 2 + BITS).reduce((sum, set) => sum * 2 + (set ? 1 : 0), 0);
  return cells(value).every((set, cell) => set === bits[cell]) ? value : undefined;
}

/** How long ago the time of a strip was, in milliseconds. */
export function ageOf(stripMs: number, nowMs: number): number {
  return ((nowMs % RANGE) - stripMs + RANGE) % RANGE;
}
