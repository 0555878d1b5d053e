/** Which pictures are taken: of how many ways to look at a scene, as few as show each pair of them. */

export const LOOKS = ['dark', 'light', 'dark-contrast', 'light-contrast'] as const;
export const SIZES = ['360', '1280', '2560', '200-percent'] as const;
export const DIRECTIONS = ['ltr', 'rtl'] as const;

export type Look = (typeof LOOKS)[number];
export type Size = (typeof SIZES)[number];
export type Direction = (typeof DIRECTIONS)[number];

/** More would be looked at by nobody. */
export const MOST = 150;

/** One picture of a scene. */
export interface Picture {
  /** Of its file. */
  readonly name: string;
  readonly scene: string;
  readonly look: Look;
  readonly size: Size;
  readonly direction: Direction;
}

/**
 * Each scene in each look and in each size, now from the left, now from the right. Over a few scenes
 * each look is seen in each size and each direction.
 */
export function pictures(scenes: readonly string[]): Picture[] {
  return scenes.flatMap((scene, index) =>
    SIZES.map((size, turn) => {
      const look = LOOKS[(turn + index) % LOOKS.length] ?? 'dark';
      // Two of four, and other sizes with the next scene of the same looks.
      const mirrored = (turn + Math.floor(index / LOOKS.length) + index) % 3 === 0;
      const direction = mirrored ? 'rtl' : 'ltr';
      return { name: `${scene}.${size}.${look}.${direction}`, scene, look, size, direction };
    }),
  );
}
