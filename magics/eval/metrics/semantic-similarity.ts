import { type AdditiveMetric, meanMetric } from './metric.ts';

/**
 * `semantic_similarity` of `%eval`: mean cosine of the embeddings of answer and right answer, -1 to 1; of several right
 * answers the nearest counts. An embedding is the mean of a local model's last hidden states over the text's tokens
 * (mean pooling as in Sentence-BERT, Reimers and Gurevych 2019). Empty answers are undetermined. `embedder` is the
 * content digest of the embedding model: figures of different ones are not comparable.
 */
export function semanticSimilarityMetric(embedder = 'none'): AdditiveMetric {
  return meanMetric({
    name: semanticSimilarityName,
    title: 'semantic similarity',
    unit: 'ratio',
    signature: `of:cosine|embedder:${embedder}|layer:last|pool:mean|trim:yes|refs:nearest`,
    isProportion: false,
    score: ({ similarity }) => similarity ?? null,
  });
}

/** What `--metrics` calls it. */
export const semanticSimilarityName = 'semantic_similarity';

/** Cosine of the angle between two vectors of the same length, -1 to 1, exactly 1 of equal ones; null where one is zero. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  let [product, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    ofA += a[i]! ** 2;
    ofB += b[i]! ** 2;
  }
  if (ofA === 0 || ofB === 0) return null;
  return Math.max(-1, Math.min(1, product / Math.sqrt(ofA * ofB)));
}

/** Cosine to the nearest of the references; undetermined ones take no part, and null where none is left. */
export function nearestCosine(answer: ArrayLike<number>, references: readonly ArrayLike<number>[]): number | null {
  const cosines = references.map((reference) => cosine(answer, reference)).filter((value) => value !== null);
  return cosines.length === 0 ? null : Math.max(...cosines);
}
