import type { EmbeddedSequence, Tokenizer } from './types.ts';

/**
 * A text as a model reads it to embed it: with the special tokens that the tokenizer begins with, which take no part in
 * the mean (they are the same for all texts, and would make all alike), and without those that it ends with.
 */
export function embeddedSequence(text: string, tokenizer: Tokenizer): EmbeddedSequence {
  const own = tokenizer.encode(text, { addSpecialTokens: false });
  const whole = tokenizer.encode(text);
  const starts = Array.from({ length: whole.length - own.length + 1 }, (_, start) => start);
  const from = starts.find((start) => own.every((id, i) => whole[start + i] === id)) ?? 0;
  return { ids: whole.slice(0, from + own.length), from };
}
