import { z } from 'zod';
import type { ModelConfig } from '../config.ts';
import type { Value } from '../graph.ts';
import { silu } from '../ops/activation.ts';
import { add } from '../ops/arithmetic.ts';
import { rmsNorm } from '../ops/normalize.ts';
import { eachLayer, embed, gatedFeedForward, languageModelHead, selfAttention } from './blocks.ts';
import { decoderConfig, decoderFields, parseFields, size } from './config-fields.ts';
import type { ModelBuilder, ModelFamily, ParameterSpec } from './family.ts';
import { gatedFeedForwardParameters, scale, selfAttentionParameters, wholeModel } from './parameters.ts';

/** Llama: RMSNorm before each block, rotary positions, grouped-query attention, SwiGLU. Mistral is the same in other words. */
export const llama: ModelFamily = {
  architectures: ['LlamaForCausalLM', 'MistralForCausalLM'],
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
  const decoderLayer = (x: Value, layer: number): Value => {
    const prefix = `model.layers.${layer}`;
    const attended = selfAttention(builder, layer, norm(x, `${prefix}.input_layernorm`), `${prefix}.self_attn`);
    const y = add(graph, x, builder.dropout(attended));
    const fed = gatedFeedForward(builder, norm(y, `${prefix}.post_attention_layernorm`), `${prefix}.mlp`, silu);
    return add(graph, y, builder.dropout(fed));
  };
  const embedded = builder.dropout(embed(builder, config, embeddings, inputIds));
  return norm(eachLayer(builder, config, embedded, decoderLayer), 'model.norm');
}

function parameters(config: ModelConfig): ParameterSpec[] {
  const norm = (name: string): ParameterSpec => scale(name, config.hiddenSize);
  return wholeModel(
    config,
    (prefix) => [
      norm(`${prefix}.input_layernorm`),
      ...selfAttentionParameters(config, `${prefix}.self_attn`),
      norm(`${prefix}.post_attention_layernorm`),
      ...gatedFeedForwardParameters(config, `${prefix}.mlp`),
    ],
    norm('model.norm'),
  );
}

const schema = z.looseObject({
  ...decoderFields,
  hidden_act: z.literal('silu').default('silu'),
  max_position_embeddings: size.optional(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
});

/** Mistral's window is 4096 where config.json is silent, and none where it says null; Llama has none. */
function parseConfig(json: Record<string, unknown>, source: string): ModelConfig {
  const fields = parseFields(schema, json, source);
  const isMistral = fields.architectures[0] === 'MistralForCausalLM';
  const window = fields.sliding_window === undefined ? 4096 : (fields.sliding_window ?? undefined);
  return decoderConfig(fields, json, source, {
    contextTokens: fields.max_position_embeddings ?? (isMistral ? 131_072 : 2048),
    windowOf: isMistral ? () => window : undefined,
    tiedEmbeddings: fields.tie_word_embeddings,
    biasedModules: [
      ...(fields.attention_bias ? ['q_proj', 'k_proj', 'v_proj', 'o_proj'] : []),
      ...(fields.mlp_bias ? ['gate_proj', 'up_proj', 'down_proj'] : []),
    ],
  });
}
