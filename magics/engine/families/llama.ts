import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { ModelConfig } from '../config.ts';
import type { Value } from '../graph.ts';
import { silu } from '../ops/activation.ts';
import { add, multiply } from '../ops/arithmetic.ts';
import { embedding } from '../ops/embedding.ts';
import { gemm } from '../ops/matmul.ts';
import { rmsNorm } from '../ops/normalize.ts';
import { reshape } from '../ops/shape.ts';
import type { ModelBuilder, ModelFamily, ParameterSpec } from './family.ts';

/** Llama: RMSNorm before each block, rotary positions, grouped-query attention, SwiGLU, no biases. */
export const llama: ModelFamily = {
  architectures: ['LlamaForCausalLM'],
  parseConfig,
  parameters,
  hiddenStates,
  logits,
};

const embeddings = 'model.embed_tokens.weight';

function hiddenStates(builder: ModelBuilder, config: ModelConfig, inputIds: Value): Value {
  const { graph } = builder;
  const embedded = embedding(graph, builder.weight(embeddings), inputIds);
  let x = builder.dropout(reshape(graph, embedded, [-1, config.hiddenSize]));
  for (let layer = 0; layer < config.layers; layer++) {
    x = add(graph, x, builder.dropout(attentionBlock(builder, config, layer, x)));
    x = add(graph, x, builder.dropout(feedForward(builder, config, layer, x)));
  }
  return rmsNorm(graph, x, builder.weight('model.norm.weight'), config.normEpsilon);
}

function logits(builder: ModelBuilder, config: ModelConfig, hidden: Value): Value {
  if (!config.tiedEmbeddings) return builder.linear(hidden, 'lm_head');
  return gemm(builder.graph, hidden, builder.weight(embeddings), { transposeB: true });
}

function attentionBlock(builder: ModelBuilder, config: ModelConfig, layer: number, x: Value): Value {
  const prefix = `model.layers.${layer}`;
  const h = rmsNorm(builder.graph, x, builder.weight(`${prefix}.input_layernorm.weight`), config.normEpsilon);
  const query = builder.linear(h, `${prefix}.self_attn.q_proj`);
  const key = builder.linear(h, `${prefix}.self_attn.k_proj`);
  const value = builder.linear(h, `${prefix}.self_attn.v_proj`);
  return builder.linear(builder.attention(layer, query, key, value), `${prefix}.self_attn.o_proj`);
}

function feedForward(builder: ModelBuilder, config: ModelConfig, layer: number, x: Value): Value {
  const prefix = `model.layers.${layer}`;
  const scale = builder.weight(`${prefix}.post_attention_layernorm.weight`);
  const h = rmsNorm(builder.graph, x, scale, config.normEpsilon);
  const gate = silu(builder.graph, builder.linear(h, `${prefix}.mlp.gate_proj`));
  const up = builder.linear(h, `${prefix}.mlp.up_proj`);
  return builder.linear(multiply(builder.graph, gate, up), `${prefix}.mlp.down_proj`);
}

/**
 * New weights are normal with variance 1 / inputs, so that activations keep their scale in small models too;
 * the projections back into the residual stream are divided by sqrt(2 * layers), as in GPT-2.
 */
function parameters(config: ModelConfig): ParameterSpec[] {
  const { hiddenSize, intermediateSize, vocabularySize } = config;
  const attentionSize = config.heads * config.headSize;
  const keyValueSize = config.keyValueHeads * config.headSize;
  const residual = Math.sqrt(2 * config.layers);
  const matrix = (name: string, output: number, input: number, divisor = 1): ParameterSpec => ({
    name: `${name}.weight`,
    shape: [output, input],
    initial: 1 / Math.sqrt(input) / divisor,
  });
  const norm = (name: string): ParameterSpec => ({ name: `${name}.weight`, shape: [hiddenSize], initial: 'ones' });
  const layers = Array.from({ length: config.layers }, (_, layer) => {
    const prefix = `model.layers.${layer}`;
    return [
      norm(`${prefix}.input_layernorm`),
      matrix(`${prefix}.self_attn.q_proj`, attentionSize, hiddenSize),
      matrix(`${prefix}.self_attn.k_proj`, keyValueSize, hiddenSize),
      matrix(`${prefix}.self_attn.v_proj`, keyValueSize, hiddenSize),
      matrix(`${prefix}.self_attn.o_proj`, hiddenSize, attentionSize, residual),
      norm(`${prefix}.post_attention_layernorm`),
      matrix(`${prefix}.mlp.gate_proj`, intermediateSize, hiddenSize),
      matrix(`${prefix}.mlp.up_proj`, intermediateSize, hiddenSize),
      matrix(`${prefix}.mlp.down_proj`, hiddenSize, intermediateSize, residual),
    ];
  });
  const head = config.tiedEmbeddings ? [] : [matrix('lm_head', vocabularySize, hiddenSize)];
  return [matrix('model.embed_tokens', vocabularySize, hiddenSize), ...layers.flat(), norm('model.norm'), ...head];
}

const size = z.int().positive();
const tokenIds = z.union([z.int(), z.array(z.int())]).nullish();
const rope = z.looseObject({ rope_type: z.string().optional(), type: z.string().optional() }).nullish();

/** config.json with Hugging Face's defaults for what is left out. */
const schema = z.looseObject({
  architectures: z.array(z.string()),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  hidden_act: z.literal('silu').default('silu'),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().optional(),
  rope_scaling: rope,
  rope_parameters: z
    .looseObject({ rope_theta: z.number().positive().optional(), rope_type: z.string().optional() })
    .nullish(),
  max_position_embeddings: size.default(2048),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.literal(false).default(false),
  mlp_bias: z.literal(false).default(false),
  eos_token_id: tokenIds,
});

function parseConfig(json: Record<string, unknown>, source: string): ModelConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw invalidConfig(source, z.prettifyError(parsed.error));
  const c = parsed.data;
  const keyValueHeads = c.num_key_value_heads ?? c.num_attention_heads;
  const headSize = c.head_dim ?? c.hidden_size / c.num_attention_heads;
  const ropeType = c.rope_scaling?.rope_type ?? c.rope_scaling?.type ?? c.rope_parameters?.rope_type ?? 'default';
  if (ropeType !== 'default') throw invalidConfig(source, `Rotary scaling of type "${ropeType}" is not supported.`);
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) {
    throw invalidConfig(
      source,
      `The head size ${headSize} (hidden_size / num_attention_heads) must be an even integer.`,
    );
  }
  if (c.num_attention_heads % keyValueHeads !== 0) {
    throw invalidConfig(
      source,
      `${c.num_attention_heads} attention heads cannot share ${keyValueHeads} key-value heads.`,
    );
  }
  return {
    architecture: c.architectures[0]!,
    vocabularySize: c.vocab_size,
    hiddenSize: c.hidden_size,
    intermediateSize: c.intermediate_size,
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    keyValueHeads,
    headSize,
    normEpsilon: c.rms_norm_eps,
    ropeTheta: c.rope_theta ?? c.rope_parameters?.rope_theta ?? 10_000,
    contextTokens: c.max_position_embeddings,
    tiedEmbeddings: c.tie_word_embeddings,
    eosTokenIds: [c.eos_token_id ?? []].flat(),
    json,
  };
}

function invalidConfig(source: string, reason: string): UserError {
  return new UserError(`The model in ${source} cannot be used: ${reason}`);
}
