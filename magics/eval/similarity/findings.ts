import type { MeasuredSimilarities } from './measure.ts';

/** What a reader should know before trusting a semantic similarity, ordered by weight; nothing where none was measured. */
export function similarityFindings(measured: MeasuredSimilarities | undefined): string[] {
  if (measured === undefined) return [];
  const { similarities, chance, cut, contextTokens, embedder } = measured;
  const { ref } = embedder.model;
  const empty = similarities.filter(([similarity]) => similarity === null).length;
  const all = [
    empty > 0 &&
      `${empty} of ${similarities.length} answers (or their right answers) are empty: they have no semantic similarity, and are left out.`,
    cut > 0 && `${cut} texts were cut to ${contextTokens} tokens, the context of ${ref}, before they were embedded.`,
    chance !== null &&
      `Right answers to different questions have a semantic similarity of ${chance.toPrecision(3)} to each other by ${ref}: a figure no higher than that means no likeness.`,
  ];
  return all.filter((finding) => finding !== false);
}
