import { describe, expect, it } from 'vitest';
import { separateData } from '../../../extension/renderer/data.ts';
import { tooltipRows } from '../../../extension/renderer/tooltip.ts';
import { lineChart } from '../../../magics/charts/index.ts';

const chart = (losses: number[], title = 'Loss') =>
  lineChart({
    title,
    x: { title: 'Step' },
    y: { title: 'Loss' },
    series: [{ name: 'training', points: losses.map((y, x) => ({ x, y })) }],
  });

describe('charts in cells', () => {
  it('keep their drawing while only their data change', () => {
    const before = separateData(chart([3, 2]));
    const after = separateData(chart([3, 2, 1]));
    expect(after.shape).toEqual(before.shape);
    expect(after.datasets.lines).toHaveLength(3);
    expect(separateData(chart([3, 2], 'Loss is falling')).shape).not.toEqual(before.shape);
  });

  it('show tooltips as text', () => {
    expect(tooltipRows({ step: 10, note: '<img src=x>' })).toEqual([
      { name: 'step', text: '10' },
      { name: 'note', text: '<img src=x>' },
    ]);
    expect(tooltipRows('plain')).toEqual([{ text: 'plain' }]);
  });
});
