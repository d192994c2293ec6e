import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { families, familyOf } from './families/index.ts';
import { parseJson } from './parse-json.ts';

/** Rotary positions: the angle of dimension i at a position is position * frequencies[i]. */
export interface RotaryConfig {
  /** [headSize / 2]. */
  frequencies: readonly number[];
  /** Multiplies the cosines and sines. */
  attentionFactor: number;
}

/** How the heads of one layer attend. */
export interface AttentionConfig {
  /** Multiplies query * key before the softmax: 1 / sqrt(headSize) in most families. */
  scale: number;
  /** Absent: positions are not rotated into queries and keys. Layers that rotate alike share one object. */
  rotary?: RotaryConfig;
  /** Scores s become softCap * tanh(s / softCap). */
  softCap?: number;
  /** Each position sees only this many: itself and those just before it. Absent: all before it. */
  window?: number;
}

/** The sizes of a causal language model, read from Hugging Face's config.json. */
export interface ModelConfig {
  /** The class name in `architectures`, e.g. LlamaForCausalLM. */
  architecture: string;
  vocabularySize: number;
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  normEpsilon: number;
  /** One entry per layer. */
  attention: readonly AttentionConfig[];
  /** Last parts of the names of the linear modules that add a bias. */
  biasedModules: readonly string[];
  /** Logits l become logitSoftCap * tanh(l / logitSoftCap). */
  logitSoftCap?: number;
  /** Longest sequence, in tokens. */
  contextTokens: number;
  /** The output layer is the transposed embedding table. */
  tiedEmbeddings: boolean;
  eosTokenIds: readonly number[];
  /** config.json as it was read: it is written back unchanged. */
  json: Readonly<Record<string, unknown>>;
}

/** Reads and checks config.json of a model folder. UserError if it is missing, broken or of an unsupported architecture. */
export async function readModelConfig(folder: string): Promise<ModelConfig> {
  const file = path.join(folder, 'config.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError(`${folder} is not a model folder in Hugging Face layout: cannot read ${file}.`, { cause });
  }
  const config = parseModelConfig(parseJson(file, text), file);
  const eosTokenIds = new Set([...config.eosTokenIds, ...(await generationEndTokens(folder))]);
  return { ...config, eosTokenIds: [...eosTokenIds] };
}

const endTokens = z.looseObject({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });

/** Chat models name the token that ends a turn in generation_config.json, which not every folder has. */
async function generationEndTokens(folder: string): Promise<number[]> {
  const file = path.join(folder, 'generation_config.json');
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return [endTokens.safeParse(parseJson(file, text)).data?.eos_token_id ?? []].flat();
}

/** The config of a supported architecture; UserError that names the supported ones for any other. */
export function parseModelConfig(json: unknown, source = 'config.json'): ModelConfig {
  const record = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const architecture = Array.isArray(record.architectures) ? record.architectures[0] : undefined;
  const family = familyOf(String(architecture));
  if (family === undefined) throw unsupportedArchitecture(source, architecture);
  return family.parseConfig(record, source);
}

function unsupportedArchitecture(source: string, architecture: unknown): UserError {
  const supported = families.flatMap((family) => family.architectures).join(', ');
  const named = architecture === undefined ? 'names no architecture' : `has the architecture ${architecture}`;
  return new UserError(`The model in ${source} ${named}, which the engine does not support. Supported: ${supported}.`);
}
