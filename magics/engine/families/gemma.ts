import { z } from 'zod';
import type { ModelConfig } from '../config.ts';
import type { Value } from '../graph.ts';
import { gelu } from '../ops/activation.ts';
import { add, multiply } from '../ops/arithmetic.ts';
import { rmsNorm } from '../ops/normalize.ts';
import { eachLayer, embed, gatedFeedForward, languageModelHead, perHead, selfAttention } from './blocks.ts';
import { decoderConfig, decoderFields, parseFields, rotaryConfig, size } from './config-fields.ts';
import type { ModelBuilder, ModelFamily, ParameterSpec } from './family.ts';
import { gatedFeedForwardParameters, scale, selfAttentionParameters, wholeModel } from './parameters.ts';

/**
 * Gemma: Llama with scaled embeddings, GeGLU and norms that multiply by 1 + weight. Gemma 2 also normalizes what a block
 * gives back, and caps scores and logits; Gemma 3 normalizes queries and keys per head, and has two kinds of rotation.
 */
export const gemma: ModelFamily = {
  architectures: ['GemmaForCausalLM', 'Gemma2ForCausalLM', 'Gemma3ForCausalLM'],
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
  const norm = (x: Value, name: string): Value => {
    const factor = add(graph, builder.weight(`${name}.weight`), graph.scalar(1));
    return rmsNorm(graph, x, factor, config.normEpsilon);
  };
  const headNorm = (name: string) => (x: Value) => perHead(builder, config, x, (heads) => norm(heads, name));
  const decoderLayer = (x: Value, layer: number): Value => {
    const prefix = `model.layers.${layer}`;
    const names = normNames(config, prefix);
    const after = (y: Value, name: string | undefined): Value => (name === undefined ? y : norm(y, name));
    const module = `${prefix}.self_attn`;
    const heads = isThird(config) ? { query: headNorm(`${module}.q_norm`), key: headNorm(`${module}.k_norm`) } : {};
    const attended = selfAttention(builder, layer, norm(x, names.beforeAttention), module, heads);
    const y = add(graph, x, builder.dropout(after(attended, names.afterAttention)));
    const fed = gatedFeedForward(builder, norm(y, names.beforeFeedForward), `${prefix}.mlp`, gelu);
    return add(graph, y, builder.dropout(after(fed, names.afterFeedForward)));
  };
  const embedded = embed(builder, config, embeddings, inputIds);
  const scaled = builder.dropout(multiply(graph, embedded, graph.scalar(Math.sqrt(config.hiddenSize))));
  return norm(eachLayer(builder, config, scaled, decoderLayer), 'model.norm');
}

/** In the first Gemma, `post_attention_layernorm` is the norm before the feed-forward block, as in Llama. */
function normNames(config: ModelConfig, prefix: string) {
  const first = {
    beforeAttention: `${prefix}.input_layernorm`,
    beforeFeedForward: `${prefix}.post_attention_layernorm`,
  };
  if (config.architecture === 'GemmaForCausalLM')
    return { ...first, afterAttention: undefined, afterFeedForward: undefined };
  return {
    beforeAttention: `${prefix}.input_layernorm`,
    afterAttention: `${prefix}.post_attention_layernorm`,
    beforeFeedForward: `${prefix}.pre_feedforward_layernorm`,
    afterFeedForward: `${prefix}.post_feedforward_layernorm`,
  };
}

function parameters(config: ModelConfig): ParameterSpec[] {
  const norm = (name: string): ParameterSpec => scale(name, config.hiddenSize, 0);
  const headNorms = (module: string): ParameterSpec[] =>
    isThird(config) ? ['q_norm', 'k_norm'].map((name) => scale(`${module}.${name}`, config.headSize, 0)) : [];
  return wholeModel(
    config,
    (prefix) => [
      ...Object.values(normNames(config, prefix)).flatMap((name) => (name === undefined ? [] : [norm(name)])),
      ...selfAttentionParameters(config, `${prefix}.self_attn`),
      ...headNorms(`${prefix}.self_attn`),
      ...gatedFeedForwardParameters(config, `${prefix}.mlp`),
    ],
    norm('model.norm'),
  );
}

const tanhGelu = z.literal(['gelu', 'gelu_pytorch_tanh']).nullish();
const rotaryOfType = z.looseObject({}).nullish();

