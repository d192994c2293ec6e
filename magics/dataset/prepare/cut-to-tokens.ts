import type { Tokenizer } from '../../engine/types.ts';

/** Tokens of a text, special ones not counted. */
export function tokensOf(text: string, tokenizer: Tokenizer): number {
  return tokenizer.encode(text, { addSpecialTokens: false }).length;
}

/** The longest beginning of the text that the first `limit` tokens give and that has at most so many tokens itself. */
export function cutToTokens(text: string, limit: number, tokenizer: Tokenizer): string {
  const ids = tokenizer.encode(text, { addSpecialTokens: false });
  if (ids.length <= limit) return text;
  for (let kept = limit; kept > 0; kept--) {
    // A character's bytes may be cut in two: what is left of it is no part of the text.
    const beginning = tokenizer.decode(ids.slice(0, kept)).replace(/\ufffd+$/, '');
    if (tokensOf(beginning, tokenizer) <= limit) return beginning;
  }
  return '';
}
