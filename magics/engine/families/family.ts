import type { ModelConfig } from '../config.ts';
import type { Graph, Value } from '../graph.ts';

/** A weight of a model: its name in model.safetensors, its shape, and how a new model starts. */
export interface ParameterSpec {
  name: string;
  shape: readonly number[];
  /** Standard deviation of the normal distribution that it is drawn from, or 'ones'. */
  initial: number | 'ones';
}

/** An architecture, defined once: training and decoding hand it different builders. */
export interface ModelFamily {
  readonly architectures: readonly string[];
  /** Checks config.json; UserError for features that the engine lacks. */
  parseConfig(json: Record<string, unknown>, source: string): ModelConfig;
  /** In the order in which they are written to model.safetensors. */
  parameters(config: ModelConfig): ParameterSpec[];
  /** Final normalized hidden states [tokens, hidden] of inputIds [rows, sequenceTokens]. */
  hiddenStates(builder: ModelBuilder, config: ModelConfig, inputIds: Value): Value;
  /** Logits [n, vocabulary] of hidden states [n, hidden]. */
  logits(builder: ModelBuilder, config: ModelConfig, hidden: Value): Value;
}

/** What a family builds with. Activations are matrices [tokens, width], tokens = rows * sequenceTokens. */
export interface ModelBuilder {
  readonly graph: Graph;
  weight(name: string): Value;
  /** x W^T for the module's weight [output, input], plus its adapter if there is one. */
  linear(x: Value, module: string): Value;
  /** Causal self-attention with rotary positions, from projections [tokens, heads * headSize] to the same shape. */
  attention(layer: number, query: Value, key: Value, value: Value): Value;
  /** Identity except in training with dropout. */
  dropout(x: Value): Value;
}
