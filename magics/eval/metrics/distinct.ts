import { createTokenTable } from '../tokens/token-table.ts';
import { splitWords } from '../tokens/white-space.ts';
import type { SetMetric } from './metric.ts';

/** Distinct n-grams of words over all n-grams of all texts (Li et al., 2016), 0 to 1; null where there are none. */
export function distinct(texts: readonly string[], order: number): number | null {
  return createDistinct(texts, order)();
}

/** `distinct1` and `distinct2` of `%eval`: how varied the answers are. */
export function distinctMetric(order: number): SetMetric {
  return {
    name: `distinct${order}`,
    title: `distinct-${order}`,
    unit: 'share',
    better: 'higher',
    signature: `tok:space|order:${order}|agg:corpus`,
    isProportion: false,
    prepare: (samples) => ({
      determined: samples.length,
      value: createDistinct(
        samples.map(({ prediction }) => prediction),
        order,
      ),
    }),
  };
}

function createDistinct(texts: readonly string[], order: number): (weights?: ArrayLike<number>) => number | null {
  const table = createTokenTable();
  const ngrams = texts.map((text) => {
    const words = splitWords(text);
    return words.slice(order - 1).map((_, i) => table.id(words.slice(i, i + order).join(' ')));
  });
  return (weights) => {
    const seen = new Uint8Array(table.size);
    let [different, all] = [0, 0];
    for (const [i, own] of ngrams.entries()) {
      const weight = weights === undefined ? 1 : weights[i]!;
      if (weight === 0) continue;
      all += weight * own.length;
      for (const ngram of own) {
        if (seen[ngram] === 0) different += 1;
        seen[ngram] = 1;
      }
    }
    return all > 0 ? different / all : null;
  };
}
