import { z } from 'zod';
import type { RotaryConfig } from './config.ts';

const positive = z.number().positive();

/** What config.json says of rotary positions, under `rope_parameters` (newer) or `rope_scaling` and `rope_theta`. */
export const rotaryFields = z.discriminatedUnion('rope_type', [
  z.looseObject({ rope_type: z.literal('default') }),
  z.looseObject({ rope_type: z.literal('linear'), factor: positive }),
  z.looseObject({ rope_type: z.literal('dynamic'), factor: positive }),
  z.looseObject({
    rope_type: z.literal('llama3'),
    factor: positive,
    low_freq_factor: positive,
    high_freq_factor: positive,
    original_max_position_embeddings: positive,
  }),
  z.looseObject({
    rope_type: z.literal('yarn'),
    factor: positive,
    attention_factor: positive.nullish(),
    beta_fast: positive.nullish(),
    beta_slow: positive.nullish(),
    mscale: positive.nullish(),
    mscale_all_dim: positive.nullish(),
    original_max_position_embeddings: positive,
    truncate: z.boolean().default(true),
  }),
]);
export type RotaryFields = z.output<typeof rotaryFields>;

/**
 * Frequencies theta^(-2i/D), i < D/2, scaled as `fields` say. The `dynamic` kind changes them only beyond the context
 * that the config gives, which is the longest that we run: within it they are the plain ones.
 */
export function rotaryFrequencies(fields: RotaryFields, theta: number, headSize: number): RotaryConfig {
  const plain = Array.from({ length: headSize / 2 }, (_, i) => Math.fround(1 / theta ** ((2 * i) / headSize)));
  switch (fields.rope_type) {
    case 'linear':
      return { frequencies: plain.map((frequency) => Math.fround(frequency / fields.factor)), attentionFactor: 1 };
    case 'llama3':
      return { frequencies: plain.map((frequency) => Math.fround(scaleLlama3(frequency, fields))), attentionFactor: 1 };
    case 'yarn':
      return { frequencies: scaleYarn(plain, theta, fields), attentionFactor: yarnAttentionFactor(fields) };
    default:
      return { frequencies: plain, attentionFactor: 1 };
  }
}

/** Llama 3.1: waves longer than the trained context are stretched by the factor, short ones stay, those between are blended. */
function scaleLlama3(frequency: number, fields: Extract<RotaryFields, { rope_type: 'llama3' }>): number {
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: trained } = fields;
  const wavesInContext = (trained * frequency) / (2 * Math.PI);
  const kept = Math.min(1, Math.max(0, (wavesInContext - low) / (high - low)));
  return ((1 - kept) * frequency) / factor + kept * frequency;
}

type Yarn = Extract<RotaryFields, { rope_type: 'yarn' }>;

/** YaRN (Peng et al. 2023): a ramp over the dimensions, from the plain frequencies to those divided by the factor. */
function scaleYarn(plain: readonly number[], theta: number, fields: Yarn): number[] {
  const headSize = 2 * plain.length;
  const dimensionOf = (rotations: number): number =>
    (headSize * Math.log(fields.original_max_position_embeddings / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const round = fields.truncate ? { down: Math.floor, up: Math.ceil } : { down: identity, up: identity };
  const low = Math.max(round.down(dimensionOf(fields.beta_fast ?? 32)), 0);
  const high = Math.min(round.up(dimensionOf(fields.beta_slow ?? 1)), headSize - 1);
  const width = low === high ? 0.001 : high - low;
  return plain.map((frequency, i) => {
    const stretched = Math.min(1, Math.max(0, (i - low) / width));
    return Math.fround((stretched * frequency) / fields.factor + (1 - stretched) * frequency);
  });
}

function yarnAttentionFactor({ attention_factor, factor, mscale, mscale_all_dim }: Yarn): number {
  const scaleOf = (weight: number): number => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
  if (attention_factor) return attention_factor;
  return mscale && mscale_all_dim ? scaleOf(mscale) / scaleOf(mscale_all_dim) : scaleOf(1);
}

function identity(value: number): number {
  return value;
}
