import { z } from 'zod';
import { bleuTokenizers } from '../tokens/bleu-tokenizers.ts';
import { accuracyMetric } from './accuracy.ts';
import { aucMetric } from './auc.ts';
import { bitsPerByteMetric } from './bits-per-byte.ts';
import { bleuMetric, checkBleuTokenizer } from './bleu.ts';
import { calibrationMetric } from './calibration.ts';
import { chrfMetric } from './chrf.ts';
import { distinctMetric } from './distinct.ts';
import { exactMatchMetric } from './exact-match.ts';
import { fairnessMeasures, fairnessMetric } from './fairness-metrics.ts';
import { jsonMatchMetric, jsonValidMetric } from './json-validity.ts';
import { costMetric, latencyMetric, latencyP95Metric } from './latency.ts';
import { macroF1Metric } from './macro-f1.ts';
import { mccMetric } from './mcc.ts';
import type { Metric } from './metric.ts';
import { readMetricOptions } from './metric-options.ts';
import { perplexityMetric } from './perplexity.ts';
import { rougeMetrics } from './rouge.ts';
import { semanticSimilarityMetric, semanticSimilarityName } from './semantic-similarity.ts';
import { terMetric } from './ter.ts';
import { tokenF1Metric } from './token-f1.ts';

/** Makes a metric from the text between its parentheses; `asked` is the whole of what was asked for. */
type CreateMetric = (options: string, asked: string) => Metric;

const flag = z.stringbool().optional();

const exactMatchOptions = z.strictObject({
  trim: flag,
  ignoreCase: flag,
  ignorePunctuation: flag,
  ignoreNumbers: flag,
});

const bleuOptions = z.strictObject({
  tokenize: z.string().optional().describe(Object.keys(bleuTokenizers).join(', ')),
  lowercase: flag,
  smoothing: z.enum(['none', 'floor', 'add-k', 'exp']).optional(),
  smoothValue: z.coerce.number().positive().optional(),
  effectiveOrder: flag,
});

const chrfOptions = z.strictObject({
  characterOrder: z.coerce.number().int().min(1).max(12).optional(),
  wordOrder: z.coerce.number().int().min(0).max(6).optional(),
  beta: z.coerce.number().positive().optional(),
  lowercase: flag,
  whitespace: flag,
  epsilonSmoothing: flag,
});

const terOptions = z.strictObject({
  normalized: flag,
  noPunctuation: flag,
  asianSupport: flag,
  caseSensitive: flag,
});

const calibrationOptions = z.strictObject({ bins: z.coerce.number().int().min(1).max(1000).optional() });

const fairnessOptions = z.strictObject({
  column: z.string().describe('column that names the groups'),
  positive: z.string().describe('the favourable answer'),
});

const rougeOptions = z.strictObject({ stemmer: flag });

/** The metrics of `%eval` by name. */
export const builtInMetrics: Readonly<Record<string, CreateMetric>> = {
  exact_match: withOptions(exactMatchOptions, exactMatchMetric),
  accuracy: withoutOptions(accuracyMetric),
  macro_f1: withoutOptions(macroF1Metric),
  mcc: withoutOptions(mccMetric),
  auc: withoutOptions(aucMetric),
  ece: withOptions(calibrationOptions, calibrationMetric),
  token_f1: withoutOptions(tokenF1Metric),
  bleu: withOptions(bleuOptions, ({ tokenize, ...rest }) =>
    bleuMetric({ ...rest, tokenize: tokenize === undefined ? undefined : checkBleuTokenizer(tokenize) }),
  ),
  chrf: withOptions(chrfOptions, chrfMetric),
  'chrf++': withOptions(chrfOptions, (options) => chrfMetric({ wordOrder: 2, ...options })),
  ter: withOptions(terOptions, terMetric),
  ...Object.fromEntries(
    rougeMetrics().map(({ name }, i) => [name, withOptions(rougeOptions, (o) => rougeMetrics(o)[i]!)]),
  ),
  [semanticSimilarityName]: withoutOptions(semanticSimilarityMetric()),
  perplexity: withoutOptions(perplexityMetric),
  bits_per_byte: withoutOptions(bitsPerByteMetric),
  json_valid: withoutOptions(jsonValidMetric),
  json_match: withoutOptions(jsonMatchMetric),
  distinct1: withoutOptions(distinctMetric(1)),
  distinct2: withoutOptions(distinctMetric(2)),
  latency: withoutOptions(latencyMetric),
  latency_p95: withoutOptions(latencyP95Metric),
  cost: withoutOptions(costMetric),
  ...Object.fromEntries(
    Object.keys(fairnessMeasures).map((name) => [
      name,
      withOptions(fairnessOptions, (options) => fairnessMetric(name, options)),
    ]),
  ),
};

/** One name for several metrics. */
export const metricGroups: Readonly<Record<string, readonly string[]>> = {
  rouge: rougeMetrics().map((metric) => metric.name),
};

function withOptions<Schema extends z.ZodObject>(
  schema: Schema,
  create: (options: z.output<Schema>) => Metric,
): CreateMetric {
  return (options, asked) => create(readMetricOptions(schema, options, asked));
}

function withoutOptions(metric: Metric): CreateMetric {
  return (options, asked) => {
    readMetricOptions(z.strictObject({}), options, asked);
    return metric;
  };
}
