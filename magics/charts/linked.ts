import { type ChartText, formatNumber } from './chart.ts';
import { countBins } from './histogram.ts';
import { labelPixels } from './resize-linked.ts';
import type { ChartSpec } from './spec.ts';
import { theme } from './theme.ts';
import { titleLines } from './title.ts';

/** One of several charts of the same rows: a histogram of numbers, or bars of the commonest texts. */
export type LinkedView = LinkedNumbers | LinkedTexts;

interface LinkedText {
  /** What the view shows, as a finding. */
  readonly title: string;
  /** Title of the axis of the values. */
  readonly axis: string;
}

export interface LinkedNumbers extends LinkedText {
  readonly kind: 'numbers';
  /** One value a row; what is not a finite number is left out of this view. */
  readonly values: readonly unknown[];
}

export interface LinkedTexts extends LinkedText {
  readonly kind: 'texts';
  readonly values: readonly unknown[];
  /** The texts that have a bar, top to bottom. */
  readonly shown: readonly string[];
}

export interface LinkedChartOptions extends ChartText {
  /** What is counted: "Rows", "Rows of a sample of 20,000". */
  readonly counted: string;
  /** All have one value for each row, in the same order. */
  readonly views: readonly LinkedView[];
}

const maxBins = 25;
const grey = '#8080804d';

/**
 * Charts of the same rows, one below the other. What is selected in one (a range, or bars by click) is what the others
 * count; grey bars behind are all rows. Rows are counted here by bins and texts, so that the chart stays small.
 */
export function linkedChart(options: LinkedChartOptions): ChartSpec {
  const { counted, views } = options;
  const binned = views.map(binView);
  const width = options.width ?? 600;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    description: options.description ?? `${options.title}. ${views.map(describe).join(' ')}`,
    config: theme,
    title: { text: titleLines(options.title, width), fontWeight: 'normal', fontSize: 11 },
    data: { name: 'cells', values: countCells(binned) },
    spacing: 24,
    vconcat: views.map((view, i) => ({
      // From where the plots begin, so that all titles stand below each other.
      title: { text: titleLines(view.title, width - labelPixels), frame: 'group' },
      width: width - labelPixels,
      ...drawView(view, binned[i]!, i, views.length, counted),
    })),
  } as ChartSpec;
}

/** A view's rows as the bin or text that each falls into, null where it falls into none. */
interface BinnedView {
  readonly keys: readonly (number | string | null)[];
  /** Width of the bins of numbers. */
  readonly step: number;
}

function binView(view: LinkedView): BinnedView {
  if (view.kind === 'texts') {
    const shown = new Set(view.shown);
    return { keys: view.values.map((value) => (shown.has(value as string) ? (value as string) : null)), step: 0 };
  }
  const numbers = view.values.filter((value): value is number => Number.isFinite(value));
  const bins = countBins([{ name: '', values: numbers }], maxBins);
  const [start, step] = [bins[0]!.start, bins[0]!.end - bins[0]!.start];
  const binOf = (value: number) => Number((start + Math.floor((value - start) / step) * step).toPrecision(12));
  return { keys: view.values.map((value) => (Number.isFinite(value) ? binOf(value as number) : null)), step };
}

/** Rows that are alike in all views, as one cell with their number. */
function countCells(views: readonly BinnedView[]): Record<string, unknown>[] {
  const cells = new Map<string, Record<string, unknown> & { n: number }>();
  for (let row = 0; row < (views[0]?.keys.length ?? 0); row++) {
    const keys = views.map((view) => view.keys[row]!);
    const known = cells.get(JSON.stringify(keys));
    if (known !== undefined) known.n++;
    else cells.set(JSON.stringify(keys), { ...Object.fromEntries(keys.map((key, i) => [`v${i}`, key])), n: 1 });
  }
  return [...cells.values()];
}

function drawView(view: LinkedView, { step }: BinnedView, i: number, views: number, counted: string) {
  const others = [...new Array(views).keys()]
    .filter((other) => other !== i)
    .map((other) => ({ param: `view${other}` }));
  const count = { aggregate: 'sum', field: 'n', type: 'quantitative', title: counted, stack: null };
  const encoding = view.kind === 'numbers' ? numbersEncoding(view, i, count) : textsEncoding(view, i, count);
  const own = [
    { filter: `isValid(datum.v${i})` },
    ...(view.kind === 'numbers' ? [{ calculate: `datum.v${i} + ${step}`, as: `end${i}` }] : []),
  ];
  return {
    height: view.kind === 'numbers' ? 110 : 17 * Math.max(1, view.shown.length),
    transform: own,
    layer: [
      { params: [selectionOf(view, i)], mark: { type: 'bar', color: grey, binSpacing: 1 }, encoding },
      {
        transform: others.length === 0 ? [] : [{ filter: { and: others } }],
        mark: { type: 'bar', binSpacing: 1 },
        encoding: {
          ...encoding,
          opacity: { condition: { param: `view${i}`, value: 1 }, value: 0.35 },
        },
      },
    ],
  };
}

function selectionOf({ kind }: LinkedView, i: number) {
  const select =
    kind === 'numbers' ? { type: 'interval', encodings: ['x'] } : { type: 'point', fields: [`v${i}`], toggle: true };
  return { name: `view${i}`, select };
}

function numbersEncoding({ axis }: LinkedNumbers, i: number, count: Record<string, unknown>) {
  return {
    x: { field: `v${i}`, type: 'quantitative', bin: 'binned', title: axis, axis: { tickCount: 6 } },
    x2: { field: `end${i}` },
    y: { ...count, axis: { tickCount: 4 } },
    tooltip: [
      { field: `v${i}`, type: 'quantitative', title: `${axis} from`, format: ',.4~r' },
      { field: `end${i}`, type: 'quantitative', title: 'to below', format: ',.4~r' },
      { ...count, format: ',' },
    ],
  };
}

function textsEncoding({ axis, shown }: LinkedTexts, i: number, count: Record<string, unknown>) {
  return {
    y: {
      field: `v${i}`,
      type: 'nominal',
      sort: [...shown],
      scale: { domain: [...shown] },
      title: axis,
      axis: { ticks: false, domain: false, labelLimit: labelPixels - 45 },
    },
    x: { ...count, axis: { tickCount: 6 } },
    tooltip: [
      { field: `v${i}`, type: 'nominal', title: axis },
      { ...count, format: ',' },
    ],
  };
}

function describe(view: LinkedView): string {
  if (view.kind === 'texts') return `Bar chart of ${view.axis}: ${view.title}.`;
  const numbers = view.values.filter((value): value is number => Number.isFinite(value));
  return `Histogram of ${view.axis} over ${formatNumber(numbers.length)} values: ${view.title}.`;
}
