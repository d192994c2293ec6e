import { compile, type TopLevelSpec } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import {
  barChart,
  type ChartSpec,
  forClient,
  histogramChart,
  intervalChart,
  lineChart,
  toSvg,
} from '../../../magics/charts/index.ts';

const step = { title: 'Step' };
const loss = { title: 'Loss', unit: 'nats per token' };
const curve = (n: number, scale: number) => Array.from({ length: n }, (_, i) => ({ x: i, y: scale / (1 + i) }));

const charts: Record<string, ChartSpec> = {
  line: lineChart({
    title: 'Validation loss stops falling at step 420',
    x: step,
    y: loss,
    series: [
      { name: 'training', points: curve(3000, 3) },
      { name: 'validation', points: curve(12, 4) },
    ],
    marks: [{ x: 420, label: 'best' }],
  }),
  'line on a log scale': lineChart({
    title: 'Loss',
    x: step,
    y: { ...loss, scale: 'log' },
    series: [{ name: 'training', points: curve(300, 3) }],
    marks: curve(10, 1).map(({ x }) => ({ x, label: `checkpoint ${x}` })),
  }),
  'line without points': lineChart({
    title: 'Waiting for the first step',
    x: step,
    y: loss,
    series: [{ name: 'training', points: [] }],
  }),
  bar: barChart({
    title: 'Two labels make up 80% of the rows',
    category: { title: 'Label' },
    value: { title: 'Rows' },
    bars: [
      { label: 'a', value: 70 },
      { label: 'b', value: 20 },
    ],
  }),
  'grouped bar': barChart({
    title: 'Fine-tuning helps every slice',
    category: { title: 'Slice' },
    value: { title: 'Exact match', format: '.0%' },
    bars: ['weekly', 'daily'].flatMap((label) => [
      { label, value: 0.2, series: 'base' },
      { label, value: 0.9, series: 'fine-tuned' },
    ]),
  }),
  histogram: histogramChart({
    title: 'Most texts are short',
    x: { title: 'Length', unit: 'characters' },
    series: [{ name: 'text', values: curve(1000, 500).map((p) => p.y) }],
  }),
  'overlaid histogram': histogramChart({
    title: 'Requests are longer than the training texts',
    x: { title: 'Length', unit: 'characters' },
    series: [
      { name: 'training', values: curve(1000, 50).map((p) => p.x) },
      { name: 'requests', values: curve(200, 50).map((p) => p.x * 6) },
    ],
  }),
  interval: intervalChart({
    title: 'Exact match rises to 93.1%',
    category: { title: 'Metric' },
    value: { title: 'Score', format: '.0%' },
    intervals: [
      { label: 'exact match', value: 0.931, low: 0.912, high: 0.948 },
      { label: 'BLEU', value: null },
    ],
  }),
  'compared intervals': intervalChart({
    title: 'Better than base',
    category: { title: 'Metric' },
    value: { title: 'Score' },
    domain: [0, 1],
    intervals: ['base', 'tuned'].map((series, i) => ({
      label: 'exact match',
      series,
      value: 0.4 + i / 2,
      low: 0.3 + i / 2,
      high: 0.5 + i / 2,
    })),
  }),
};

describe('every chart', () => {
  for (const [name, spec] of Object.entries(charts)) {
    it(`compiles without warnings, is drawn as SVG and speaks to screen readers: ${name}`, async () => {
      expect(warnings(spec)).toEqual([]);
      const svg = await toSvg(spec);
      expect(svg).toMatch(/^<svg role="img" aria-label="/);
      expect(svg).not.toMatch(/NaN|undefined|null/);
      for (const line of [spec.title].flat()) expect(svg).toContain(String(line));
      expect(String(spec.description)).toMatch(/^.{20,}\.$/s);
      expect(JSON.stringify(spec)).toContain('"tooltip"');
    });
  }

  it('has a transparent background, so that the client shows through', async () => {
    expect(await toSvg(charts.bar!)).not.toMatch(/<rect[^>]*fill="(?!transparent)/);
  });
});

describe('marks', () => {
  it('draws each series in its own colour, with the points of short series', async () => {
    const svg = await toSvg(charts.line!);
    expect(svg).toContain('stroke="#2a82c9"');
    expect(svg).toContain('stroke="#d55e00"');
    expect(svg.match(/aria-roledescription="point"/g)).toHaveLength(12);
    expect(svg).toMatch(/>best</);
  });

  it('leaves the layer that follows the pointer out of still pictures', async () => {
    expect(JSON.stringify(charts.line)).toContain('"nearest":true');
    expect((await toSvg(charts.line!)).length).toBeLessThan(120_000);
  });

  it('draws one bar per label and an error bar per interval', async () => {
    expect((await toSvg(charts.bar!)).match(/aria-roledescription="bar"/g)).toHaveLength(2);
    expect((await toSvg(charts['compared intervals']!)).match(/aria-roledescription="rule mark"/g)).toHaveLength(2);
  });
});

describe('forClient', () => {
  it("takes on the client's colours and width", async () => {
    const svg = await toSvg(forClient(charts.bar!, { foreground: '#eeeeee', grid: '#444444' }, 300));
    expect(svg).toContain('#eeeeee');
    expect(svg).toMatch(/<svg[^>]* width="300"/);
    expect(svg).not.toContain('#7a7a7a');
  });
});

function warnings(spec: ChartSpec): string[] {
  const heard: string[] = [];
  const hear = (...args: readonly unknown[]) => {
    heard.push(args.join(' '));
    return logger;
  };
  const logger = { level: () => logger, error: hear, warn: hear, info: () => logger, debug: () => logger };
  compile(spec as TopLevelSpec, { logger: logger as never });
  return heard;
}
