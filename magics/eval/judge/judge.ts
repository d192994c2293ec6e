import type { MagicContext } from '../../context.ts';
import { UserError } from '../../errors.ts';
import { openStore } from '../../governance/open-store.ts';
import type { Evaluation } from '../../handles.ts';
import { contentKey } from '../../jobs/key.ts';
import { type AskedAnswer, askAll } from '../ask/ask-all.ts';
import { meanMetric, type Sample } from '../metrics/metric.ts';
import { type RecordedSamples, readEvaluation } from '../read-evaluation.ts';
import { scoreSamples } from '../score.ts';
import type { SampleResult } from '../score-answers.ts';
import { judgementBundle } from './display.ts';
import { type Agreement, cohenKappa } from './kappa.ts';
import type { JudgeOptions } from './options.ts';
import { isPositionBound, type Preference, pairwiseMessages, readVerdict, settle } from './pairwise.ts';
import { recordJudgement } from './record.ts';
import { readScore, rubricMessages } from './rubric.ts';

/** What a judge said of one answer. */
export interface JudgedSample extends SampleResult {
  /** The grade, or 1, 0.5 and 0 for the first, no or the second answer; null when the judge did not say. */
  score: number | null;
  /** What the judge wrote, both times in a comparison. */
  reasons: string[];
}

/** A finished judgement. */
export interface Judgement extends Evaluation {
  /** Samples that the judge gave no readable verdict on: null, never 0. */
  readonly undetermined: number;
  /** Comparisons that the judge decided by the answers' places. */
  readonly positionBound?: number;
  /** With the grades of people. */
  readonly agreement?: Agreement;
  /** Calls that were answered before and cost nothing. */
  readonly cached: number;
}

/** Grades the answers of an evaluation by a model, or compares them with another evaluation's, and records it. */
export async function judge(options: JudgeOptions, context: MagicContext): Promise<Judgement> {
  const store = await openStore(context.folder);
  const first = await readEvaluation(options.evaluation, store);
  const second = options.against === undefined ? undefined : await readEvaluation(options.against, store);
  const samples = first.samples.slice(0, options.limit);
  checkHuman(options.human, samples.length);
  const verdicts =
    second === undefined ? await grade(samples, options, context) : await compare(samples, second, options, context);
  const metric = metricOf(verdicts, options, second !== undefined);
  const metrics = scoreSamples([metric], verdicts.samples, { seed: options.seed });
  const agreement =
    options.human && cohenKappa(verdicts.grades, options.human, second === undefined ? 'quadratic' : 'none');
  const { record, commit } = await recordJudgement(
    { base: first.record, judge: verdicts.judge, metrics, samples: verdicts.samples, options, agreement },
    store,
    context,
  );
  const judgement: Judgement = {
    id: record.id,
    model: record.model,
    metrics,
    commit,
    undetermined: verdicts.samples.filter(({ score }) => score === null).length,
    ...(verdicts.positionBound !== undefined && { positionBound: verdicts.positionBound }),
    ...(agreement && { agreement }),
    cached: verdicts.answers.filter(({ cached }) => cached).length,
  };
  context.display(judgementBundle(judgement, verdicts.samples, metric, verdicts));
  return judgement;
}

/** What came of asking a judge. */
export interface Verdicts {
  judge: string;
  samples: JudgedSample[];
  /** As people are asked to give them, for the agreement. */
  grades: (number | string | null)[];
  answers: readonly AskedAnswer[];
  positionBound?: number;
}

async function grade(
  samples: readonly SampleResult[],
  options: JudgeOptions,
  context: MagicContext,
): Promise<Verdicts> {
  const scale = options.scale.split(/(?<=\d)-/).map(Number) as [number, number];
  const rubric = { criterion: options.rubric, scale };
  const { name, answers } = await askAll(
    samples.map(({ input, prediction, reference }) => rubricMessages(rubric, { input, answer: prediction, reference })),
    { ...options, model: options.by },
    context,
  );
  const scores = answers.map(({ text }) => readScore(text, scale));
  const judged = samples.map((sample, i) => ({ ...sample, score: scores[i]!, reasons: [answers[i]!.text] }));
  return { judge: name, samples: judged, grades: scores, answers };
}

async function compare(
  samples: readonly SampleResult[],
  second: RecordedSamples,
  options: JudgeOptions,
  context: MagicContext,
): Promise<Verdicts> {
  const others = samples.map((sample, i) => otherAnswer(sample, second, i));
  const asked = samples.flatMap((sample, i) => [
    pairwiseMessages(options.rubric, sample, sample.prediction, others[i]!),
    pairwiseMessages(options.rubric, sample, others[i]!, sample.prediction),
  ]);
  const { name, answers } = await askAll(asked, { ...options, model: options.by }, context);
  const verdicts = answers.map(({ text }) => readVerdict(text));
  const pairs = samples.map((_, i) => [verdicts[2 * i]!, verdicts[2 * i + 1]!] as const);
  const settled = pairs.map(([straight, swapped]) => settle(straight ?? null, swapped ?? null));
  return {
    judge: name,
    samples: samples.map((sample, i) => ({
      ...sample,
      baseline: others[i]!,
      score: pointsOf(settled[i]!),
      reasons: [answers[2 * i]!.text, answers[2 * i + 1]!.text],
    })),
    grades: settled,
    answers,
    positionBound: pairs.filter(([straight, swapped]) => isPositionBound(straight ?? null, swapped ?? null)).length,
  };
}

function pointsOf(preference: Preference): number | null {
  if (preference === null) return null;
  return preference === 'first' ? 1 : preference === 'second' ? 0 : 0.5;
}

function otherAnswer(sample: SampleResult, { record, samples }: RecordedSamples, place: number): string {
  const other = samples[place];
  if (other?.input !== sample.input) throw questionsDiffer(record.id, place);
  return other.prediction;
}

function metricOf({ judge: name, samples }: Verdicts, { rubric, scale }: JudgeOptions, isComparison: boolean) {
  const scores = new Map<Sample, number | null>(samples.map((sample) => [sample, sample.score]));
  const digest = contentKey(rubric).slice('sha256:'.length, 'sha256:'.length + 8);
  return meanMetric({
    name: isComparison ? 'win_rate' : 'judge_score',
    title: isComparison ? 'wins by the judge' : 'judged score',
    unit: isComparison ? 'share' : 'ratio',
    isProportion: false,
    signature: `judge:${name}|rubric:${digest}|${isComparison ? 'pairwise:swapped, ties half' : `scale:${scale}`}`,
    score: (sample) => scores.get(sample) ?? null,
  });
}

function checkHuman(human: JudgeOptions['human'], samples: number): void {
  if (human !== undefined && human.length !== samples) throw humanGradesMissing(human.length, samples);
}

function humanGradesMissing(given: number, samples: number): UserError {
  return new UserError(
    `There are ${given} grades by people but ${samples} samples. Give one for each, null where nobody graded, or limit the samples with --limit ${given}.`,
  );
}

function questionsDiffer(id: string, place: number): UserError {
  return new UserError(
    `Evaluation "${id}" asked something else at sample ${place + 1}: only evaluations on the same data can be compared.`,
    { offending: id },
  );
}
