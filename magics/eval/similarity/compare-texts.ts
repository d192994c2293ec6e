import { mean } from '../metrics/metric.ts';
import { cosine, nearestCosine } from '../metrics/semantic-similarity.ts';
import { embedTexts, type TextEmbedder } from './embed-texts.ts';
import type { ComparedTexts } from './payload.ts';

/** How similar answers are to the right ones. */
export interface TextSimilarities {
  /** For each question of each of its answers; null where an embedding is missing: a text of white space has none. */
  similarities: (number | null)[][];
  /** Texts that were cut to the embedding model's context. */
  cut: number;
  /** Mean similarity of each right answer to the next different one: what has nothing in common; null of fewer than two. */
  chance: number | null;
}

/** Questions whose embeddings are held at the same time. */
const questionsAtOnce = 500;

/** Cosine of each answer to the nearest of its right answers, by a model's embeddings; texts are trimmed first. */
export async function compareTexts(
  embedder: TextEmbedder,
  questions: readonly ComparedTexts[],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?(compared: number): void } = {},
): Promise<TextSimilarities> {
  const similarities: (number | null)[][] = [];
  const unrelated: number[] = [];
  let cut = 0;
  for (let start = 0; start < questions.length; start += questionsAtOnce) {
    const some = questions.slice(start, start + questionsAtOnce).map(trimmed);
    const texts = new Set(some.flatMap(({ answers, references }) => [...answers, ...references]));
    const embedded = await embedTexts(embedder, [...texts], {
      signal,
      onProgress: (share) => onProgress?.(start + Math.floor(share * some.length)),
    });
    cut += embedded.cut;
    similarities.push(...some.map((question) => compareAnswers(question, embedded.vectors)));
    unrelated.push(...compareNeighbours(some, embedded.vectors));
  }
  return { similarities, cut, chance: mean(unrelated) };
}

function trimmed({ answers, references }: ComparedTexts): ComparedTexts {
  return { answers: answers.map((text) => text.trim()), references: references.map((text) => text.trim()) };
}

type Vectors = ReadonlyMap<string, Float32Array>;

function compareAnswers({ answers, references }: ComparedTexts, vectors: Vectors): (number | null)[] {
  const right = references.map((text) => vectors.get(text)).filter((vector) => vector !== undefined);
  return answers.map((text) => {
    const vector = vectors.get(text);
    return vector === undefined ? null : nearestCosine(vector, right);
  });
}

/** Similarities of the first right answers of each two questions next to each other, where they differ. */
function compareNeighbours(questions: readonly ComparedTexts[], vectors: Vectors): number[] {
  return questions.slice(1).flatMap(({ references: [text] }, i) => {
    const before = questions[i]!.references[0]!;
    const [a, b] = [vectors.get(before), vectors.get(text!)];
    const similarity = a === undefined || b === undefined || before === text ? null : cosine(a, b);
    return similarity === null ? [] : [similarity];
  });
}
