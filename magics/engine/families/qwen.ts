import { z } from 'zod';
import type { ModelConfig } from '../config.ts';
import type { Value } from '../graph.ts';
import { silu } from '../ops/activation.ts';
import { add } from '../ops/arithmetic.ts';
import { rmsNorm } from '../ops/normalize.ts';
import { eachLayer, embed, gatedFeedForward, languageModelHead, perHead, selfAttention } from './blocks.ts';
import { decoderConfig, decoderFields, parseFields, size } from './config-fields.ts';
import type { ModelBuilder, ModelFamily, ParameterSpec } from './family.ts';
import { gatedFeedForwardParameters, scale, selfAttentionParameters, wholeModel } from './parameters.ts';

/** Qwen2: Llama with biases on queries, keys and values. Qwen3: without them, but with queries and keys normalized per head. */
export const qwen: ModelFamily = {
  architectures: ['Qwen2ForCausalLM', 'Qwen3ForCausalLM'],
  prefix: 'model.',
  linearLayout: 'output-input',
  parseConfig,
  parameters,
  hiddenStates,
  logits: (builder, config, hidden) => languageModelHead(builder, config, embeddings, hidden),
};

const embeddings = 'model.embed_tokens.weight';

function hiddenStates(builder: ModelBuilder, config: ModelConfig, inputIds: Value): Value {
  const { graph } = builder;
  const norm = (x: Value, name: string): Value =>
    rmsNorm(graph, x, builder.weight(`${name}.weight`), config.normEpsilon);
  const headNorm = (name: string) => (x: Value) => perHead(builder, config, x, (heads) => norm(heads, name));
  const decoderLayer = (x: Value, layer: number): Value => {
    const prefix = `model.layers.${layer}`;
    const module = `${prefix}.self_attn`;
    const norms = isQwen3(config) ? { query: headNorm(`${module}.q_norm`), key: headNorm(`${module}.k_norm`) } : {};
    const attended = selfAttention(builder, layer, norm(x, `${prefix}.input_layernorm`), module, norms);
    const y = add(graph, x, builder.dropout(attended));
    const fed = gatedFeedForward(builder, norm(y, `${prefix}.post_attention_layernorm`), `${prefix}.mlp`, silu);
    return add(graph, y, builder.dropout(fed));
  };
  const embedded = builder.dropout(embed(builder, config, embeddings, inputIds));
  return norm(eachLayer(builder, config, embedded, decoderLayer), 'model.norm');
}

function parameters(config: ModelConfig): ParameterSpec[] {
  const norm = (name: string): ParameterSpec => scale(name, config.hiddenSize);
  const headNorms = (module: string): ParameterSpec[] =>
    isQwen3(config) ? ['q_norm', 'k_norm'].map((name) => scale(`${module}.${name}`, config.headSize)) : [];
  return wholeModel(
    config,
    (prefix) => [
      norm(`${prefix}.input_layernorm`),
      ...selfAttentionParameters(config, `${prefix}.self_attn`),
      ...headNorms(`${prefix}.self_attn`),
      norm(`${prefix}.post_attention_layernorm`),
      ...gatedFeedForwardParameters(config, `${prefix}.mlp`),
    ],
    norm('model.norm'),
  );
}

const schema = z.looseObject({
  ...decoderFields,
  hidden_act: z.literal('silu').default('silu'),
  max_position_embeddings: size.default(32_768),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  use_sliding_window: z.boolean().default(false),
  max_window_layers: z.int().nonnegative().default(28),
});

/** Qwen3's head size is 128 where config.json is silent, whatever the other sizes. */
function parseConfig(json: Record<string, unknown>, source: string): ModelConfig {
  const fields = parseFields(schema, json, source);
  const isThird = fields.architectures[0] === 'Qwen3ForCausalLM';
  const withHeadSize = { ...fields, head_dim: isThird ? (fields.head_dim ?? 128) : fields.head_dim };
  const biased = isThird ? (fields.attention_bias ? ['q_proj', 'k_proj', 'v_proj', 'o_proj'] : []) : qwen2Biases;
  return decoderConfig(withHeadSize, json, source, {
    contextTokens: fields.max_position_embeddings,
    windowOf: (layer) => {
      const kind = layer >= fields.max_window_layers ? 'sliding_attention' : 'full_attention';
      const isSliding = fields.use_sliding_window && (fields.layer_types?.[layer] ?? kind) === 'sliding_attention';
      return isSliding ? (fields.sliding_window ?? 4096) : undefined;
    },
    tiedEmbeddings: fields.tie_word_embeddings,
    biasedModules: biased,
  });
}

const qwen2Biases = ['q_proj', 'k_proj', 'v_proj'];

function isQwen3({ architecture }: ModelConfig): boolean {
  return architecture === 'Qwen3ForCausalLM';
}
