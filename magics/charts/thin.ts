/** A point of a line. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * At most `limit` of the points (ordered by x), chosen so that the line looks the same: first, last and the extremes stay.
 * Source: Largest-Triangle-Three-Buckets, Steinarsson (2013), section 4.2.
 */
export function thin<P extends Point>(points: readonly P[], limit: number): readonly P[] {
  if (points.length <= limit) return points;
  if (limit < 3) return [points[0]!, points.at(-1)!].slice(0, limit);
  const size = (points.length - 2) / (limit - 2);
  const kept: P[] = [points[0]!];
  for (let bucket = 0; bucket < limit - 2; bucket++) {
    const start = Math.floor(bucket * size) + 1;
    const end = Math.floor((bucket + 1) * size) + 1;
    const next = mean(points, end, Math.min(Math.floor((bucket + 2) * size) + 1, points.length));
    kept.push(largestTriangle(points, start, end, kept.at(-1)!, next));
  }
  kept.push(points.at(-1)!);
  return kept;
}

function largestTriangle<P extends Point>(points: readonly P[], start: number, end: number, a: Point, c: Point): P {
  let best = points[start]!;
  let bestArea = -1;
  for (let i = start; i < end; i++) {
    const b = points[i]!;
    const area = Math.abs((a.x - c.x) * (b.y - a.y) - (a.x - b.x) * (c.y - a.y));
    if (area > bestArea) {
      best = b;
      bestArea = area;
    }
  }
  return best;
}

function mean(points: readonly Point[], start: number, end: number): Point {
  let x = 0;
  let y = 0;
  for (let i = start; i < end; i++) {
    x += points[i]!.x;
    y += points[i]!.y;
  }
  return { x: x / (end - start), y: y / (end - start) };
}
