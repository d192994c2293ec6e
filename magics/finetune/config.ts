import { z } from 'zod';
import { type Dataset, isDataset } from '../dataset/dataset.ts';
import { nearest } from '../errors.ts';
import { recordName } from '../governance/record-parts.ts';
import type { ModelReference, Run } from '../handles.ts';
import { resourceOptions } from '../jobs/resources.ts';
import { isPrompt, type Prompt } from '../prompt/prompt.ts';

const count = z.int().positive();
const share = z.number().min(0).max(1);
const probability = z.number().min(0).lt(1);
const dataset = z.custom<string | Dataset>((value) => typeof value === 'string' || isDataset(value), {
  error: `expected a data set: its name, a file, or \${value}`,
});
const prompt = z.custom<string | Prompt>((value) => typeof value === 'string' || isPrompt(value), {
  error: `expected a prompt: its name, or \${value}`,
});

/** Who speaks in a conversation. */
export const roles = ['system', 'user', 'assistant', 'tool'] as const;

/** How the tokenizer of a new model is trained. */
export const tokenizerConfig = keysOf('tokenizer', {
  lowercase: z.boolean().default(false).describe('lower-case text before encoding'),
  pattern: z
    .enum(['gpt2', 'words'])
    .default('gpt2')
    .describe('gpt2, or words: digits, punctuation and spaces stay single tokens'),
  min_frequency: count.default(2).describe('pairs seen less often are not merged'),
  chat_template: z.string().optional().describe('Jinja; default: <|role|> before each message, <|end|> after it'),
});

/** A model trained from scratch, in config.json's own words. */
export const newModel = keysOf('base_model', {
  architecture: z.literal('llama').default('llama'),
  hidden_size: count,
  intermediate_size: count.optional().describe('default: 8/3 of hidden_size, a multiple of 8'),
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.optional(),
  vocab_size: count.describe('entries of the tokenizer that is trained on the data'),
  max_position_embeddings: count.optional().describe('context in tokens; default: sequence_len'),
  tie_word_embeddings: z.boolean().default(true),
  rope_theta: z.number().positive().default(10_000),
  rms_norm_eps: z.number().positive().default(1e-5),
  tokenizer: tokenizerConfig.prefault({}),
});
export type NewModel = z.output<typeof newModel>;

/** One data set and how its rows become training sequences. */
export const datasetEntry = keysOf('datasets', {
  path: dataset.describe(`name of a data set record, a file, or \${value} from an earlier cell`),
  prompt: prompt.optional().describe('prompt that renders each row; columns are its inputs'),
  target: z.string().optional().describe('column of the answer'),
  type: z
    .enum(['completion', 'chat_template', 'alpaca', 'input_output', 'prompt_completion'])
    .optional()
    .describe('shape of the rows when no prompt is given; default: seen from the columns'),
  field: z.string().optional().describe('column of the text (completion) or of the messages (chat_template)'),
  roles_to_train: z
    .array(z.enum(roles))
    .min(1)
    .optional()
    .describe('whose turns of a conversation are learned; default: [assistant]'),
});
export type DatasetEntry = z.output<typeof datasetEntry>;

