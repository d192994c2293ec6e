import type { Figure } from '../governance/record-parts.ts';
import type { Sample } from './metrics/metric.ts';
import type { Prediction } from './payload.ts';
import type { Predictions } from './predict.ts';
import { compareSamples, type Difference, scoreSample, scoreSamples } from './score.ts';
import type { EvalSetting } from './setting.ts';
import type { MeasuredSimilarities } from './similarity/measure.ts';
import { type Slice, scoreSlices } from './slices.ts';

/** What the model, and the baseline where there is one, answered to the same requests. */
export interface Answers {
  readonly model: Predictions;
  readonly baseline?: Predictions;
  /** Of the model's answer to each request, and of the baseline's. */
  readonly similarity?: MeasuredSimilarities;
}

/** One asked row with what came of it. */
export interface SampleResult {
  input: string;
  reference: string;
  prediction: string;
  baseline?: string;
  /** The sample's own score by metric; null where undetermined. */
  scores: Record<string, number | null>;
}

/** Everything that an evaluation found out. */
export interface Scored {
  metrics: Record<string, Figure>;
  baselineMetrics?: Record<string, Figure>;
  differences?: Record<string, Difference>;
  slices: Slice[];
  samples: SampleResult[];
  /** Answers that ended at the token limit. */
  cut: number;
}

/** Figures with intervals, differences to the baseline, groups and per-sample scores. */
export function scoreAnswers(
  setting: Pick<EvalSetting, 'metrics' | 'requests' | 'rows' | 'slices' | 'seed'>,
  answers: Answers,
): Scored {
  const { metrics, requests, rows, slices, seed } = setting;
  const similarities = (place: number) => answers.similarity?.similarities.map((values) => values[place] ?? null);
  const samples = toSamples(setting, answers.model, similarities(0));
  const baseline = answers.baseline && toSamples(setting, answers.baseline, similarities(1));
  return {
    metrics: scoreSamples(metrics, samples, { seed }),
    ...(baseline && {
      baselineMetrics: scoreSamples(metrics, baseline, { seed }),
      differences: compareSamples(metrics, samples, baseline, { seed }),
    }),
    slices: scoreSlices(slices, metrics, rows, samples, { seed }),
    samples: samples.map((sample, i) => ({
      input: requests[i]!.messages.findLast((message) => message.role === 'user')?.content ?? '',
      reference: sample.reference,
      prediction: sample.prediction,
      ...(baseline && { baseline: baseline[i]!.prediction }),
      scores: Object.fromEntries(metrics.map((metric) => [metric.name, scoreSample(metric, sample)])),
    })),
    cut: answers.model.predictions.filter((prediction) => prediction.finishReason === 'length').length,
  };
}

/** The probability of the whole answer; null where the worker did not say. */
function confidenceOf({ logprob }: Prediction): number | null {
  return logprob === null ? null : Math.min(1, Math.exp(logprob));
}

function toSamples(
  { requests, rows }: Pick<EvalSetting, 'requests' | 'rows'>,
  { predictions }: Predictions,
  similarities: readonly (number | null)[] | undefined,
): Sample[] {
  return requests.map(({ reference }, i) => ({
    reference,
    prediction: predictions[i]!.text,
    referenceLogprob: predictions[i]!.referenceLogprob,
    referenceTokens: predictions[i]!.referenceTokens,
    confidence: confidenceOf(predictions[i]!),
    row: rows[i],
    similarity: similarities?.[i],
  }));
}
