import { bandsFor } from './bands.ts';
import { createBuckets } from './buckets.ts';
import { createGrowingArray } from './growing-array.ts';
import { jaccard } from './jaccard.ts';
import { createBandKeys } from './min-hash.ts';
import { createShingler } from './shingles.ts';

/** A text that was added before, and how alike it is. */
export interface SimilarText {
  readonly id: number;
  /** Jaccard likeness of the sets of shingles, at least the threshold. */
  readonly similarity: number;
}

/** Texts seen so far, kept as sets of shingles and as bands of their MinHash signatures. */
export interface SimilarTexts {
  /** The added texts that are at least as alike as the threshold. Candidates from the bands are verified on the sets themselves. */
  similarTo(text: string): SimilarText[];
  /** Adds the text that `similarTo` was last asked about, under an id. */
  add(id: number): void;
}

/** Four bytes for each shingle and eight for each band of an added text, nothing else: a million short texts take half a gigabyte. */
export function createSimilarTexts(threshold: number): SimilarTexts {
  const shingle = createShingler();
  const keysOf = createBandKeys(bandsFor(threshold));
  const buckets = createBuckets();
  const shingles = createGrowingArray();
  /** Where the set of each entry ends; it begins where the one before ends. */
  const ends = createGrowingArray();
  const ids = createGrowingArray();
  /** The last question in which an entry was compared: it shares several bands with its like. */
  const askedAt = createGrowingArray();
  let question = 0;
  let set: Uint32Array = new Uint32Array();
  let keys: Uint32Array = new Uint32Array();

  const setOf = (entry: number) =>
    shingles.buffer.subarray(entry === 0 ? 0 : ends.buffer[entry - 1]!, ends.buffer[entry]!);

  return {
    similarTo(text) {
      question++;
      set = shingle(text);
      keys = keysOf(set);
      const found: SimilarText[] = [];
      buckets.visit(keys, (entry) => {
        if (askedAt.buffer[entry] === question) return;
        askedAt.buffer[entry] = question;
        const similarity = jaccard(set, setOf(entry), threshold);
        if (similarity >= threshold) found.push({ id: ids.buffer[entry]!, similarity });
      });
      return found;
    },
    add(id) {
      shingles.push(set);
      ends.push(Uint32Array.of(shingles.length));
      ids.push(Uint32Array.of(id));
      askedAt.push(Uint32Array.of(0));
      buckets.add(keys);
    },
  };
}
