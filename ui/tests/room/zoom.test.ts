import { describe, expect, it } from 'vitest';

import { panned, WHOLE, zoomed, zoomedByKey, type Zoom } from '../../src/room/zoom';

const box = { width: 800, height: 400 };
/** The point of the picture, from its middle and in its own size, that is seen at a point of the box. */
const seen = ({ scale, x, y }: Zoom, at: { x: number; y: number }) => ({
  x: (at.x - x) / scale,
  y: (at.y - y) / scale,
});

describe('a screen that is zoomed', () => {
  it('keeps the point under the pointer where it is', () => {
    const at = { x: 200, y: -100 };
    const near = zoomed(zoomed(WHOLE, 2, box, at), 1.5, box, at);
    expect(near.scale).toBe(3);
    expect(seen(near, at).x).toBeCloseTo(at.x);
    expect(seen(near, at).y).toBeCloseTo(at.y);
  });

  it('never shows what is beyond its edges, however it is moved', () => {
    let zoom = WHOLE;
    const ways = [
      { x: 9_999, y: 20 },
      { x: -9_999, y: -9_999 },
      { x: 40, y: 9_999 },
    ];
    for (const [step, way] of [...ways, ...ways].entries()) {
      zoom = panned(zoomed(zoom, step % 2 === 0 ? 1.7 : 0.8, box, way), way, box);
      expect(Math.abs(seen(zoom, { x: -400, y: 0 }).x)).toBeLessThanOrEqual(400.001);
      expect(Math.abs(seen(zoom, { x: 400, y: 0 }).x)).toBeLessThanOrEqual(400.001);
      expect(Math.abs(seen(zoom, { x: 0, y: 200 }).y)).toBeLessThanOrEqual(200.001);
    }
  });

  it('is never smaller than whole, nor more than eight times that', () => {
    expect(zoomed(WHOLE, 0.1, box)).toEqual(WHOLE);
    expect(zoomed(WHOLE, 100, box).scale).toBe(8);
  });

  it('goes by keys', () => {
    const near = zoomedByKey(WHOLE, '+', box) ?? WHOLE;
    expect(near.scale).toBeGreaterThan(1);
    expect(zoomedByKey(near, 'ArrowRight', box)?.x).toBeLessThan(0);
    expect(zoomedByKey(near, 'ArrowUp', box)?.y).toBeGreaterThan(0);
    expect(zoomedByKey(near, '-', box)).toEqual(WHOLE);
    expect(zoomedByKey(near, '0', box)).toEqual(WHOLE);
    expect(zoomedByKey(near, 'x', box)).toBeUndefined();
  });
});
