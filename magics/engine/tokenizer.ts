import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { createTokenizer, type TokenizerConfig, type TokenizerDefinition } from './tokenizer/create.ts';
import type { Tokenizer } from './types.ts';

export { labelTokenText, type TokenizerTraining, trainTokenizer } from './tokenizer/train.ts';

/**
 * The tokenizer of a model folder in Hugging Face layout (tokenizer.json, tokenizer_config.json, and
 * chat_template.jinja where there is one). Throws a UserError when a file is missing or broken.
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const definition = await readJson<TokenizerDefinition>(folder, 'tokenizer.json');
  const config = await readJson<TokenizerConfig>(folder, 'tokenizer_config.json');
  const template = await readFile(path.join(folder, 'chat_template.jinja'), 'utf8').catch(() => undefined);
  return createTokenizer(definition, template === undefined ? config : { ...config, chat_template: template });
}

async function readJson<T>(folder: string, name: string): Promise<T> {
  const file = path.join(folder, name);
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw tokenizerFileMissing(folder, name, cause);
  });
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw tokenizerFileBroken(file, cause);
  }
}

function tokenizerFileMissing(folder: string, name: string, cause: unknown): UserError {
  return new UserError(
    `"${folder}" has no ${name}. A model folder needs tokenizer.json and tokenizer_config.json, as Hugging Face saves them.`,
    { cause },
  );
}

function tokenizerFileBroken(file: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`"${file}" is not valid JSON: ${reason}.`, { cause });
}
