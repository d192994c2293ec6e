import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { initializeModel } from '../../../magics/engine/initialize.ts';
import { randomStream } from '../../../magics/engine/random.ts';
import { createTrainer } from '../../../magics/engine/trainer.ts';
import type { Batch, OptimizerOptions, Trainer, TrainerOptions } from '../../../magics/engine/types.ts';

/** A Llama with grouped-query attention that is small enough to differentiate numerically. */
export const tinyConfig = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 13,
  hidden_size: 12,
  intermediate_size: 20,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: false,
  eos_token_id: 1,
  hidden_act: 'silu',
};

export const optimizer: OptimizerOptions = {
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 0.05,
  maxGradientNorm: 1,
};

/** A GPT-2 of the same vocabulary. */
export const tinyGpt2 = {
  architectures: ['GPT2LMHeadModel'],
  model_type: 'gpt2',
  vocab_size: 13,
  n_embd: 32,
  n_layer: 2,
  n_head: 2,
  n_positions: 32,
  eos_token_id: 1,
};

/** A new model in a temporary folder. */
export async function tinyModel(changes: Record<string, unknown> = {}, seed = 1): Promise<string> {
  return modelOf({ ...tinyConfig, ...changes }, seed);
}

/** A new model of a config of any family, in a temporary folder. */
export async function modelOf(config: Record<string, unknown>, seed = 1): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tiny-model-'));
  await initializeModel(folder, config, seed);
  return folder;
}

/** A trainer of a tiny model on one thread of the processor. */
export async function tinyTrainer(changes: Partial<TrainerOptions> = {}): Promise<Trainer> {
  const modelFolder = changes.modelFolder ?? (await tinyModel());
  return createTrainer({ modelFolder, optimizer, seed: 3, device: 'cpu', threads: 1, ...changes });
}

/** Random tokens; the first positions of each row weigh a tenth, and the last ones nothing, like prompts and padding. */
export function tinyBatch(rows = 2, sequenceTokens = 6, seed = 7): Batch {
  const random = randomStream('batch', seed);
  const positions = rows * sequenceTokens;
  const token = () => Math.floor(random.uniform() * tinyConfig.vocab_size);
  const weightAt = (i: number) => [0.1, 0.1, 1, 1, 1, 0][Math.floor(((i % sequenceTokens) * 6) / sequenceTokens)]!;
  return {
    rows,
    sequenceTokens,
    inputIds: Int32Array.from({ length: positions }, token),
    labels: Int32Array.from({ length: positions }, token),
    weights: Float32Array.from({ length: positions }, (_, i) => weightAt(i)),
  };
}

export const allModules = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
