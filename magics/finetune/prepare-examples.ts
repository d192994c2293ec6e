import { shuffled } from '../dataset/random.ts';
import { type ModelConfig, readModelConfig } from '../engine/config.ts';
import { randomStream } from '../engine/random.ts';
import type { Tokenizer } from '../engine/types.ts';
import type { JobContext } from '../jobs/protocol.ts';
import { prepareBase } from './base.ts';
import { heldOutCount, positionsOf } from './batches.ts';
import { readSource } from './documents.ts';
import { noExamples, splitMessage, tooLongMessage } from './errors.ts';
import { createExamples, type Example } from './examples.ts';
import type { FinetunePayload } from './payload.ts';

/** What is trained: a model folder and sequences of tokens that fit its context. */
export interface Prepared {
  readonly folder: string;
  readonly modelConfig: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  /** Rows that were left out. */
  readonly tooLong: number;
  /** Positions that a row may have. */
  readonly longest: number;
}

/**
 * Rows -> documents -> sequences of tokens. Those longer than sequence_len or the model's context are left out and named;
 * UserError when none is left.
 */
export async function prepareExamples(
  { base, config, train: sources, validation: validationSources }: FinetunePayload,
  baseFolder: string,
  { emit, signal }: Pick<JobContext, 'emit' | 'signal'>,
): Promise<Prepared> {
  const documents = (await Promise.all(sources.map(readSource))).flat();
  const validationDocuments = (await Promise.all(validationSources.map(readSource))).flat();
  const { folder, tokenizer } = await prepareBase(base, baseFolder, documents, config);
  const modelConfig = await readModelConfig(folder);
  const longest = Math.min(config.sequence_len, modelConfig.contextTokens);
  const fits = (example: Example) => positionsOf(example) <= longest;
  const heldOut = heldOutCount(config.val_set_size, documents.length);
  const random = randomStream(config.seed, 'validation').uniform;
  const order = heldOut > 0 ? shuffled(documents, random) : documents;
  const promptWeight = config.train_on_inputs ? 1 : (config.prompt_loss_weight ?? 0);
  const readable = await createExamples(order.slice(heldOut), tokenizer, promptWeight, signal);
  const train = readable.examples.filter(fits);
  const tooLong = readable.examples.filter((example) => !fits(example));
  if (train.length === 0) throw noExamples(tooLong, longest);
  const warn = (text: string) => emit({ type: 'message', level: 'warning', text });
  if (tooLong.length > 0) warn(tooLongMessage(tooLong, longest));
  if (readable.splitConversations > 0) warn(splitMessage(readable.splitConversations));
  // Validation counts answers alone, whatever weight prompts have in training.
  const held = [...order.slice(0, heldOut), ...validationDocuments];
  const validation = (await createExamples(held, tokenizer, 0, signal)).examples.filter(fits);
  return { folder, modelConfig, tokenizer, train, validation, tooLong: tooLong.length, longest };
}
