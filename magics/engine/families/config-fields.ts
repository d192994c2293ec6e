import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { ModelConfig, RotaryConfig } from '../config.ts';
import { rotaryFields, rotaryFrequencies } from '../rotary-frequencies.ts';
import { checkKeys } from './known-keys.ts';

type Json = Readonly<Record<string, unknown>>;

export const size = z.int().positive();
export const tokenIds = z.union([z.int().nonnegative(), z.array(z.int().nonnegative())]).nullish();
const layerTypes = z.array(z.enum(['full_attention', 'sliding_attention'])).nullish();

/** The keys of config.json that decoders with rotary positions share, with Hugging Face's defaults for what is left out. */
export const decoderFields = {
  architectures: z.array(z.string()),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: z.looseObject({}).nullish(),
  rope_parameters: z.looseObject({}).nullish(),
  partial_rotary_factor: z.literal(1).nullish(),
  rope_interleaved: z.literal(false).nullish(),
  eos_token_id: tokenIds,
  sliding_window: size.nullish(),
  layer_types: layerTypes,
  quantization_config: z
    .null({ error: 'quantized weights are not supported; use the model they were made from' })
    .optional(),
  auto_map: z.null({ error: 'models that bring their own code are not supported' }).optional(),
} as const;

const decoderSchema = z.looseObject(decoderFields);
export type DecoderFields = z.output<typeof decoderSchema>;

/** config.json by a family's schema. UserError that names the key if a value is missing, wrong or unknown. */
export function parseFields<T extends z.ZodRawShape>(schema: z.ZodObject<T>, json: Json, source: string) {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw invalidConfig(source, z.prettifyError(parsed.error));
  checkKeys(json, Object.keys(schema.shape), source);
  return parsed.data;
}

/** The config of a decoder with rotary positions; families override what is their own. */
export function decoderConfig(
  fields: DecoderFields,
  json: Json,
  source: string,
  own: {
    contextTokens: number;
    tiedEmbeddings: boolean;
    biasedModules?: readonly string[];
    /** The sliding window of a layer, if it has one. */
    windowOf?: (layer: number) => number | undefined;
  },
): ModelConfig {
  const keyValueHeads = fields.num_key_value_heads ?? fields.num_attention_heads;
  const headSize = fields.head_dim ?? fields.hidden_size / fields.num_attention_heads;
  checkHeads(fields, keyValueHeads, headSize, source);
  const rotary = rotaryConfig(fields, headSize, own.contextTokens, source);
  const windowOf = (layer: number): { window?: number } => {
    const window = own.windowOf?.(layer);
    return window !== undefined && window < own.contextTokens ? { window } : {};
  };
  return {
    architecture: fields.architectures[0]!,
    vocabularySize: fields.vocab_size,
    hiddenSize: fields.hidden_size,
    intermediateSize: fields.intermediate_size,
    layers: fields.num_hidden_layers,
    heads: fields.num_attention_heads,
    keyValueHeads,
    headSize,
    normEpsilon: fields.rms_norm_eps,
    attention: Array.from({ length: fields.num_hidden_layers }, (_, layer) => ({
      scale: 1 / Math.sqrt(headSize),
      rotary,
      ...windowOf(layer),
    })),
    biasedModules: own.biasedModules ?? [],
    contextTokens: own.contextTokens,
    tiedEmbeddings: own.tiedEmbeddings,
    eosTokenIds: tokenIdList(fields.eos_token_id),
    json,
  };
}

/** Token ids as config.json writes them: one, several or none. */
export function tokenIdList(ids: z.output<typeof tokenIds>): number[] {
  return [ids ?? []].flat();
}

/** The rotary positions of config.json, of a layer type where they are given for each. */
export function rotaryConfig(
  { rope_theta, rope_scaling, rope_parameters }: Pick<DecoderFields, 'rope_theta' | 'rope_scaling' | 'rope_parameters'>,
  headSize: number,
  contextTokens: number,
  source: string,
): RotaryConfig {
  const given: Json = { ...rope_parameters, ...rope_scaling };
  const kind = given.rope_type ?? given.type ?? 'default';
  const fields = { original_max_position_embeddings: contextTokens, ...given, rope_type: kind };
  const parsed = rotaryFields.safeParse(fields);
  if (!parsed.success) throw invalidRotary(source, String(kind), parsed.error);
  const theta = z
    .number()
    .positive()
    .safeParse(given.rope_theta ?? rope_theta ?? 10_000);
  if (!theta.success) throw invalidConfig(source, 'rope_theta must be a positive number.');
  return rotaryFrequencies(parsed.data, theta.data, headSize);
}

function checkHeads(fields: DecoderFields, keyValueHeads: number, headSize: number, source: string): void {
  const { num_attention_heads: heads, num_hidden_layers: layers, layer_types } = fields;
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) {
    throw invalidConfig(
      source,
      `The head size ${headSize} (hidden_size / num_attention_heads) must be an even integer.`,
    );
  }
  if (heads % keyValueHeads !== 0) {
    throw invalidConfig(source, `${heads} attention heads cannot share ${keyValueHeads} key-value heads.`);
  }
  if (layer_types && layer_types.length !== layers) {
    throw invalidConfig(source, `layer_types has ${layer_types.length} entries for num_hidden_layers ${layers}.`);
  }
}

export function invalidConfig(source: string, reason: string): UserError {
  return new UserError(`The model in ${source} cannot be used: ${reason}`);
}

function invalidRotary(source: string, kind: string, error: z.ZodError): UserError {
  const known = rotaryFields.options.map((option) => option.shape.rope_type.value);
  if (known.some((name) => name === kind)) {
    return invalidConfig(source, `Its rotary scaling of type "${kind}" is broken: ${z.prettifyError(error)}`);
  }
  return invalidConfig(source, `Rotary scaling of type "${kind}" is not supported. Supported: ${known.join(', ')}.`);
}
