import { formatFigure } from './format-figure.ts';
import type { Figure } from './record-parts.ts';

/** What people ask for first; records keep metrics by name, not by weight. */
const byWeight = [
  'exact_match',
  'accuracy',
  'token_f1',
  'rougeL',
  'bleu',
  'perplexity',
  'validation_exact_match',
  'validation_loss',
  'train_loss',
];

/** The metric to name first, if there is any: one that the user wrote for the task, else by weight. */
export function headlineMetric(
  metrics: Readonly<Record<string, Figure>>,
): { name: string; figure: Figure } | undefined {
  const names = Object.keys(metrics);
  const own = names.find((candidate) => metrics[candidate]?.signature?.startsWith('function:'));
  const name = own ?? byWeight.find((candidate) => names.includes(candidate)) ?? names[0];
  return name === undefined ? undefined : { name, figure: metrics[name]! };
}

/** `exact match 0.931 [0.912, 0.948]`; undefined without metrics. */
export function headline(metrics: Readonly<Record<string, Figure>>): string | undefined {
  const first = headlineMetric(metrics);
  return first === undefined ? undefined : `${metricWords(first.name)} ${formatFigure(first.figure)}`;
}

/** `exact match` from `exact_match`, `same schedule` from `sameSchedule`. */
export function metricWords(name: string): string {
  return name.replaceAll('_', ' ').replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
}
