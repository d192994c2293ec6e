import { describe, expect, it } from 'vitest';
import { chartBundle, lineChart } from '../../../magics/charts/index.ts';

const options = { title: 'Loss falls', x: { title: 'Step' }, y: { title: 'Loss', unit: 'nats per token' } };
const curve = (n: number) => Array.from({ length: n }, (_, x) => ({ x, y: x % 7 === 3 ? null : 1 / (x + 1) }));

describe('lineChart', () => {
  it('holds at most 2,000 points, shared by its series, and leaves missing values out', () => {
    const spec = lineChart({
      ...options,
      series: [
        { name: 'a', points: curve(50_000) },
        { name: 'b', points: curve(50_000) },
        { name: 'c', points: [{ x: 1, y: Number.NaN }] },
      ],
    });
    const lines = spec.datasets?.lines as { y: number }[];
    expect(lines.length).toBeGreaterThan(1_000);
    expect(lines.length).toBeLessThanOrEqual(2_000);
    expect(lines.every((point) => Number.isFinite(point.y))).toBe(true);
  });

  it('says in words where each line begins and ends, and what is marked', () => {
    const spec = lineChart({
      ...options,
      series: [
        {
          name: 'training',
          points: [
            { x: 0, y: 3 },
            { x: 10, y: 0.51234 },
          ],
        },
        { name: 'validation', points: [] },
      ],
      marks: [{ x: 10, label: 'best' }],
    });
    expect(spec.description).toBe(
      'Loss falls. Line chart of Loss (nats per token) by Step. training: from 3 to 0.5123 over 2 points; validation: no values yet. Marked: best at 10.',
    );
  });

  it('breaks a long title into lines, so that it does not squeeze the plot', () => {
    const spec = lineChart({ ...options, title: 'Validation loss stops falling '.repeat(4).trim(), series: [] });
    const lines = spec.title as string[];
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join(' ')).toBe('Validation loss stops falling '.repeat(4).trim());
  });
});

describe('chartBundle', () => {
  it('carries data, a still picture and words; frames of a live chart go without the picture', async () => {
    const spec = lineChart({ ...options, series: [{ name: 'a', points: curve(10) }] });
    const bundle = await chartBundle(spec);
    expect(bundle['application/vnd.vegalite.v5+json']).toEqual(spec);
    expect(bundle['image/svg+xml']).toMatch(/^<svg /);
    expect(bundle['text/plain']).toContain('Line chart of Loss');
    expect(Object.keys(await chartBundle(spec, { svg: false }))).toEqual([
      'application/vnd.vegalite.v5+json',
      'text/plain',
    ]);
  });
});
