import type { Duplicate } from './duplicates.ts';
import { createRandom } from './random.ts';
import { normalizeText } from './text.ts';

const shingleCharacters = 5;

/** How a signature is cut: texts that agree on one whole band are compared. */
interface Bands {
  readonly count: number;
  readonly hashesEach: number;
}

/**
 * Texts that are like an earlier one: Jaccard likeness of their sets of 5-character shingles (case and white space aside)
 * of at least `threshold`. Candidates come from MinHash signatures, and each is verified on the sets themselves.
 * Source: Broder (1997), On the resemblance and containment of documents.
 */
export function findNearDuplicates(texts: readonly string[], threshold: number): Duplicate[] {
  const bands = bandsFor(threshold);
  const hashes = hashFunctions(bands.count * bands.hashesEach);
  const buckets = Array.from({ length: bands.count }, () => new Map<string, number[]>());
  const sets: Uint32Array[] = [];
  const duplicates: Duplicate[] = [];
  texts.forEach((text, row) => {
    const set = shingles(normalizeText(text));
    sets.push(set);
    const keys = bandKeys(signature(set, hashes), bands);
    const match = best(candidates(buckets, keys), set, sets, threshold);
    if (match !== undefined) duplicates.push({ row, ...match });
    else addTo(buckets, keys, row);
  });
  return duplicates;
}

/** Pairs at the threshold are found with probability 1 - (1 - t^hashes)^bands, above 0.999; few others are compared. */
function bandsFor(threshold: number): Bands {
  return threshold >= 0.8 ? { count: 30, hashesEach: 7 } : { count: 64, hashesEach: 3 };
}

/** Hashes of the text's shingles, each once, in ascending order. */
function shingles(text: string): Uint32Array {
  const set = new Set<number>();
  const last = Math.max(1, text.length - shingleCharacters + 1);
  for (let i = 0; i < last; i++) set.add(hashText(text, i, Math.min(text.length, i + shingleCharacters)));
  return Uint32Array.from(set).sort();
}

/** 32-bit FNV-1a of text[start, end). */
function hashText(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

interface Hashes {
  readonly multipliers: Uint32Array;
  readonly masks: Uint32Array;
}

function hashFunctions(count: number): Hashes {
  const random = createRandom(1);
  const integers = () => Uint32Array.from({ length: count }, () => Math.floor(random() * 2 ** 32));
  return { multipliers: integers().map((n) => n | 1), masks: integers() };
}

/** The lowest hash of the set under each function. */
function signature(set: Uint32Array, { multipliers, masks }: Hashes): Uint32Array {
  const lowest = new Uint32Array(masks.length).fill(0xffffffff);
  for (let h = 0; h < masks.length; h++) {
    const [multiplier, mask] = [multipliers[h]!, masks[h]!];
    for (let i = 0; i < set.length; i++) {
      const product = Math.imul(set[i]! ^ mask, multiplier);
      const hash = Math.imul(product ^ (product >>> 16), 0x45d9f3b) >>> 0;
      if (hash < lowest[h]!) lowest[h] = hash;
    }
  }
  return lowest;
}

function bandKeys(values: Uint32Array, { count, hashesEach }: Bands): string[] {
  return Array.from({ length: count }, (_, band) => {
    return String.fromCharCode(...new Uint16Array(values.buffer, band * hashesEach * 4, hashesEach * 2));
  });
}

function candidates(buckets: readonly Map<string, number[]>[], keys: readonly string[]): Set<number> {
  return new Set(keys.flatMap((key, band) => buckets[band]!.get(key) ?? []));
}

function best(
  rows: Iterable<number>,
  set: Uint32Array,
  sets: readonly Uint32Array[],
  threshold: number,
): { of: number; similarity: number } | undefined {
  let found: { of: number; similarity: number } | undefined;
  for (const of of rows) {
    const similarity = jaccard(set, sets[of]!);
    if (similarity >= threshold && similarity > (found?.similarity ?? 0)) found = { of, similarity };
  }
  return found;
}

/** Size of the intersection over size of the union of two ascending lists. */
function jaccard(a: Uint32Array, b: Uint32Array): number {
  let both = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) both++;
    const [x, y] = [a[i]!, b[j]!];
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return both / (a.length + b.length - both);
}

function addTo(buckets: readonly Map<string, number[]>[], keys: readonly string[], row: number): void {
  keys.forEach((key, band) => {
    const bucket = buckets[band]!.get(key);
    if (bucket === undefined) buckets[band]!.set(key, [row]);
    else bucket.push(row);
  });
}
