import { CORNERS, type Corner } from './box';

const KEY = 'room';

/** How the others are arranged. */
export const ARRANGEMENTS = ['grid', 'speaker'] as const;
export type Arrangement = (typeof ARRANGEMENTS)[number];

/** What is asked for of the others' pictures: all, small ones, or none. */
export const PICTURES = ['all', 'small', 'none'] as const;
export type Pictures = (typeof PICTURES)[number];

/** How the user likes a room, on this computer. */
export interface Kept {
  readonly arrangement: Arrangement;
  /** Where the own view is. */
  readonly corner: Corner;
  /** The own view is hidden. */
  readonly hidden: boolean;
  readonly pictures: Pictures;
  /** Keys without Ctrl do something, too. */
  readonly keys: boolean;
  /** What is said stands under the stage, and is read out as well. */
  readonly captions: boolean;
  readonly readCaptions: boolean;
}

const DEFAULT: Kept = {
  arrangement: 'grid',
  corner: 'bottom-right',
  hidden: false,
  pictures: 'all',
  keys: true,
  captions: false,
  readCaptions: false,
};

/** What was liked before; whatever is damaged is as if nothing had been. */
export function keptOfRoom(): Kept {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return DEFAULT;
    const all = kept as Readonly<Record<string, unknown>>;
    const one = <Value>(of: readonly Value[], value: unknown, otherwise: Value): Value =>
      of.find((each) => each === value) ?? otherwise;
    return {
      arrangement: one(ARRANGEMENTS, all['arrangement'], DEFAULT.arrangement),
      corner: one(CORNERS, all['corner'], DEFAULT.corner),
      hidden: all['hidden'] === true,
      pictures: one(PICTURES, all['pictures'], DEFAULT.pictures),
      keys: all['keys'] !== false,
      captions: all['captions'] === true,
      readCaptions: all['readCaptions'] === true,
    };
  } catch {
    return DEFAULT;
  }
}

export function keepOfRoom(kept: Kept): void {
  localStorage.setItem(KEY, JSON.stringify(kept));
}
