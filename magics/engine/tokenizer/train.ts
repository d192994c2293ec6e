import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { UserError } from '../../errors.ts';
import type { Tokenizer } from '../types.ts';
import { type AddedToken, createTokenizer, type TokenizerDefinition } from './create.ts';
import { learnMerges, type Merges } from './merges.ts';

export interface TokenizerTraining {
  /** Entries in all: special tokens, label tokens, the 256 bytes, then merges. */
  vocabularySize: number;
  /** Special tokens in the order of their ids, from 0. Default: `<|pad|>`, `<|end|>`, and one token per role. */
  specialTokens?: readonly string[];
  /** Default `<|end|>`. */
  eosToken?: string;
  /** Default `<|pad|>`. */
  padToken?: string;
  bosToken?: string;
  /** Lower-cases text before encoding. */
  lowercase?: boolean;
  /**
   * How text is cut before merging. `gpt2`: GPT-2's words, numbers and runs of punctuation. `words`: letters with the
   * space before them; each digit, punctuation mark and other space stays one token.
   */
  pattern?: 'gpt2' | 'words';
  /** Pairs seen less often are not merged. Default 2. */
  minFrequency?: number;
  /** Jinja; empty: none. Default: `<|role|>` before each message, `<|end|>` after it. */
  chatTemplate?: string;
  /** Answers that get one token each; `labelTokenText(label)` encodes to it. */
  labels?: readonly string[];
}

const labelMarker = '<|label|>';

/** The text that encodes to a label's own token (where the tokenizer has one); the token decodes to the label itself. */
export function labelTokenText(label: string): string {
  return labelMarker + Array.from(new TextEncoder().encode(label), byteCharacter).join('');
}

const roleTokens = ['<|system|>', '<|user|>', '<|assistant|>'];
const defaultTemplate =
  "{% for message in messages %}{{ '<|' + message.role + '|>' + message.content + eos_token }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

/**
 * Trains a byte-level BPE tokenizer whose `tokenizer.json` Hugging Face's tokenizers load.
 * Throws a UserError when the vocabulary is too small for the special tokens and the 256 bytes.
 */
export function trainTokenizer(texts: Iterable<string>, options: TokenizerTraining): Tokenizer {
  const eosToken = options.eosToken ?? '<|end|>';
  const padToken = options.padToken ?? '<|pad|>';
  const special = [...(options.specialTokens ?? [padToken, eosToken, ...roleTokens]), padToken, eosToken];
  if (options.bosToken !== undefined) special.push(options.bosToken);
  const labels = (options.labels ?? []).map(labelTokenText);
  const added = [...new Set([...special, ...labels])];
  const reserved = added.length + byteAlphabet.length;
  if (options.vocabularySize < reserved) throw vocabularyTooSmall(options.vocabularySize, reserved);

  const frame = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.map((content, id) => addedToken(id, content, special.includes(content))),
    normalizer: options.lowercase ? { type: 'Lowercase' } : null,
    pre_tokenizer: options.pattern === 'words' ? wordsPreTokenizer : byteLevel({ use_regex: true }),
    post_processor: null,
    decoder: labels.length === 0 ? byteLevel({ use_regex: true }) : labelDecoder,
  };
  const learned = learnMerges(countPreTokens(texts, { ...frame, model: bpeModel(byteAlphabet, []) }), {
    alphabet: byteAlphabet,
    vocabularySize: options.vocabularySize - added.length,
    minFrequency: options.minFrequency ?? 2,
  });
  const definition = { ...frame, model: bpeModel([...added, ...learned.tokens], learned.merges) };
  return createTokenizer(definition, {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: options.bosToken ?? null,
    eos_token: eosToken,
    pad_token: padToken,
    chat_template: options.chatTemplate ?? defaultTemplate,
    clean_up_tokenization_spaces: false,
  });
}

/** The 256 characters that stand for bytes in byte-level BPE, by code point. */
const byteAlphabet: readonly string[] = Array.from({ length: 256 }, (_, byte) => byteCharacter(byte)).sort(
  (a, b) => a.codePointAt(0)! - b.codePointAt(0)!,
);

/** GPT-2's table: printable Latin-1 stands for itself, the other 68 bytes for the characters from U+0100 on. */
function byteCharacter(byte: number): string {
  const isPrintable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
  if (isPrintable(byte)) return String.fromCodePoint(byte);
  const hiddenBefore = Array.from({ length: byte }, (_, b) => b).filter((b) => !isPrintable(b)).length;
  return String.fromCodePoint(256 + hiddenBefore);
}

function byteLevel(options: { use_regex: boolean }): object {
  return { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, ...options };
}

const wordsPreTokenizer = {
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: ' ?[\\p{L}\\p{M}]+|[^\\p{L}\\p{M}]' }, behavior: 'Isolated', invert: false },
    byteLevel({ use_regex: false }),
  ],
};

const labelDecoder = {
  type: 'Sequence',
  decoders: [
    byteLevel({ use_regex: true }),
    { type: 'Replace', pattern: { String: labelMarker }, content: '' },
    { type: 'Fuse' },
  ],
};

function addedToken(id: number, content: string, special: boolean): AddedToken {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special };
}

function bpeModel(tokens: readonly string[], merges: Merges['merges']): object {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges,
  };
}

/** Cuts the texts exactly as encoding will, and counts the pieces. */
function countPreTokens(texts: Iterable<string>, definition: TokenizerDefinition): Map<string, number> {
  const { normalizer, pre_tokenizer } = new HuggingFaceTokenizer(definition, {});
  const frequencies = new Map<string, number>();
  for (const text of texts) {
    const normalized = normalizer?.normalize(text) ?? text;
    for (const word of pre_tokenizer?.pre_tokenize(normalized) ?? []) {
      frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
    }
  }
  return frequencies;
}

function vocabularyTooSmall(size: number, reserved: number): UserError {
  return new UserError(
    `A vocabulary of ${size} is too small: special tokens, labels and the 256 bytes take ${reserved}. Set vocab_size above ${reserved}.`,
  );
}