/** The first Gemma says "gelu" and means its tanh form. */
const schema = z.looseObject({
  ...decoderFields,
  hidden_act: tanhGelu,
  hidden_activation: tanhGelu,
  head_dim: size.default(256),
  max_position_embeddings: size.optional(),
  tie_word_embeddings: z.boolean().default(true),
  attention_bias: z.boolean().default(false),
  query_pre_attn_scalar: z.number().positive().default(256),
  attn_logit_softcapping: z.number().positive().nullish(),
  final_logit_softcapping: z.number().positive().nullish(),
  rope_local_base_freq: z.number().positive().default(10_000),
  rope_parameters: z.looseObject({ full_attention: rotaryOfType, sliding_attention: rotaryOfType }).nullish(),
  sliding_window_pattern: size.default(6),
  use_bidirectional_attention: z.literal(false).nullish(),
});

type Fields = z.output<typeof schema>;

function parseConfig(json: Record<string, unknown>, source: string): ModelConfig {
  const fields = parseFields(schema, json, source);
  const [architecture] = fields.architectures;
  if (architecture === 'GemmaForCausalLM') return baseConfig(fields, json, source, 8192);
  return architecture === 'Gemma2ForCausalLM' ? secondConfig(fields, json, source) : thirdConfig(fields, json, source);
}

/** Every other layer has a sliding window, from the first on. */
function secondConfig(fields: Fields, json: Record<string, unknown>, source: string): ModelConfig {
  const slides = (layer: number) => kindOf(fields, layer, 2) === 'sliding_attention';
  const config = baseConfig(fields, json, source, 8192, slides);
  const softCap = capOf(fields.attn_logit_softcapping, 50);
  const attention = config.attention.map((layer) => ({
    ...layer,
    scale: fields.query_pre_attn_scalar ** -0.5,
    softCap,
  }));
  return { ...config, attention, logitSoftCap: capOf(fields.final_logit_softcapping, 30) };
}

/** Layers of full attention rotate by rope_theta, those with a sliding window by rope_local_base_freq. */
function thirdConfig(fields: Fields, json: Record<string, unknown>, source: string): ModelConfig {
  const { rope_parameters: rotary, sliding_window_pattern: pattern } = fields;
  const slides = (layer: number) => kindOf(fields, layer, pattern) === 'sliding_attention';
  const full = { ...fields, rope_theta: fields.rope_theta ?? 1e6, rope_parameters: rotary?.full_attention };
  const config = baseConfig(full, json, source, 131_072, slides);
  const local = rotaryConfig(
    { rope_theta: fields.rope_local_base_freq, rope_scaling: undefined, rope_parameters: rotary?.sliding_attention },
    config.headSize,
    config.contextTokens,
    source,
  );
  const softCap = capOf(fields.attn_logit_softcapping, undefined);
  const attention = config.attention.map((given, layer) => ({
    ...given,
    scale: fields.query_pre_attn_scalar ** -0.5,
    rotary: slides(layer) ? local : given.rotary,
    softCap,
  }));
  return { ...config, attention, logitSoftCap: capOf(fields.final_logit_softcapping, undefined) };
}

function baseConfig(
  fields: Fields,
  json: Record<string, unknown>,
  source: string,
  context: number,
  slides: (layer: number) => boolean = () => false,
): ModelConfig {
  return decoderConfig(fields, json, source, {
    contextTokens: fields.max_position_embeddings ?? context,
    windowOf: (layer) => (slides(layer) ? (fields.sliding_window ?? 4096) : undefined),
    tiedEmbeddings: fields.tie_word_embeddings,
    biasedModules: fields.attention_bias ? ['q_proj', 'k_proj', 'v_proj', 'o_proj'] : [],
  });
}

/** What config.json says of a layer, or else full attention in the last of each `pattern` layers. */
function kindOf(fields: Fields, layer: number, pattern: number): string {
  return fields.layer_types?.[layer] ?? ((layer + 1) % pattern === 0 ? 'full_attention' : 'sliding_attention');
}

/** A cap that is null in config.json is none; one that is left out has the family's value. */
function capOf(value: number | null | undefined, fallback: number | undefined): number | undefined {
  return value === undefined ? fallback : (value ?? undefined);
}

function isThird({ architecture }: ModelConfig): boolean {
  return architecture === 'Gemma3ForCausalLM';
}
