import { describe, expect, it } from 'vitest';

import {
  CORNERS,
  cornerBeside,
  fitOf,
  inCorner,
  nearestCorner,
  overlap,
  type Box,
  type Corner,
  type Size,
} from '../../src/room/box';
import { capacity, layout, MOST_TILES, type Layout, type Scene } from '../../src/room/layout';

/** Stages of windows from 360 to 2560 wide, at 200 % too, with and without a panel. */
const STAGES: readonly Size[] = [
  { width: 344, height: 420 },
  { width: 344, height: 640 },
  { width: 360, height: 200 },
  { width: 600, height: 600 },
  { width: 640, height: 360 },
  { width: 900, height: 300 },
  { width: 1240, height: 560 },
  { width: 1240, height: 860 },
  { width: 1900, height: 900 },
  { width: 2520, height: 1240 },
  { width: 2520, height: 500 },
];
const OWN: readonly (Corner | undefined)[] = [undefined, ...CORNERS];

/** Every scene: each stage, each place of the own view, each number of tiles that fits. */
function* scenes(large: readonly number[], screens: readonly boolean[]): Generator<Scene> {
  for (const stage of STAGES)
    for (const own of OWN)
      for (const count of large)
        for (const shared of screens) {
          const scene = { stage, own, large: count, screens: shared };
          const most = capacity(scene);
          for (let tiles = 0; tiles <= most; tiles += 1) yield { ...scene, tiles };
        }
}
const grids = (): Generator<Scene> => scenes([0], [false]);
const speakers = (): Generator<Scene> => scenes([1], [false]);
const shares = (): Generator<Scene> => scenes([1, 2, 3, 5], [true]);
function* everything(): Generator<Scene> {
  yield* grids();
  yield* speakers();
  yield* shares();
}

const words = (what: object): string => JSON.stringify(what);
const inside = (box: Box, { width, height }: Size): boolean =>
  box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;

/** The scenes of which something is not so. */
const unless = (all: Generator<Scene>, is: (scene: Scene, laid: Layout) => boolean): Scene[] =>
  [...all].filter((scene) => !is(scene, layout(scene)));

