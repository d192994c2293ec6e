import { describe, expect, it } from 'vitest';
import { thin } from '../../../magics/charts/thin.ts';

describe('thin', () => {
  const points = Array.from({ length: 10_000 }, (_, x) => ({ x, y: Math.sin(x / 500) + (x === 4321 ? 5 : 0) }));

  it('keeps short lines as they are', () => {
    expect(thin(points.slice(0, 100), 100)).toEqual(points.slice(0, 100));
  });

  it('keeps the limit, the ends, the order and a lone spike', () => {
    const kept = thin(points, 200);
    expect(kept).toHaveLength(200);
    expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
    expect(kept.every((point, i) => i === 0 || point.x > kept[i - 1]!.x)).toBe(true);
    expect(kept).toContainEqual(points[4321]);
  });

  it('keeps the ends when nothing else fits', () => {
    expect(thin(points, 2)).toEqual([points[0], points.at(-1)]);
  });
});
