import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { initializeModel } from '../engine/initialize.ts';
import { loadTokenizer, trainTokenizer } from '../engine/tokenizer.ts';
import type { Tokenizer } from '../engine/types.ts';
import { UserError } from '../errors.ts';
import type { NewModel, TrainingConfig } from './config.ts';
import { type Document, textsOf } from './documents.ts';
import type { FinetunePayload } from './payload.ts';

/** The model to train, as a folder, and its tokenizer. A new one is made in `folder`, the same for the same data and seed. */
export async function prepareBase(
  base: FinetunePayload['base'],
  folder: string,
  documents: readonly Document[],
  config: TrainingConfig,
): Promise<{ folder: string; tokenizer: Tokenizer }> {
  if ('folder' in base) return { folder: base.folder, tokenizer: await loadTokenizer(base.folder) };
  const tokenizer = trainTokenizer(documents.flatMap(textsOf), {
    vocabularySize: base.create.vocab_size,
    lowercase: base.create.tokenizer.lowercase,
    pattern: base.create.tokenizer.pattern,
    minFrequency: base.create.tokenizer.min_frequency,
    chatTemplate: base.create.tokenizer.chat_template,
    labels: config.label_tokens ? labelsOf(documents) : [],
  });
  const modelConfig = toModelConfig(base.create, tokenizer, config.sequence_len);
  await mkdir(folder, { recursive: true });
  await initializeModel(folder, modelConfig, config.seed);
  await tokenizer.save(folder);
  const { bos_token_id, eos_token_id, pad_token_id } = modelConfig;
  await writeFile(
    path.join(folder, 'generation_config.json'),
    `${JSON.stringify({ bos_token_id, eos_token_id, pad_token_id }, null, 2)}\n`,
  );
  return { folder, tokenizer };
}

/** config.json of a new model. */
export function toModelConfig(model: NewModel, tokenizer: Tokenizer, sequenceTokens: number): Record<string, unknown> {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: tokenizer.vocabularySize,
    hidden_size: model.hidden_size,
    intermediate_size: model.intermediate_size ?? Math.ceil((model.hidden_size * 8) / 3 / 8) * 8,
    num_hidden_layers: model.num_hidden_layers,
    num_attention_heads: model.num_attention_heads,
    num_key_value_heads: model.num_key_value_heads ?? model.num_attention_heads,
    max_position_embeddings: model.max_position_embeddings ?? sequenceTokens,
    hidden_act: 'silu',
    rms_norm_eps: model.rms_norm_eps,
    rope_theta: model.rope_theta,
    tie_word_embeddings: model.tie_word_embeddings,
    attention_bias: false,
    mlp_bias: false,
    bos_token_id: tokenizer.bosTokenId ?? null,
    eos_token_id: tokenizer.eosTokenId,
    pad_token_id: tokenizer.padTokenId,
    torch_dtype: 'float32',
    use_cache: true,
  };
}

/** The different answers, sorted. A UserError when they are too many to be labels. */
function labelsOf(documents: readonly Document[]): string[] {
  const labels = new Set(documents.flatMap((document) => ('answer' in document ? [document.answer] : [])));
  if (labels.size > maxLabels) throw tooManyLabels(labels.size);
  return [...labels].sort();
}

const maxLabels = 1000;

function tooManyLabels(count: number): UserError {
  return new UserError(
    `label_tokens gives every different answer a token of its own, and there are ${count} (${maxLabels} at most). Leave label_tokens out.`,
  );
}
