import { formatNumber } from '../governance/format-figure.ts';
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

/** One sentence on an evaluation: its first metric, the interval, the baseline, and how they compare. */
export function evaluationSentence(record: EvalRecord): string {
  const [name, figure] = Object.entries(record.metrics)[0] ?? [];
  if (name === undefined || figure === undefined) return `${record.model} on ${record.task}: no figures.`;
  const baseline = record.baselineMetrics?.[name];
  const verdict = compareFigures(name, figure, baseline);
  const value = figure.value === null ? 'not determined' : formatNumber(figure.value);
  const interval =
    figure.low === undefined || figure.high === undefined
      ? ''
      : ` [${formatNumber(figure.low)}, ${formatNumber(figure.high)}]`;
  const against =
    verdict === 'no baseline'
      ? 'no baseline to compare with'
      : `${verdict === 'no clear difference' ? verdict : `clearly ${verdict}`} than ${record.baseline ?? 'the baseline'} at ${formatNumber(baseline!.value!)}`;
  return `${record.model} on ${record.task}: ${name.replaceAll('_', ' ')} ${value}${interval}, ${against.replace('difference than', 'difference to')}.`;
}
