import { suggestion, UserError } from '../../errors.ts';
import { contentKey } from '../../jobs/key.ts';
import { builtInMetrics, metricGroups } from './built-in.ts';
import { type Metric, meanMetric } from './metric.ts';

/** A metric of the user's own: its name is the metric's. True and false count as 1 and 0. */
export type UserMetric = (prediction: string, reference: string) => number | boolean;

/** Names that `--metrics` takes. */
export const metricNames: readonly string[] = [...Object.keys(builtInMetrics), ...Object.keys(metricGroups)];

/**
 * The metrics that a list asks for: names, comma-separated names with options (`bleu(tokenize=zh)`) and functions.
 * Unknown names and options are UserErrors.
 */
export function chooseMetrics(wanted: string | UserMetric | readonly (string | UserMetric)[]): Metric[] {
  const list: readonly (string | UserMetric)[] = typeof wanted === 'object' ? wanted : [wanted];
  const metrics = list.flatMap((one) => (typeof one === 'function' ? [own(one)] : splitNames(one).flatMap(named)));
  if (metrics.length === 0) throw noMetrics();
  return metrics.filter((metric, i) => metrics.findIndex((other) => other.name === metric.name) === i);
}

/** Splits at the commas outside parentheses. */
function splitNames(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function named(text: string): Metric[] {
  const [, name = text, options] = /^([^()]+)\((.*)\)$/.exec(text) ?? [];
  const names = metricGroups[name] ?? [name];
  return names.map((one) => {
    const create = Object.hasOwn(builtInMetrics, one) ? builtInMetrics[one] : undefined;
    if (create === undefined) throw metricNotFound(name);
    const metric = create(options ?? '', text);
    return options === undefined
      ? metric
      : { ...metric, name: `${one}(${options})`, title: `${metric.title} (${options})` };
  });
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
