import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { families, familyOf } from './families/index.ts';

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
  ropeTheta: number;
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
  try {
    return parseModelConfig(JSON.parse(text), file);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new UserError(`${file} is not valid JSON: ${cause.message}.`, { cause });
    throw cause;
  }
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
