import { z } from 'zod';
import type { ModelConfig } from '../config.ts';
import type { Value } from '../graph.ts';
import { gelu } from '../ops/activation.ts';
import { add } from '../ops/arithmetic.ts';
import { layerNorm } from '../ops/normalize.ts';
import { splitLast } from '../ops/shape.ts';
import { eachLayer, embed, languageModelHead } from './blocks.ts';
import { invalidConfig, parseFields, size, tokenIdList, tokenIds } from './config-fields.ts';
import type { ModelBuilder, ModelFamily, ParameterSpec } from './family.ts';
import { residualDivisor } from './parameters.ts';

/** GPT-2: LayerNorm before each block, learned positions, one module for queries, keys and values, GELU, biases everywhere. */
export const gpt2: ModelFamily = {
  architectures: ['GPT2LMHeadModel'],
  prefix: 'transformer.',
  linearLayout: 'input-output',
  parseConfig,
  parameters,
  hiddenStates,
  logits: (builder, config, hidden) => languageModelHead(builder, config, embeddings, hidden),
};

const embeddings = 'transformer.wte.weight';
const positionEmbeddings = 'transformer.wpe.weight';

function hiddenStates(builder: ModelBuilder, config: ModelConfig, inputIds: Value): Value {
  const { graph } = builder;
  const norm = (x: Value, name: string): Value =>
    layerNorm(graph, x, builder.weight(`${name}.weight`), builder.weight(`${name}.bias`), config.normEpsilon);
  const words = embed(builder, config, embeddings, inputIds);
  const places = embed(builder, config, positionEmbeddings, builder.positions);
  const decoderLayer = (x: Value, layer: number): Value => {
    const prefix = `transformer.h.${layer}`;
    const attended = attentionBlock(builder, layer, norm(x, `${prefix}.ln_1`), `${prefix}.attn`);
    const y = add(graph, x, builder.dropout(attended));
    return add(graph, y, builder.dropout(feedForward(builder, norm(y, `${prefix}.ln_2`), `${prefix}.mlp`)));
  };
  const embedded = builder.dropout(add(graph, words, places));
  return norm(eachLayer(builder, config, embedded, decoderLayer), 'transformer.ln_f');
}

function attentionBlock(builder: ModelBuilder, layer: number, x: Value, module: string): Value {
  const [query, key, value] = splitLast(builder.graph, builder.linear(x, `${module}.c_attn`), 3);
  return builder.linear(builder.attention(layer, query!, key!, value!), `${module}.c_proj`);
}

function feedForward(builder: ModelBuilder, x: Value, module: string): Value {
  return builder.linear(gelu(builder.graph, builder.linear(x, `${module}.c_fc`)), `${module}.c_proj`);
}

/** Linear weights are stored [input, output]. New ones start as in GPT-2's paper, but with variance 1 / input. */
function parameters(config: ModelConfig): ParameterSpec[] {
  const { hiddenSize, intermediateSize, vocabularySize, contextTokens } = config;
  const linear = (name: string, input: number, output: number, divisor = 1): ParameterSpec[] => [
    { name: `${name}.weight`, shape: [input, output], initial: 1 / Math.sqrt(input) / divisor },
    { name: `${name}.bias`, shape: [output], initial: 0 },
  ];
  const norm = (name: string): ParameterSpec[] => [
    { name: `${name}.weight`, shape: [hiddenSize], initial: 'ones' },
    { name: `${name}.bias`, shape: [hiddenSize], initial: 0 },
  ];
  const layers = Array.from({ length: config.layers }, (_, layer) => {
    const prefix = `transformer.h.${layer}`;
    return [
      ...norm(`${prefix}.ln_1`),
      ...linear(`${prefix}.attn.c_attn`, hiddenSize, 3 * hiddenSize),
      ...linear(`${prefix}.attn.c_proj`, hiddenSize, hiddenSize, residualDivisor(config)),
      ...norm(`${prefix}.ln_2`),
      ...linear(`${prefix}.mlp.c_fc`, hiddenSize, intermediateSize),
      ...linear(`${prefix}.mlp.c_proj`, intermediateSize, hiddenSize, residualDivisor(config)),
    ];
  });
  const initial = 1 / Math.sqrt(hiddenSize);
  return [
    { name: embeddings, shape: [vocabularySize, hiddenSize], initial },
    { name: positionEmbeddings, shape: [contextTokens, hiddenSize], initial: initial / 2 },
    ...layers.flat(),
    ...norm('transformer.ln_f'),
  ];
}

/** config.json with Hugging Face's defaults for what is left out. */
const schema = z.looseObject({
  architectures: z.array(z.string()),
  vocab_size: size.default(50_257),
  n_positions: size.default(1024),
  n_embd: size.default(768),
  n_layer: size.default(12),
  n_head: size.default(12),
  n_inner: size.nullish(),
  activation_function: z.literal(['gelu_new', 'gelu_pytorch_tanh']).default('gelu_new'),
  layer_norm_epsilon: z.number().positive().default(1e-5),
  scale_attn_weights: z.boolean().default(true),
  scale_attn_by_inverse_layer_idx: z.boolean().default(false),
  reorder_and_upcast_attn: z.boolean().optional(),
  add_cross_attention: z.literal(false).optional(),
  tie_word_embeddings: z.literal(true).optional(),
  eos_token_id: tokenIds,
});

function parseConfig(json: Record<string, unknown>, source: string): ModelConfig {
  const fields = parseFields(schema, json, source);
  const headSize = fields.n_embd / fields.n_head;
  if (!Number.isInteger(headSize)) {
    throw invalidConfig(source, `n_embd ${fields.n_embd} cannot be divided among n_head ${fields.n_head}.`);
  }
  const scale = fields.scale_attn_weights ? 1 / Math.sqrt(headSize) : 1;
  return {
    architecture: fields.architectures[0]!,
    vocabularySize: fields.vocab_size,
    hiddenSize: fields.n_embd,
    intermediateSize: fields.n_inner ?? 4 * fields.n_embd,
    layers: fields.n_layer,
    heads: fields.n_head,
    keyValueHeads: fields.n_head,
    headSize,
    normEpsilon: fields.layer_norm_epsilon,
    attention: Array.from({ length: fields.n_layer }, (_, layer) => ({
      scale: fields.scale_attn_by_inverse_layer_idx ? scale / (layer + 1) : scale,
    })),
    biasedModules: ['c_attn', 'c_proj', 'c_fc'],
    contextTokens: fields.n_positions,
    tiedEmbeddings: true,
    eosTokenIds: tokenIdList(fields.eos_token_id),
    json,
  };
}