/** What decides how weights move, apart from data and base: one part of a job's key. Keys are Axolotl's. */
const training = {
  adapter: z
    .enum(['lora', 'qlora', 'none'])
    .optional()
    .describe('lora, qlora (on a base in four bits), or none for full fine-tuning (default)'),
  load_in_4bit: z.boolean().optional().describe('keep the frozen base in four bits; what adapter: qlora means'),
  lora_r: count.default(16).describe('rank of the adapter'),
  lora_alpha: z.number().positive().default(32).describe('the adapter is scaled by lora_alpha / lora_r'),
  lora_dropout: probability.default(0).describe('dropout on the adapter input'),
  lora_target_modules: z
    .array(z.string())
    .min(1)
    .default(['all-linear'])
    .describe('modules that get an adapter: q_proj, v_proj, ... (GPT-2: c_attn, ...); default: all-linear'),
  lora_target_linear: z.boolean().optional().describe('true: every linear module gets an adapter, like all-linear'),
  sequence_len: count.default(512).describe('longest sequence in tokens; longer rows are left out and counted'),
  sample_packing: z.boolean().default(false).describe('fill rows of sequence_len with several sequences'),
  pad_to_sequence_len: z.boolean().optional().describe('pad packed rows to sequence_len, so that all have one shape'),
  gradient_checkpointing: z
    .boolean()
    .default(false)
    .describe('compute activations again for the gradients: less memory, a third more work'),
  micro_batch_size: count.default(16).describe('rows in a batch'),
  gradient_accumulation_steps: count.default(1).describe('batches in an optimizer step'),
  num_epochs: z.number().positive().optional().describe('passes over the data; default 1'),
  max_steps: count.optional().describe('optimizer steps; instead of num_epochs'),
  learning_rate: z.number().positive().default(1e-3).describe('after warm-up'),
  lr_scheduler: z.enum(['cosine', 'linear', 'constant']).default('cosine').describe('what follows the warm-up'),
  cosine_min_lr_ratio: share.default(0).describe('the cosine ends at this share of learning_rate'),
  warmup_steps: z.int().nonnegative().optional().describe('steps in which the learning rate rises'),
  warmup_ratio: share.optional().describe('the same as a share of all steps; default 0.05'),
  weight_decay: z.number().min(0).default(0.01).describe('of AdamW; never applied to norms'),
  adam_beta1: probability.default(0.9).describe("AdamW's beta1"),
  adam_beta2: probability.default(0.98).describe("AdamW's beta2"),
  adam_epsilon: z.number().positive().default(1e-8).describe("AdamW's epsilon"),
  max_grad_norm: z.number().min(0).default(1).describe('gradients are scaled down to this norm; 0: never'),
  dropout: probability.default(0).describe('on embeddings and residual branches, in full training'),
  word_dropout: probability.default(0).describe('share of the input words left out, anew in each epoch'),
  label_smoothing: probability.default(0).describe('probability mass spread over all tokens'),
  train_on_inputs: z.boolean().default(false).describe('count the prompt in the loss like the answer'),
  prompt_loss_weight: share.optional().describe('weight of prompt tokens in the loss; default 0'),
  label_tokens: z.boolean().default(false).describe('new models: one token for each different answer'),
  seed: z.int().nonnegative().default(42).describe('of new weights, adapters, dropout and the order of rows'),
  val_set_size: z.number().min(0).default(0).describe('share (below 1) or number of rows held out for validation'),
  eval_steps: count.optional().describe('steps between evaluations; default: about ten in all'),
  save_steps: count.optional().describe('steps between checkpoints; default: about five in all'),
  early_stopping_patience: count.optional().describe('evaluations without a lower validation loss before stopping'),
  load_best_model_at_end: z.boolean().optional().describe('keep the weights of the lowest validation loss'),
  engine: z
    .enum(['onnx', 'tfjs'])
    .optional()
    .describe('onnx (default), or tfjs: TensorFlow.js, slower unless on CUDA; for checking one against the other'),
  save_dtype: z.enum(['float32', 'float16']).default('float32').describe('precision of the saved weights'),
};

/** The settings that reach the worker. */
export const trainingConfig = z.strictObject(training);
export type TrainingConfig = z.output<typeof trainingConfig>;

const float32Only = z
  .literal([false, 'auto'], { error: 'training is in float32 only: leave this out, or set it to false or auto' })
  .optional();

const baseModel = z.unknown().transform((value, context): string | ModelReference | Run | NewModel => {
  if (typeof value === 'string' || isModel(value)) return value;
  const isSizes =
    typeof value === 'object' && value !== null && Object.keys(value).some((key) => key in newModel.shape);
  const parsed = newModel.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = isSizes ? parsed.error.issues : [{ message: `expected ${baseModelForms}`, path: [] }];
  for (const { message, path } of issues) context.addIssue({ code: 'custom', message, path });
  return z.NEVER;
});
const baseModelForms = `owner/name of the Hugging Face hub, a folder in its layout, name@v1.0.0, \${run}, or the sizes of a new model`;

/** Whether an adapter is trained, rather than all weights. */
export function hasAdapter({ adapter }: Pick<TrainingConfig, 'adapter'>): boolean {
  return adapter === 'lora' || adapter === 'qlora';
}

/** The options of `%finetune` and `%%finetune`. Unknown keys are errors. */
export const finetuneOptions = z.strictObject({
  base_model: baseModel.describe(baseModelForms),
  datasets: z.array(datasetEntry).min(1).optional().describe('what to train on: [{ path, prompt, target }]'),
  test_datasets: z.array(datasetEntry).min(1).optional().describe('what to validate on while training'),
  data: dataset.optional().describe('short for datasets with one entry: its path'),
  prompt: prompt.optional().describe('prompt of the entries that name none'),
  target: z.string().optional().describe('target of the entries that name none'),
  ...training,
  name: recordName.optional().describe('name of the model that is made; default: from the prompt and the adapter'),
  device: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('auto').describe('where to train'),
  ...resourceOptions,
  fresh: z.boolean().default(false).describe('train anew, even if the same run is finished or has a checkpoint'),
  bf16: float32Only.describe('not offered: weights are trained in float32'),
  fp16: float32Only.describe('not offered: weights are trained in float32'),
  as: z.string().optional().describe('variable that holds the run'),
});
export type FinetuneOptions = z.output<typeof finetuneOptions>;

function isModel(value: unknown): value is ModelReference | Run {
  return typeof value === 'object' && value !== null && ('folder' in value || 'model' in value);
}

/** A strict object that names the nearest valid key when it refuses one. */
function keysOf<Shape extends z.ZodRawShape>(name: string, shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const [key = ''] = issue.keys as string[];
      const near = nearest(key, Object.keys(shape));
      const hint = near === undefined ? `keys: ${Object.keys(shape).join(', ')}` : `the nearest is "${near}"`;
      return `${name} has no key "${key}"; ${hint}`;
    },
  });
}
