import { chartBundle } from '../../charts/bundle.ts';
import type { MagicContext } from '../../context.ts';
import { UserError } from '../../errors.ts';
import { headlineMetric } from '../../governance/headline.ts';
import { openStore } from '../../governance/open-store.ts';
import type { Figure } from '../../governance/record-parts.ts';
import type { EvalRecord } from '../../governance/records.ts';
import { chooseMetrics, metricNames } from '../metrics/choose.ts';
import { type Metric, meanMetric } from '../metrics/metric.ts';
import { type RecordedSamples, readEvaluation } from '../read-evaluation.ts';
import { compareSamples, type Difference, scoreSamples } from '../score.ts';
import type { SampleResult } from '../score-answers.ts';
import { randomisationPValue } from '../significance.ts';
import { comparisonBundle, comparisonChart } from './display.ts';
import type { CompareOptions } from './options.ts';
import { checkSignatures, metricSignature } from './signatures.ts';

/** One question with both answers. */
export interface ChangedSample {
  input: string;
  reference: string;
  first: string;
  second: string;
  /** Scores by the first metric that both have; null where undetermined. */
  scores: [number | null, number | null];
}

/** How a metric of two evaluations differs: second minus first. */
export interface ComparedMetric {
  metric: Metric;
  first: Figure;
  second: Figure;
  /** Null where it cannot be tested, because the figure needs more than the recorded answers. */
  difference: Difference | null;
}

/** Two evaluations of the same questions. */
export interface Comparison {
  readonly first: EvalRecord;
  readonly second: EvalRecord;
  readonly metrics: readonly ComparedMetric[];
  /** Samples whose score rose, fell, or whose answer alone changed. */
  readonly fixed: readonly ChangedSample[];
  readonly broken: readonly ChangedSample[];
  readonly changed: readonly ChangedSample[];
}

/** Compares two recorded evaluations, figure by figure and answer by answer. */
export async function compare(options: CompareOptions, context: MagicContext): Promise<Comparison> {
  const store = await openStore(context.folder);
  const [first, second] = [await readEvaluation(options.first, store), await readEvaluation(options.second, store)];
  checkQuestions(first, second);
  const names = Object.keys(first.record.metrics).filter((name) => second.record.metrics[name] !== undefined);
  if (names.length === 0) throw nothingInCommon(first.record, second.record);
  const head = headlineMetric(Object.fromEntries(names.map((name) => [name, first.record.metrics[name]!])))?.name;
  names.sort((a, b) => Number(b === head) - Number(a === head));
  const metrics = names.map((name) => compareMetric(name, first, second, options));
  const comparison = {
    first: first.record,
    second: second.record,
    metrics,
    ...changes(names[0]!, metrics[0]!.metric, first, second),
  };
  context.display(comparisonBundle(comparison));
  const chart = comparisonChart(comparison);
  if (chart !== undefined) context.display(await chartBundle(chart));
  return comparison;
}

function compareMetric(
  name: string,
  first: RecordedSamples,
  second: RecordedSamples,
  { seed, test }: CompareOptions,
): ComparedMetric {
  const figures = { first: first.record.metrics[name]!, second: second.record.metrics[name]! };
  checkSignatures(name, { [first.record.id]: figures.first, [second.record.id]: figures.second });
  const metric = metricOf(name, figures.first.signature);
  if (![first, second].every((one) => isReproduced(metric, one))) return { metric, ...figures, difference: null };
  const difference = compareSamples([metric], second.samples, first.samples, { seed })[name]!;
  if (test === 'bootstrap') return { metric, ...figures, difference };
  const pValue = randomisationPValue(metric, second.samples, first.samples, { seed });
  const signature = `${metric.signature}|ar:10000|seed:${seed}|paired`;
  return { metric, ...figures, difference: { ...difference, pValue, signature } };
}

/** The built-in metric of that name if it is still computed in the same way, else the mean of the recorded scores. */
function metricOf(name: string, signature: string | undefined): Metric {
  const [known] = metricNames.includes(name.replace(/\(.*/, '')) ? chooseMetrics(name) : [];
  if (known !== undefined && known.signature === metricSignature(signature)) return known;
  return meanMetric({
    name,
    title: known?.title ?? name,
    unit: known?.unit ?? 'ratio',
    better: known?.better,
    signature: metricSignature(signature),
    isProportion: false,
    score: (sample) => (sample as SampleResult).scores?.[name] ?? null,
  });
}

/** Whether the recorded answers alone give the recorded figure. */
function isReproduced(metric: Metric, { record, samples }: RecordedSamples): boolean {
  const again = scoreSamples([metric], samples, { seed: 0, resamples: 1 })[metric.name]!.value;
  const before = record.metrics[metric.name]!.value;
  return again !== null && before !== null && Math.abs(again - before) < 1e-9;
}

function changes(name: string, metric: Metric, first: RecordedSamples, second: RecordedSamples) {
  const all = first.samples.map((sample, i): ChangedSample => {
    const other = second.samples[i]!;
    const scores: [number | null, number | null] = [sample.scores[name] ?? null, other.scores[name] ?? null];
    return {
      input: sample.input,
      reference: sample.reference,
      first: sample.prediction,
      second: other.prediction,
      scores,
    };
  });
  const sign = metric.better === 'higher' ? 1 : -1;
  const gain = ({ scores: [a, b] }: ChangedSample) => (a === null || b === null ? 0 : sign * (b - a));
  return {
    fixed: all.filter((one) => gain(one) > 0).sort((a, b) => gain(b) - gain(a)),
    broken: all.filter((one) => gain(one) < 0).sort((a, b) => gain(a) - gain(b)),
    changed: all.filter((one) => gain(one) === 0 && one.first !== one.second),
  };
}

/** The same right answers to the same questions; prompts may ask the same rows in other words. */
function checkQuestions(first: RecordedSamples, second: RecordedSamples): void {
  const isSameData = testDigest(first) !== undefined && testDigest(first) === testDigest(second);
  const isSame =
    first.samples.length === second.samples.length &&
    first.samples.every(
      ({ input, reference }, i) =>
        reference === second.samples[i]!.reference && (isSameData || input === second.samples[i]!.input),
    );
  if (!isSame) throw questionsDiffer(first, second);
}

function testDigest({ record }: RecordedSamples): string | undefined {
  return record.inputs.find(({ role }) => role === 'test')?.digest;
}

function questionsDiffer(first: RecordedSamples, second: RecordedSamples): UserError {
  const what = ({ record, samples }: RecordedSamples) =>
    `"${record.id}" asked ${samples.length} questions of ${record.task}`;
  return new UserError(
    `${what(first)}, ${what(second)}, and they are not the same ones. Evaluate both models on the same data with the same prompt.`,
    { offending: second.record.id },
  );
}

function nothingInCommon(first: EvalRecord, second: EvalRecord): UserError {
  const names = (record: EvalRecord) => `${record.id} has ${Object.keys(record.metrics).join(', ')}`;
  return new UserError(`The evaluations have no metric in common: ${names(first)}; ${names(second)}.`, {
    offending: second.id,
  });
}
