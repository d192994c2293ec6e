import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  ByteFallbackDecoder,
  type Decoder,
  Tokenizer as HuggingFaceTokenizer,
  SequenceDecoder,
} from '@huggingface/tokenizers';
import { UserError } from '../../errors.ts';
import type { Tokenizer } from '../types.ts';
import { compileChatTemplate } from './chat-template.ts';
import { tokenBytes } from './token-bytes.ts';

/** A token that is matched in text before any splitting; `special` ones vanish when special tokens are skipped. */
export interface AddedToken {
  id: number;
  content: string;
  single_word: boolean;
  lstrip: boolean;
  rstrip: boolean;
  normalized: boolean;
  special: boolean;
}

/** What `tokenizer.json` holds, as far as we read it. */
export interface TokenizerDefinition {
  added_tokens?: readonly AddedToken[];
  [key: string]: unknown;
}

/** What `tokenizer_config.json` holds, as far as we read it. Tokens are strings or `{ content }`. */
export interface TokenizerConfig {
  bos_token?: string | { content: string } | null;
  eos_token?: string | { content: string } | null;
  pad_token?: string | { content: string } | null;
  chat_template?: string | readonly { name: string; template: string }[] | null;
  [key: string]: unknown;
}

/** A tokenizer from its two files' contents. Text survives encode and decode exactly, unless its normalizer changes it. */
export function createTokenizer(definition: TokenizerDefinition, config: TokenizerConfig): Tokenizer {
  const inner = new HuggingFaceTokenizer(definition, { ...config, clean_up_tokenization_spaces: false });
  keepByteOrderMarks(inner.decoder);
  const idOf = (token: string | undefined) => (token === undefined ? undefined : inner.token_to_id(token));
  const bosToken = tokenText(config.bos_token);
  const eosToken = tokenText(config.eos_token);
  const eosTokenId = idOf(eosToken);
  if (eosToken === undefined || eosTokenId === undefined) throw eosTokenMissing(eosToken);
  const padToken = tokenText(config.pad_token);
  const template = templateText(config.chat_template);
  const render = template === undefined ? undefined : compileChatTemplate(template);
  return {
    vocabularySize: largest(inner.get_vocab().values()) + 1,
    eosTokenId,
    bosTokenId: idOf(bosToken),
    padTokenId: idOf(padToken) ?? eosTokenId,
    encode: (text, options) => inner.encode(text, { add_special_tokens: options?.addSpecialTokens ?? true }).ids,
    decode: (ids, options) =>
      ids.length === 0 ? '' : inner.decode([...ids], { skip_special_tokens: options?.skipSpecialTokens ?? false }),
    tokenBytes: () => tokenBytes(definition, inner.get_vocab()),
    hasChatTemplate: render !== undefined,
    applyChatTemplate(messages, options) {
      if (render === undefined) throw chatTemplateMissing();
      return render({
        messages,
        add_generation_prompt: options?.addGenerationPrompt ?? false,
        tools: options?.tools ?? null,
        bos_token: bosToken ?? '',
        eos_token: eosToken,
        pad_token: padToken ?? '',
      });
    },
    async save(folder) {
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, 'tokenizer.json'), `${JSON.stringify(definition, null, 2)}\n`);
      const saved = { ...config, clean_up_tokenization_spaces: false };
      await writeFile(path.join(folder, 'tokenizer_config.json'), `${JSON.stringify(saved, null, 2)}\n`);
    },
  };
}

/** -1 of none. Vocabularies are too long for the arguments of Math.max. */
export function largest(ids: Iterable<number>): number {
  let max = -1;
  for (const id of ids) max = Math.max(max, id);
  return max;
}

/** The library's decoder of single bytes leaves out U+FEFF, which is a character like any other. */
function keepByteOrderMarks(decoder: Decoder | null): void {
  if (decoder instanceof SequenceDecoder) for (const part of decoder.decoders) keepByteOrderMarks(part);
  if (decoder instanceof ByteFallbackDecoder) decoder.text_decoder = new TextDecoder('utf-8', { ignoreBOM: true });
}

function tokenText(token: string | { content: string } | null | undefined): string | undefined {
  return typeof token === 'string' ? token : token?.content;
}

function templateText(template: TokenizerConfig['chat_template']): string | undefined {
  if (typeof template === 'string' || !template) return template || undefined;
  return (template.find(({ name }) => name === 'default') ?? template[0])?.template;
}

function eosTokenMissing(token: string | undefined): UserError {
  const what =
    token === undefined
      ? 'names no end-of-text token'
      : `names the end-of-text token "${token}", which it does not have`;
  return new UserError(`The tokenizer ${what}. Set "eos_token" in its tokenizer_config.json.`);
}

function chatTemplateMissing(): UserError {
  return new UserError(
    'The tokenizer has no chat template. Add "chat_template" to its tokenizer_config.json, or use plain text prompts.',
  );
}
