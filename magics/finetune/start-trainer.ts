import { createTrainer } from '../engine/trainer.ts';
import type { AdapterOptions, Device, Trainer } from '../engine/types.ts';
import { hasAdapter, type TrainingConfig } from './config.ts';

/** What a training needs besides its config. */
export interface TrainerInput {
  readonly modelFolder: string;
  readonly longestTokens: number;
  readonly attentionBlockSize: number;
  readonly device?: string;
  readonly packsWeights: boolean;
}

/** Loads the model into the engine that the config names, with the config's optimizer and adapter. */
export async function startTrainer(config: TrainingConfig, { device, ...input }: TrainerInput): Promise<Trainer> {
  const create =
    config.engine === 'tfjs' ? (await import('../engine/tfjs/trainer.ts')).createTfjsTrainer : createTrainer;
  return create({
    ...input,
    ...weightsOf(config),
    optimizer: {
      beta1: config.adam_beta1,
      beta2: config.adam_beta2,
      epsilon: config.adam_epsilon,
      weightDecay: config.weight_decay,
      maxGradientNorm: config.max_grad_norm,
    },
    seed: config.seed,
    device: device as Device | 'auto' | undefined,
    dropout: config.dropout,
    labelSmoothing: config.label_smoothing,
  });
}

/** Which weights are trained and what is kept of the others: it decides most of the memory. */
export function weightsOf(config: TrainingConfig) {
  return {
    adapter: adapterOf(config),
    quantized: config.adapter === 'qlora',
    recomputesLayers: config.gradient_checkpointing,
  };
}

function adapterOf(config: TrainingConfig): AdapterOptions | undefined {
  if (!hasAdapter(config)) return undefined;
  return {
    rank: config.lora_r,
    alpha: config.lora_alpha,
    dropout: config.lora_dropout,
    targetModules: config.lora_target_linear === true ? ['all-linear'] : config.lora_target_modules,
  };
}
