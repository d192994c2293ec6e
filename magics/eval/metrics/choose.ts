import { suggestion, UserError } from '../../errors.ts';
import { contentKey } from '../../jobs/key.ts';
import { accuracyMetric } from './accuracy.ts';
import { bleuMetric } from './bleu.ts';
import { exactMatchMetric } from './exact-match.ts';
import { type Metric, meanMetric } from './metric.ts';
import { perplexityMetric } from './perplexity.ts';
import { rougeMetrics } from './rouge.ts';
import { tokenF1Metric } from './token-f1.ts';

/** A metric of the user's own: its name is the metric's. True and false count as 1 and 0. */
export type UserMetric = (prediction: string, reference: string) => number | boolean;

const builtIn: readonly Metric[] = [
  exactMatchMetric(),
  accuracyMetric,
  tokenF1Metric,
  bleuMetric,
  ...rougeMetrics,
  perplexityMetric,
];
/** One name for several metrics. */
const groups: Readonly<Record<string, readonly string[]>> = { rouge: rougeMetrics.map((metric) => metric.name) };

/** Names that `--metrics` takes. */
export const metricNames: readonly string[] = [...builtIn.map((metric) => metric.name), ...Object.keys(groups)];

/** The metrics that a list asks for: names, comma-separated names and functions. Unknown names are UserErrors. */
export function chooseMetrics(wanted: string | UserMetric | (string | UserMetric)[]): Metric[] {
  const list: readonly (string | UserMetric)[] = Array.isArray(wanted) ? wanted : [wanted];
  const metrics = list.flatMap((one) => (typeof one === 'function' ? [own(one)] : one.split(',').flatMap(named)));
  if (metrics.length === 0) throw noMetrics();
  return metrics.filter((metric, i) => metrics.findIndex((other) => other.name === metric.name) === i);
}

function named(text: string): Metric[] {
  const name = text.trim();
  if (name === '') return [];
  const found = builtIn.filter((metric) => (groups[name] ?? [name]).includes(metric.name));
  if (found.length === 0) throw metricNotFound(name);
  return found;
}

/**
 * A user's function as a metric. Where it throws or gives no finite number, the sample is undetermined.
 * A function that only ever says true or false gives a share.
 */
function own(judge: UserMetric): Metric {
  if (judge.name === '') throw metricWithoutName();
  let isTruth = true;
  const metric = meanMetric({
    name: judge.name,
    title: judge.name,
    signature: `function:${judge.name}|source:${contentKey(judge.toString()).slice('sha256:'.length, 'sha256:'.length + 8)}`,
    isProportion: false,
    score({ prediction, reference }) {
      const value = attempt(() => judge(prediction, reference));
      if (value !== null && typeof value !== 'boolean') isTruth = false;
      return value === null || !Number.isFinite(Number(value)) ? null : Number(value);
    },
  });
  return Object.defineProperties(metric, {
    unit: { get: () => (isTruth ? 'share' : 'ratio') },
    isProportion: { get: () => isTruth },
  });
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

function metricNotFound(name: string): UserError {
  return new UserError(
    `There is no metric "${name}".${suggestion(name, metricNames, 'Metrics')} A function of your own goes in as \${name}.`,
    { offending: name },
  );
}

function metricWithoutName(): UserError {
  return new UserError(
    'A metric function needs a name, because its figures go by it: function sameHour(prediction, reference) { ... }.',
  );
}

function noMetrics(): UserError {
  return new UserError(`No metric was named. Metrics: ${metricNames.join(', ')}.`);
}
