import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isUserError, UserError } from '../errors.ts';
import { parseJson } from './parse-json.ts';
import { createTokenizer, largest } from './tokenizer/create.ts';
import type { Tokenizer } from './types.ts';

export { labelTokenText, type TokenizerTraining, trainTokenizer } from './tokenizer/train.ts';

/**
 * The tokenizer of a model folder in Hugging Face layout (tokenizer.json, tokenizer_config.json, and
 * chat_template.jinja where there is one). Throws a UserError that names the file when one is missing or broken, or when
 * the vocabulary has more entries than the model of the same folder.
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const definition = await readJson(folder, 'tokenizer.json', definitionSchema);
  const config = await readJson(folder, 'tokenizer_config.json', configSchema);
  const model = await readModelTokens(folder);
  const largestId = largest(Object.values(vocabularyOf(definition)));
  if (model.vocab_size !== undefined && largestId >= model.vocab_size) {
    throw vocabularyTooLarge(folder, largestId, model.vocab_size);
  }
  const template = await readFile(path.join(folder, 'chat_template.jinja'), 'utf8').catch(() => undefined);
  const endOfModel = tokenOf(definition, [model.eos_token_id ?? []].flat()[0]);
  return attempt(path.join(folder, 'tokenizer.json'), () =>
    createTokenizer(definition, {
      ...config,
      eos_token: config.eos_token ?? endOfModel,
      ...(template !== undefined && { chat_template: template }),
    }),
  );
}

const token = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();

const configSchema = z.looseObject({
  bos_token: token,
  eos_token: token,
  pad_token: token,
  chat_template: z.union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))]).nullish(),
});

const definitionSchema = z.looseObject({
  model: z.looseObject({ vocab: z.union([z.record(z.string(), z.int().nonnegative()), z.array(z.unknown())]) }),
  added_tokens: z
    .array(
      z.object({
        id: z.int().nonnegative(),
        content: z.string(),
        single_word: z.boolean().default(false),
        lstrip: z.boolean().default(false),
        rstrip: z.boolean().default(false),
        normalized: z.boolean().default(true),
        special: z.boolean().default(false),
      }),
    )
    .optional(),
});
type Definition = z.output<typeof definitionSchema>;

/** Ids by token; of a vocabulary that is written as a list, the places in it. Added tokens may lie beyond the model's. */
function vocabularyOf({ model: { vocab } }: Definition): Record<string, number> {
  return Array.isArray(vocab) ? Object.fromEntries(vocab.map((_, i) => [String(i), i])) : vocab;
}

function tokenOf(definition: Definition, id: number | undefined): string | undefined {
  const added = definition.added_tokens?.find((candidate) => candidate.id === id);
  return added?.content ?? Object.entries(vocabularyOf(definition)).find(([, place]) => place === id)?.[0];
}

const modelSchema = z.looseObject({
  vocab_size: z.int().positive().optional(),
  eos_token_id: z.union([z.int(), z.array(z.int())]).nullish(),
});

/** What config.json says of tokens; nothing where there is none: a tokenizer may lie alone. */
async function readModelTokens(folder: string): Promise<z.output<typeof modelSchema>> {
  const text = await readFile(path.join(folder, 'config.json'), 'utf8').catch(() => '{}');
  return modelSchema.safeParse(parseJson(path.join(folder, 'config.json'), text)).data ?? {};
}

async function readJson<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T> {
  const file = path.join(folder, name);
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw tokenizerFileMissing(folder, name, cause);
  });
  const parsed = schema.safeParse(parseJson(file, text));
  if (!parsed.success) throw tokenizerFileBroken(file, z.prettifyError(parsed.error));
  return parsed.data;
}

/** What the tokenizers library does not know or cannot read is the file's fault. */
function attempt<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (isUserError(cause)) throw cause;
    throw tokenizerFileBroken(file, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function tokenizerFileMissing(folder: string, name: string, cause: unknown): UserError {
  const other = ['tokenizer.model', 'vocab.json', 'vocab.txt'].find((file) => existsSync(path.join(folder, file)));
  const hint = other === undefined ? '' : ` It has ${other}: load and save it with Transformers' AutoTokenizer first.`;
  return new UserError(
    `"${folder}" has no ${name}. A model folder needs tokenizer.json and tokenizer_config.json, as Hugging Face saves them.${hint}`,
    { cause },
  );
}

function tokenizerFileBroken(file: string, reason: string, cause?: unknown): UserError {
  return new UserError(`"${file}" does not describe a tokenizer that can be used: ${reason}.`, { cause });
}

function vocabularyTooLarge(folder: string, largestId: number, size: number): UserError {
  return new UserError(
    `The tokenizer in ${folder} has token ids up to ${largestId}, but the model's vocab_size in config.json is ${size}. ` +
      'Use the tokenizer that belongs to the model.',
  );
}
