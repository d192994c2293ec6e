import type { ModelConfig } from '../config.ts';
import type { ParameterSpec } from './family.ts';

/** A vector of the hidden size that a norm multiplies with. */
export function scale(name: string, size: number, initial: 'ones' | 0 = 'ones'): ParameterSpec {
  return { name: `${name}.weight`, shape: [size], initial };
}

/**
 * The weight [output, input] of a linear module, and its bias where the config says so. New weights are normal with
 * variance 1 / input, so that activations keep their scale in small models too; `divisor` makes them smaller.
 */
export function linear(config: ModelConfig, name: string, output: number, input: number, divisor = 1): ParameterSpec[] {
  const weight: ParameterSpec = {
    name: `${name}.weight`,
    shape: [output, input],
    initial: 1 / Math.sqrt(input) / divisor,
  };
  const isBiased = config.biasedModules.includes(name.split('.').at(-1)!);
  return isBiased ? [weight, { name: `${name}.bias`, shape: [output], initial: 0 }] : [weight];
}

/** Weights of `selfAttention`. The projection back into the residual stream starts smaller by sqrt(2 * layers), as in GPT-2. */
export function selfAttentionParameters(config: ModelConfig, module: string): ParameterSpec[] {
  const { hiddenSize } = config;
  const attentionSize = config.heads * config.headSize;
  const keyValueSize = config.keyValueHeads * config.headSize;
  return [
    ...linear(config, `${module}.q_proj`, attentionSize, hiddenSize),
    ...linear(config, `${module}.k_proj`, keyValueSize, hiddenSize),
    ...linear(config, `${module}.v_proj`, keyValueSize, hiddenSize),
    ...linear(config, `${module}.o_proj`, hiddenSize, attentionSize, residualDivisor(config)),
  ];
}

/** Weights of `gatedFeedForward`. */
export function gatedFeedForwardParameters(config: ModelConfig, module: string): ParameterSpec[] {
  const { hiddenSize, intermediateSize } = config;
  return [
    ...linear(config, `${module}.gate_proj`, intermediateSize, hiddenSize),
    ...linear(config, `${module}.up_proj`, intermediateSize, hiddenSize),
    ...linear(config, `${module}.down_proj`, hiddenSize, intermediateSize, residualDivisor(config)),
  ];
}

/** The embedding table, the layers, the final norm, and lm_head where it is not the embedding table. */
export function wholeModel(
  config: ModelConfig,
  layerOf: (prefix: string) => ParameterSpec[],
  finalNorm: ParameterSpec,
): ParameterSpec[] {
  const { hiddenSize, vocabularySize } = config;
  const layers = Array.from({ length: config.layers }, (_, layer) => layerOf(`model.layers.${layer}`));
  const head = config.tiedEmbeddings ? [] : linear(config, 'lm_head', vocabularySize, hiddenSize);
  return [
    { name: 'model.embed_tokens.weight', shape: [vocabularySize, hiddenSize], initial: 1 / Math.sqrt(hiddenSize) },
    ...layers.flat(),
    finalNorm,
    ...head,
  ];
}

export function residualDivisor({ layers }: ModelConfig): number {
  return Math.sqrt(2 * layers);
}
