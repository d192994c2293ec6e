import { describe, expect, it } from 'vitest';
import { parallelChart, toSvg, tradeoffChart } from '../../../magics/charts/index.ts';

describe('tradeoffChart', () => {
  it('draws every point and a stepped line through the front, in the order of the cost', async () => {
    const point = (label: string, cost: number, value: number, isOnFront: boolean) => ({
      label,
      cost,
      value,
      isOnFront,
      status: 'succeeded',
    });
    const spec = tradeoffChart({
      title: 'b is best',
      cost: { title: 'Time', unit: 's' },
      value: { title: 'Loss' },
      points: [point('a', 9, 1, true), point('b', 2, 3, true), point('c', 5, 8, false)],
    });
    expect(spec.datasets?.front).toMatchObject([{ label: 'b' }, { label: 'a' }]);
    expect(spec.description).toBe(
      'b is best. 3 points, Loss against Time (s). On the Pareto front: b: loss 3 at 2; a: loss 1 at 9.',
    );
    expect((await toSvg(spec)).match(/aria-roledescription="point"/g)).toHaveLength(3);
  });
});

describe('parallelChart', () => {
  it('places numbers between the ends of their axis, by the logarithm where asked, and words evenly', async () => {
    const rates = [1e-4, 2e-4, 4e-4, 8e-4, 1e-3, 2e-3, 1e-2];
    const lines = rates.map((rate, i) => ({
      label: `trial ${i + 1}`,
      values: { rate, schedule: i % 2 === 0 ? 'cosine' : 'linear', loss: 7 - i },
      rank: i / 6,
    }));
    const spec = parallelChart({ title: 'x', axes: ['rate', 'schedule', 'loss'], logarithmic: ['rate'], lines });
    const rows = spec.datasets!.rows as { axis: string; label: string; position: number }[];
    const positions = (axis: string) => rows.filter((row) => row.axis === axis).map(({ position }) => position);
    expect(positions('rate')[4]).toBeCloseTo(0.5, 9);
    expect(positions('rate').at(-1)).toBe(1);
    expect(positions('schedule')).toEqual([0, 1, 0, 1, 0, 1, 0]);
    expect(positions('loss')).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => n / 6));
    expect(spec.description).toContain('The best, trial 7: rate 0.01, schedule cosine, loss 1.');
    expect(await toSvg(spec)).toContain('cosine');
  });
});
