import type { ModelConfig } from '../config.ts';
import type { Graph, Value } from '../graph.ts';

/** A weight of a model: its name and shape in model.safetensors, and how a new model starts. */
export interface ParameterSpec {
  name: string;
  shape: readonly number[];
  /** Standard deviation of the normal distribution that it is drawn from (0: all zeros), or 'ones'. */
  initial: number | 'ones';
}

/** How linear modules store their weight: [output, input], or [input, output] as GPT-2 does. */
export type LinearLayout = 'output-input' | 'input-output';

/** An architecture, defined once: training and decoding hand it different builders. */
export interface ModelFamily {
  readonly architectures: readonly string[];
  /** First part of the names of all weights but the head's; files saved without the head leave it out. */
  readonly prefix: string;
  readonly linearLayout: LinearLayout;
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
  /** Position of each token in its sequence, int64 [rows, sequenceTokens]. */
  readonly positions: Value;
  weight(name: string): Value;
  /** The linear module of [tokens, input], with its bias and its adapter if it has them: [tokens, output]. */
  linear(x: Value, module: string): Value;
  /** Logits of hidden states [n, hidden] by an embedding table [vocabulary, hidden]: [n, vocabulary]. */
  unembed(hidden: Value, table: string): Value;
  /** Causal self-attention as `config.attention[layer]` says, from projections [tokens, heads * headSize] to the same shape. */
  attention(layer: number, query: Value, key: Value, value: Value): Value;
  /** Identity except in training with dropout. */
  dropout(x: Value): Value;
  /** build(x), of the shape of x: a layer, whose activations training may compute again instead of keeping them. */
  layer(x: Value, build: (x: Value) => Value): Value;
}
