import { pairs } from './pairs.ts';

/** One reference, or several of which any is right. */
export type References = string | readonly string[];

/** The references of one hypothesis as a list. */
export function listReferences(references: References): readonly string[] {
  return typeof references === 'string' ? [references] : references;
}

/** What sacreBLEU's signatures say under `nrefs`: the number of references, or `var` when it varies. */
export function countReferences(references: readonly References[]): string {
  const counts = new Set(references.map((one) => listReferences(one).length));
  return counts.size > 1 ? 'var' : String([...counts][0] ?? 1);
}

/** Sum of the vectors that each hypothesis with its references gives. */
export function sumStatistics(
  hypotheses: readonly string[],
  references: readonly References[],
  width: number,
  statistics: (hypothesis: string, references: readonly string[]) => readonly number[],
): Float64Array {
  const sums = new Float64Array(width);
  for (const [hypothesis, wanted] of pairs(hypotheses, references)) {
    const vector = statistics(hypothesis, listReferences(wanted));
    for (let i = 0; i < width; i++) sums[i]! += vector[i]!;
  }
  return sums;
}
