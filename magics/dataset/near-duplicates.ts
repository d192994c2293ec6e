import type { Duplicate } from './duplicates.ts';
import { createSimilarTexts } from './near/similar-texts.ts';
import { createTurns, type Turns } from './turns.ts';

/**
 * Texts that are like an earlier one that stays: Jaccard likeness of their sets of 5-character shingles (case and white
 * space aside) of at least `threshold`. Every removed text is that alike to a kept one, which is its most alike.
 */
export function findNearDuplicates(texts: readonly string[], threshold: number): Duplicate[] {
  return texts.flatMap(createNearDuplicates(threshold));
}

/** The same text by text: gives the duplicate that a text is, if it is one, of those that it was given before. */
export function createNearDuplicates(threshold: number): (text: string, row: number) => Duplicate[] {
  const seen = createSimilarTexts(threshold);
  return (text, row) => {
    const similar = seen.similarTo(text);
    if (similar.length === 0) {
      seen.add(row);
      return [];
    }
    const best = similar.reduce((a, b) => (b.similarity > a.similarity ? b : a));
    return [{ row, of: best.id, similarity: best.similarity }];
  };
}

/** The same in turns: other work goes on between them, progress is told, and an abort stops it. */
export async function findNearDuplicatesInTurns(
  texts: readonly string[],
  threshold: number,
  turns?: Turns,
): Promise<Duplicate[]> {
  const duplicatesOf = createNearDuplicates(threshold);
  const duplicates: Duplicate[] = [];
  const turn = createTurns(texts.length, turns);
  for (const [row, text] of texts.entries()) {
    duplicates.push(...duplicatesOf(text, row));
    if (turn.areOver()) await turn.next(row + 1);
  }
  return duplicates;
}

/** All pairs of texts at least `threshold` alike, the later one as `row`; each text is held against all earlier ones. */
export function findSimilarPairs(texts: readonly string[], threshold: number): Duplicate[] {
  const seen = createSimilarTexts(threshold);
  return texts.flatMap((text, row) => {
    const pairs = seen.similarTo(text).map(({ id, similarity }) => ({ row, of: id, similarity }));
    seen.add(row);
    return pairs.sort((a, b) => a.of - b.of);
  });
}
