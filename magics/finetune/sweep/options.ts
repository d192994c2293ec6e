import { z } from 'zod';
import { suggestion } from '../../errors.ts';
import { finetuneOptions, trainingConfig } from '../config.ts';
import { distributions, parametersSchema } from './parameters.ts';

const count = z.int().positive();

/** Metrics that a training reports at each evaluation, and which way is better. */
export const sweepMetrics = {
  validation_loss: 'minimize',
  validation_exact_match: 'maximize',
  train_loss: 'minimize',
} as const;
export type MetricName = keyof typeof sweepMetrics;

/** Options of `%finetune` that may differ between trials. */
const swept = [...Object.keys(trainingConfig.shape), 'base_model', 'prompt', 'target', 'data'];

const metric = keys('metric', {
  name: z.enum(Object.keys(sweepMetrics) as [MetricName, ...MetricName[]]).default('validation_loss'),
  goal: z.enum(['minimize', 'maximize']).optional().describe('default: what is better for the metric'),
  target: z.number().optional().describe('a value at which no new trial begins'),
});

const earlyTerminate = keys('early_terminate', {
  type: z.enum(['hyperband', 'successive_halving']).default('hyperband'),
  min_iter: count.optional().describe('evaluations before the first comparison'),
  max_iter: count.optional().describe('evaluations of a whole training, instead of min_iter'),
  s: count.optional().describe('comparisons, with max_iter'),
  eta: z.number().min(2).default(3).describe('one in eta trials goes on'),
  strict: z.literal(true, { error: 'only the best go on here: leave strict out, or set it to true' }).optional(),
}).refine((given) => (given.min_iter === undefined) !== (given.max_iter === undefined), {
  error: 'early_terminate needs min_iter or max_iter (one of them)',
});

const budget = z.union([
  z.number().positive(),
  keys('budget', {
    seconds: z.number().positive().optional(),
    cost: z.number().positive().optional(),
    cost_per_hour: z.number().positive().optional().describe('default: by the prices in llmops/jobs.json'),
  }).refine((given) => (given.seconds === undefined) !== (given.cost === undefined), {
    error: 'budget needs seconds or cost (one of them)',
  }),
]);

const method = z.enum(['grid', 'random'], {
  error: ({ input }) =>
    input === 'bayes'
      ? 'bayes is not offered: for the tens of trials that a machine can do, random with early_terminate finds as good a setting (Li et al. 2018). Use random.'
      : 'expected grid or random',
});

/** The options of `%%finetune sweep`: those of `%finetune`, which all trials share, and Weights & Biases' keys. */
export const sweepOptions = z.strictObject({
  ...finetuneOptions.shape,
  base_model: z.unknown().describe(finetuneOptions.shape.base_model.description ?? ''),
  method: method.describe('grid: every combination; random: run_cap draws'),
  metric: metric.prefault({}).describe('name (validation_loss, validation_exact_match, train_loss), goal, target'),
  parameters: parametersSchema(swept).describe(
    `option: { values: [...] }, { value }, or { min, max, distribution: ${distributions.slice(2).join(' | ')} }`,
  ),
  early_terminate: earlyTerminate
    .optional()
    .describe('successive halving: { type: hyperband, min_iter or max_iter, eta }'),
  run_cap: count.max(1000).optional().describe('most trials'),
  budget: budget
    .optional()
    .describe('seconds of training in all, or { cost }, by the prices in llmops/jobs.json or cost_per_hour'),
  parallel: count
    .max(1000)
    .optional()
    .describe('trials at the same time; default: 1 on this machine, all on a cluster'),
  description: z.string().optional().describe('kept in the record'),
});
export type SweepOptions = z.output<typeof sweepOptions>;

/** A strict object that names the nearest valid key when it refuses one. */
function keys<Shape extends z.ZodRawShape>(name: string, shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const [key = ''] = issue.keys as string[];
      return `${name} has no key "${key}".${suggestion(key, Object.keys(shape), 'Keys')}`;
    },
  });
}
