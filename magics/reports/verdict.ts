import { formatFigure, formatNumber } from '../governance/format-figure.ts';
import { headlineMetric, metricWords } from '../governance/headline.ts';
import type { Figure } from '../governance/record-parts.ts';
import type { EvalRecord } from '../governance/records.ts';

/** How a figure stands to the baseline's: beyond doubt, or not, or without the intervals that could tell. */
export type Verdict = 'better' | 'worse' | 'no clear difference' | 'not tested' | 'no baseline';

const lowerIsBetter = /loss|perplexity|error|latency|toxicity|bits/i;

/**
 * Compares a metric with its baseline: by the interval of their paired difference where there is one,
 * else by whether their own intervals overlap.
 */
export function compareFigures(name: string, figure: Figure, baseline?: Figure, difference?: Figure): Verdict {
  if (baseline === undefined || baseline.value === null || figure.value === null) return 'no baseline';
  const range = differenceRange(figure, baseline, difference);
  if (range === undefined) return 'not tested';
  const isSmallerBetter = lowerIsBetter.test(name);
  if (range.low > 0) return isSmallerBetter ? 'worse' : 'better';
  if (range.high < 0) return isSmallerBetter ? 'better' : 'worse';
  return 'no clear difference';
}

/** How an evaluation's first metric stands to the baseline's. */
export function evaluationVerdict({ metrics, baselineMetrics, differences }: EvalRecord): Verdict {
  const first = headlineMetric(metrics);
  if (first === undefined) return 'no baseline';
  return compareFigures(first.name, first.figure, baselineMetrics?.[first.name], differences?.[first.name]);
}

/** Ends of `figure - baseline`. */
function differenceRange(
  figure: Figure,
  baseline: Figure,
  difference?: Figure,
): { low: number; high: number } | undefined {
  if (difference?.low !== undefined && difference.high !== undefined) {
    return { low: difference.low, high: difference.high };
  }
  if (figure.low === undefined || figure.high === undefined) return undefined;
  const [baseLow, baseHigh] = [baseline.low ?? baseline.value!, baseline.high ?? baseline.value!];
  return { low: figure.low - baseHigh, high: figure.high - baseLow };
}

/** One sentence on an evaluation: its first metric, the interval, and how it compares with the baseline. */
export function evaluationSentence(record: EvalRecord): string {
  const subject = `${record.model} on ${record.task}`;
  const first = headlineMetric(record.metrics);
  if (first === undefined) return `${subject}: no figures.`;
  const result = `${subject}: ${metricWords(first.name)} ${formatFigure(first.figure)}`;
  const baseline = record.baselineMetrics?.[first.name]?.value;
  if (baseline === undefined || baseline === null) return `${result}; no baseline to compare with.`;
  const reference = `${record.baseline ?? 'the baseline'} at ${formatNumber(baseline)}`;
  const verdict = evaluationVerdict(record);
  if (verdict === 'better' || verdict === 'worse') return `${result}, clearly ${verdict} than ${reference}.`;
  return `${result}, ${verdict === 'not tested' ? 'beside' : 'no clear difference to'} ${reference}.`;
}
