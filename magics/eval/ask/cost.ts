import type { Answer } from './answer-cache.ts';

/** What a provider takes, per million tokens. */
export interface Prices {
  input: number;
  output: number;
}

/** What an answer costs when it is asked for; undefined without prices, or where the provider counts no tokens. */
export function costOf(
  { promptTokens, completionTokens }: Pick<Answer, 'promptTokens' | 'completionTokens'>,
  prices: Prices | undefined,
): number | undefined {
  if (prices === undefined || promptTokens === undefined || completionTokens === undefined) return undefined;
  return (promptTokens * prices.input + completionTokens * prices.output) / 1e6;
}