describe('a stage', () => {
  it('has everything inside, with a size, on whole pixels', () => {
    const wrong = unless(everything(), (scene, { tiles, large, own }) => {
      const sound = (box: Box): boolean =>
        inside(box, scene.stage) &&
        box.width > 0 &&
        box.height > 0 &&
        Object.values(box).every(Number.isInteger);
      const complete = tiles.length === scene.tiles && large.length === scene.large;
      return complete && [...tiles, ...large, ...(own ? [own] : [])].every(sound);
    });
    expect(wrong).toEqual([]);
  });

  it('has nothing over anything, but for the own view on the one large picture', () => {
    const wrong = unless(everything(), (scene, { tiles, large, own }) => {
      const onLarge = !scene.screens && scene.large > 0;
      const under = onLarge ? tiles : scene.tiles === 1 && scene.large === 0 ? [] : undefined;
      const boxes = [...tiles, ...large];
      const free = own === undefined || !(under ?? boxes).some((box) => overlap(box, own));
      const apart = boxes.every((box, at) =>
        boxes.slice(at + 1).every((other) => !overlap(box, other)),
      );
      return free && apart;
    });
    expect(wrong).toEqual([]);
  });

  it('keeps the own view small, in its corner', () => {
    const wrong = unless(grids(), (scene, { own }) => {
      if (own === undefined || scene.tiles === 0) return (own === undefined) === !scene.own;
      const middle = { x: own.x + own.width / 2, y: own.y + own.height / 2 };
      const small = own.width <= Math.max(96, scene.stage.width / 5);
      return small && nearestCorner(middle, scene.stage) === scene.own;
    });
    expect(wrong).toEqual([]);
  });

  it('has all tiles alike, and none that is too small to read its name', () => {
    const wrong = unless(grids(), (scene, { tiles: [first, ...others] }) => {
      if (scene.tiles < 2 || first === undefined) return true;
      const alike = others.every(
        ({ width, height }) => width === first.width && height === first.height,
      );
      const shape = first.width / first.height;
      return alike && first.width >= 148 && shape > 1.32 && shape < 1.82;
    });
    expect(wrong).toEqual([]);
  });

  it('moves nobody when one more comes for whom there is a place in the same rows', () => {
    let kept = 0;
    const lines = (boxes: readonly Box[]): number => new Set(boxes.map(({ y }) => y)).size;
    const columns = (boxes: readonly Box[]): number => new Set(boxes.map(({ x }) => x)).size;
    const wrong = unless(grids(), (scene, before) => {
      if (scene.tiles < 2) return true;
      const after = layout({ ...scene, tiles: scene.tiles + 1 });
      if (lines(before.tiles) !== lines(after.tiles)) return true;
      if (columns(before.tiles) !== columns(after.tiles)) return true;
      // The last place was that of the own view: now it needs another one.
      const places = lines(before.tiles) * columns(before.tiles);
      if (scene.own !== undefined && scene.tiles === places - 1) return true;
      kept += 1;
      return before.tiles.every((box, seat) => {
        const now = after.tiles[seat];
        return now !== undefined && words(box) === words(now);
      });
    });
    expect(wrong).toEqual([]);
    expect(kept).toBeGreaterThan(100);
  });

  it('moves nobody in the strip, however many there are', () => {
    const wrong = unless(speakers(), (scene, { tiles }) => {
      const all = layout({ ...scene, tiles: capacity(scene) }).tiles;
      return words(tiles) === words(all.slice(0, scene.tiles));
    });
    expect(wrong).toEqual([]);
  });

  it('that is alone shows oneself large, and of two the other on all of it', () => {
    const stage = { width: 1240, height: 600 };
    const own = 'bottom-right';
    const alone = layout({ stage, own, large: 0, screens: false, tiles: 0 });
    expect(alone.own?.height).toBeGreaterThan(570);
    const two = layout({ stage, own, large: 0, screens: false, tiles: 1 });
    expect(two.tiles).toEqual([{ x: 8, y: 8, width: 1224, height: 584 }]);
  });

  it('has the strip below what is large where it is higher than wide, else beside it', () => {
    const scene = { own: undefined, large: 1, screens: false, tiles: 2 } as const;
    const high = layout({ ...scene, stage: { width: 344, height: 560 } });
    expect(high.tiles[0]?.y).toBe(high.tiles[1]?.y);
    const wide = layout({ ...scene, stage: { width: 1240, height: 560 } });
    expect(wide.tiles[0]?.x).toBe(wide.tiles[1]?.x);
  });

  it('has room for up to forty-nine, where it is large enough', () => {
    const scene = { own: 'bottom-right', large: 0, screens: false } as const;
    expect(capacity({ ...scene, stage: { width: 2520, height: 1240 } })).toBe(MOST_TILES);
    expect(capacity({ ...scene, stage: { width: 1240, height: 620 } })).toBeGreaterThanOrEqual(25);
    expect(capacity({ ...scene, stage: { width: 344, height: 560 } })).toBeGreaterThanOrEqual(6);
  });
});

describe('the own view', () => {
  const stage = { width: 1000, height: 600 };

  it.each(CORNERS)('is where it was put: %s', (corner) => {
    const box = inCorner({ x: 0, y: 0, ...stage }, { width: 200, height: 100 }, corner);
    expect(nearestCorner({ x: box.x + 100, y: box.y + 50 }, stage)).toBe(corner);
  });

  it('goes with the arrow keys, and with no other', () => {
    const way = ['ArrowUp', 'ArrowLeft', 'ArrowLeft', 'ArrowDown', 'a', 'ArrowRight'];
    let corner: Corner = 'bottom-right';
    const corners = way.map((key) => (corner = cornerBeside(corner, key)));
    expect(corners).toEqual([
      'top-right',
      'top-left',
      'top-left',
      'bottom-left',
      'bottom-left',
      'bottom-right',
    ]);
  });
});

describe('a picture', () => {
  const wide = { width: 1280, height: 720 };

  it.each([
    ['fills a tile of its shape', wide, { width: 320, height: 180 }, 'cover'],
    ['fills the narrowest tile', wide, { width: 400, height: 300 }, 'cover'],
    ['fills a stage that is a little wider', wide, { width: 1224, height: 584 }, 'cover'],
    ['is whole where most of it would be hidden', wide, { width: 344, height: 560 }, 'contain'],
    [
      'of a portrait is whole',
      { width: 720, height: 1280 },
      { width: 320, height: 180 },
      'contain',
    ],
    ['of a square is whole', { width: 500, height: 500 }, { width: 320, height: 180 }, 'contain'],
  ] as const)('%s', (_, shown, box, fit) => {
    expect(fitOf(shown, box)).toBe(fit);
  });
});
