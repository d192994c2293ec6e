import type { AdditiveMetric } from './metric.ts';

/** exp of the mean negative log-probability per token, from natural-log probabilities; null for no tokens. */
export function perplexity(logprobs: ArrayLike<number>): number | null {
  let sum = 0;
  for (let i = 0; i < logprobs.length; i++) sum += logprobs[i]!;
  return logprobs.length === 0 ? null : Math.exp(-sum / logprobs.length);
}

/** `perplexity` of `%eval`: of the references given their prompts, per token over the whole set. */
export const perplexityMetric: AdditiveMetric = {
  name: 'perplexity',
  title: 'perplexity',
  unit: 'ratio',
  better: 'lower',
  signature: 'of:reference given prompt|per:token|agg:corpus',
  isProportion: false,
  width: 2,
  statistics: ({ referenceLogprob, referenceTokens }) =>
    referenceLogprob === undefined || referenceLogprob === null ? null : [referenceLogprob, referenceTokens ?? 0],
  value: (sums) => (sums[1]! > 0 ? Math.exp(-sums[0]! / sums[1]!) : null),
};
