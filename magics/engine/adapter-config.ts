import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { parseJson } from './parse-json.ts';

export const adapterConfigFile = 'adapter_config.json';

const absent = (what: string) =>
  z.union([z.null(), z.literal(false)], { error: `${what} is not supported` }).optional();
/** Values by the last parts of module names. */
const patternOf = (value: z.ZodNumber) =>
  z
    .record(z.string(), value)
    .refine((pattern) => Object.keys(pattern).every((key) => /^[\w.]+$/.test(key)), {
      error: 'regular expressions in patterns are not supported',
    })
    .nullish();

/** The keys that decide what a LoRA computes; the rest is about training. */
const adapterConfigSchema = z.looseObject({
  peft_type: z.literal('LORA', { error: 'only LoRA adapters are supported' }),
  base_model_name_or_path: z.string().nullish(),
  revision: z.string().nullish(),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  rank_pattern: patternOf(z.int().positive()),
  alpha_pattern: patternOf(z.number().positive()),
  use_rslora: z.boolean().default(false),
  bias: z.literal('none', { error: 'trained biases are not supported' }).default('none'),
  lora_bias: absent('a bias of the adapter'),
  use_dora: absent('DoRA'),
  use_qalora: absent('QALoRA'),
  use_bdlora: absent('block-diagonal LoRA'),
  modules_to_save: z
    .union([z.null(), z.array(z.string()).max(0)], {
      error: 'modules trained in full beside the adapter are not supported',
    })
    .optional(),
  layer_replication: absent('replication of layers'),
  trainable_token_indices: absent('training of single tokens'),
  target_parameters: z
    .union([z.null(), z.array(z.string()).max(0)], { error: 'adapters of bare parameters are not supported' })
    .optional(),
  init_lora_weights: z
    .union([z.boolean(), z.literal(['gaussian', 'eva', 'orthogonal'])], {
      error: 'this initialization changes the base weights; convert the adapter to a plain LoRA first',
    })
    .optional(),
});

export type AdapterConfig = z.output<typeof adapterConfigSchema>;

/** True for a folder that holds an adapter rather than a model. */
export function isAdapterFolder(folder: string): boolean {
  return existsSync(path.join(folder, adapterConfigFile)) && !existsSync(path.join(folder, 'config.json'));
}

/** Reads adapter_config.json. UserError that names the file and the key if it is missing, broken or not a plain LoRA's. */
export async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  const file = path.join(folder, adapterConfigFile);
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new UserError(`${folder} is not an adapter folder in PEFT's layout: cannot read ${file}.`, { cause });
  });
  const json = parseJson(file, text);
  const parsed = adapterConfigSchema.safeParse(json);
  if (!parsed.success) throw unsupportedAdapter(file, z.prettifyError(parsed.error));
  return parsed.data;
}

/** The value that a pattern gives a module: of the first key that is its name's last parts, as PEFT matches them. */
export function valueFor(module: string, pattern: Record<string, number> | null | undefined): number | undefined {
  return Object.entries(pattern ?? {}).find(([key]) => module === key || module.endsWith(`.${key}`))?.[1];
}

function unsupportedAdapter(file: string, reason: string): UserError {
  return new UserError(`The adapter in ${file} cannot be used: ${reason}`);
}
