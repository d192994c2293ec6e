import type { Tokenizer } from '../types.ts';

export interface StopMatcher {
  /** True once the text of the tokens contains a stop string. Call it after each token. */
  isFinished(tokens: readonly number[]): boolean;
  /** The text of the tokens, cut before the first stop string. */
  textOf(tokens: readonly number[]): string;
}

/** Finds stop strings, which may span tokens, in generated text. */
export function createStopMatcher(tokenizer: Tokenizer, stop: readonly string[]): StopMatcher {
  const strings = stop.filter((text) => text.length > 0);
  // A token is at least one byte: a stop string spans no more tokens than its bytes, and the new token may end in more.
  const window = Math.max(0, ...strings.map((text) => Buffer.byteLength(text))) + 8;
  const decode = (tokens: readonly number[]) => tokenizer.decode(tokens, { skipSpecialTokens: true });
  return {
    isFinished: (tokens) => strings.length > 0 && firstStop(decode(tokens.slice(-window)), strings) !== -1,
    textOf: (tokens) => {
      const text = decode(tokens);
      const end = firstStop(text, strings);
      return end === -1 ? text : text.slice(0, end);
    },
  };
}

function firstStop(text: string, strings: readonly string[]): number {
  const places = strings.map((string) => text.indexOf(string)).filter((place) => place !== -1);
  return places.length === 0 ? -1 : Math.min(...places);
}
