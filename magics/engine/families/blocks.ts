import type { ModelConfig } from '../config.ts';
import type { Value } from '../graph.ts';
import { softCap } from '../ops/activation.ts';
import { multiply } from '../ops/arithmetic.ts';
import { embedding } from '../ops/embedding.ts';
import { reshape } from '../ops/shape.ts';
import type { ModelBuilder } from './family.ts';

/** The pieces that families are put together from. Activations x are [tokens, hidden]. */

/** Rows of the table `weight` at ids [rows, sequenceTokens], as [tokens, hidden]. */
export function embed(builder: ModelBuilder, config: ModelConfig, weight: string, ids: Value): Value {
  const { graph } = builder;
  return reshape(graph, embedding(graph, builder.weight(weight), ids), [-1, config.hiddenSize]);
}

/** x through all layers of the model, from the first on. */
export function eachLayer(
  builder: ModelBuilder,
  config: ModelConfig,
  x: Value,
  decoderLayer: (x: Value, layer: number) => Value,
): Value {
  const layers = Array.from({ length: config.layers }, (_, layer) => layer);
  return layers.reduce((y, layer) => builder.layer(y, (input) => decoderLayer(input, layer)), x);
}

/** Attention with a module each for queries, keys, values and output; `normalize` may treat queries and keys before they rotate. */
export function selfAttention(
  builder: ModelBuilder,
  layer: number,
  x: Value,
  module: string,
  normalize: { query?: (x: Value) => Value; key?: (x: Value) => Value } = {},
): Value {
  const { query = identity, key = identity } = normalize;
  const q = query(builder.linear(x, `${module}.q_proj`));
  const k = key(builder.linear(x, `${module}.k_proj`));
  const v = builder.linear(x, `${module}.v_proj`);
  return builder.linear(builder.attention(layer, q, k, v), `${module}.o_proj`);
}

/** down(activation(gate(x)) * up(x)) (Shazeer 2020). */
export function gatedFeedForward(
  builder: ModelBuilder,
  x: Value,
  module: string,
  activation: (graph: ModelBuilder['graph'], x: Value) => Value,
): Value {
  const gate = activation(builder.graph, builder.linear(x, `${module}.gate_proj`));
  return builder.linear(multiply(builder.graph, gate, builder.linear(x, `${module}.up_proj`)), `${module}.down_proj`);
}

/** Applies `norm`, which works on the last axis, to each head of x [tokens, heads * headSize]. */
export function perHead(builder: ModelBuilder, config: ModelConfig, x: Value, norm: (x: Value) => Value): Value {
  const { graph } = builder;
  return reshape(graph, norm(reshape(graph, x, [-1, config.headSize])), [-1, Number(x.shape[1])]);
}

/** Logits of hidden states: by the embedding table where it is tied, else by lm_head; soft-capped where the config says so. */
export function languageModelHead(
  builder: ModelBuilder,
  config: ModelConfig,
  embeddings: string,
  hidden: Value,
): Value {
  const { graph } = builder;
  const logits = config.tiedEmbeddings ? builder.unembed(hidden, embeddings) : builder.linear(hidden, 'lm_head');
  return config.logitSoftCap === undefined ? logits : softCap(graph, logits, config.logitSoftCap);
}

function identity(x: Value): Value {
  return x;
}
