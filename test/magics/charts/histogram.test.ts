import { describe, expect, it } from 'vitest';
import { countBins } from '../../../magics/charts/histogram.ts';
import { createRandom } from '../../../magics/dataset/random.ts';

describe('countBins', () => {
  it('counts every finite value once, in round bins of equal width that hold it', () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = createRandom(seed);
      const scale = 10 ** (random() * 8 - 4);
      const values = Array.from({ length: 500 }, () => (random() - 0.3) * scale);
      const bins = countBins([{ name: 'a', values: [...values, Number.NaN, Number.POSITIVE_INFINITY] }], 30);
      expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(values.length);
      expect(bins.reduce((sum, bin) => sum + bin.share, 0)).toBeCloseTo(1, 9);
      expect(bins.length).toBeLessThanOrEqual(32);
      const widths = bins.map((bin) => bin.end - bin.start);
      for (const width of widths) expect(width / widths[0]!).toBeCloseTo(1, 6);
      for (const bin of bins.slice(1, -1)) {
        const slack = 1e-9 * scale;
        const inside = values.filter((v) => v >= bin.start - slack && v < bin.end - slack).length;
        expect(Math.abs(inside - bin.count)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('gives several series the same bins', () => {
    const bins = countBins(
      [
        { name: 'a', values: [1, 2, 3] },
        { name: 'b', values: [30] },
      ],
      10,
    );
    const startsOf = (name: string) => bins.filter((bin) => bin.series === name).map((bin) => bin.start);
    expect(startsOf('a')).toEqual(startsOf('b'));
  });

  it('puts equal values into one bin, and makes do without any', () => {
    expect(countBins([{ name: 'a', values: [7, 7] }], 10)).toEqual([
      { start: 7, end: 8, series: 'a', count: 2, share: 1 },
    ]);
    expect(countBins([{ name: 'a', values: [] }], 10)).toMatchObject([{ count: 0, share: 0 }]);
  });
});
