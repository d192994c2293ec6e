import { formatFigure, formatNumber } from '../governance/format-figure.ts';
import { headlineMetric } from '../governance/headline.ts';
import type { EvalRecord, Figure } from '../governance/records.ts';

/** How a figure stands to the baseline's: beyond doubt (intervals apart), or not. */
export type Verdict = 'better' | 'worse' | 'no clear difference' | 'no baseline';

const lowerIsBetter = /loss|perplexity|error|latency|toxicity|bits/i;

/** Compares a metric with its baseline by their confidence intervals; a figure without one counts as exact. */
export function compareFigures(name: string, figure: Figure, baseline: Figure | undefined): Verdict {
  if (baseline === undefined || baseline.value === null || figure.value === null) return 'no baseline';
  const [low, high] = [figure.low ?? figure.value, figure.high ?? figure.value];
  const [baseLow, baseHigh] = [baseline.low ?? baseline.value, baseline.high ?? baseline.value];
  const isSmaller = lowerIsBetter.test(name);
  if (low > baseHigh) return isSmaller ? 'worse' : 'better';
  if (high < baseLow) return isSmaller ? 'better' : 'worse';
  return 'no clear difference';
}

/** How an evaluation's first metric stands to the baseline's. */
export function evaluationVerdict({ metrics, baselineMetrics }: EvalRecord): Verdict {
  const first = headlineMetric(metrics);
  return first === undefined ? 'no baseline' : compareFigures(first.name, first.figure, baselineMetrics?.[first.name]);
}

/** One sentence on an evaluation: its first metric, the interval, and how it compares with the baseline. */
export function evaluationSentence(record: EvalRecord): string {
  const subject = `${record.model} on ${record.task}`;
  const first = headlineMetric(record.metrics);
  if (first === undefined) return `${subject}: no figures.`;
  const result = `${subject}: ${first.name.replaceAll('_', ' ')} ${formatFigure(first.figure)}`;
  const baseline = record.baselineMetrics?.[first.name]?.value;
  if (baseline === undefined || baseline === null) return `${result}; no baseline to compare with.`;
  const reference = `${record.baseline ?? 'the baseline'} at ${formatNumber(baseline)}`;
  const verdict = evaluationVerdict(record);
  if (verdict === 'better' || verdict === 'worse') return `${result}, clearly ${verdict} than ${reference}.`;
  return `${result}, no clear difference to ${reference}.`;
}
