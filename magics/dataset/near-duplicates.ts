import type { Duplicate } from './duplicates.ts';
import { createRandom } from './random.ts';
import { normalizeText } from './text.ts';

/** Hash functions of a signature: 32 bands of 4 find pairs of likeness 0.7 with probability 0.9998. */
const bands = 32;
const rowsPerBand = 4;
const shingleCharacters = 5;

/**
 * Texts that are like an earlier one: Jaccard likeness of their sets of 5-character shingles (case and white space aside)
 * of at least `threshold`. Candidates come from MinHash signatures, and each is verified on the sets themselves.
 * Source: Broder (1997), On the resemblance and containment of documents.
 */
export function findNearDuplicates(texts: readonly string[], threshold: number): Duplicate[] {
  const hashes = hashFunctions(bands * rowsPerBand);
  const buckets = Array.from({ length: bands }, () => new Map<string, number[]>());
  const sets: Set<number>[] = [];
  const duplicates: Duplicate[] = [];
  texts.forEach((text, row) => {
    const set = shingles(normalizeText(text));
    sets.push(set);
    const keys = bandKeys(set, hashes);
    const match = best(candidates(buckets, keys), set, sets, threshold);
    if (match !== undefined) duplicates.push({ row, ...match });
    else addTo(buckets, keys, row);
  });
  return duplicates;
}

function shingles(text: string): Set<number> {
  const set = new Set<number>();
  const last = Math.max(1, text.length - shingleCharacters + 1);
  for (let i = 0; i < last; i++) set.add(hashText(text.slice(i, i + shingleCharacters)));
  return set;
}

/** 32-bit FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function hashFunctions(count: number): readonly { multiplier: number; mask: number }[] {
  const random = createRandom(1);
  const integer = () => Math.floor(random() * 2 ** 32) >>> 0;
  return Array.from({ length: count }, () => ({ multiplier: integer() | 1, mask: integer() }));
}

function bandKeys(set: ReadonlySet<number>, hashes: ReturnType<typeof hashFunctions>): string[] {
  const signature = hashes.map(({ multiplier, mask }) => {
    let lowest = 0xffffffff;
    for (const shingle of set) {
      const hash = mix(Math.imul(shingle ^ mask, multiplier));
      if (hash < lowest) lowest = hash;
    }
    return lowest;
  });
  return Array.from({ length: bands }, (_, band) =>
    signature.slice(band * rowsPerBand, (band + 1) * rowsPerBand).join(','),
  );
}

/** Spreads the high bits, which multiplication alone leaves in order. */
function mix(hash: number): number {
  return Math.imul(hash ^ (hash >>> 16), 0x45d9f3b) >>> 0;
}

function candidates(buckets: readonly Map<string, number[]>[], keys: readonly string[]): Set<number> {
  return new Set(keys.flatMap((key, band) => buckets[band]!.get(key) ?? []));
}

function best(
  rows: Iterable<number>,
  set: ReadonlySet<number>,
  sets: readonly ReadonlySet<number>[],
  threshold: number,
): { of: number; similarity: number } | undefined {
  let found: { of: number; similarity: number } | undefined;
  for (const of of rows) {
    const similarity = jaccard(set, sets[of]!);
    if (similarity >= threshold && similarity > (found?.similarity ?? 0)) found = { of, similarity };
  }
  return found;
}

function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  let both = 0;
  for (const item of a) if (b.has(item)) both++;
  return both / (a.size + b.size - both);
}

function addTo(buckets: readonly Map<string, number[]>[], keys: readonly string[], row: number): void {
  keys.forEach((key, band) => {
    const bucket = buckets[band]!.get(key);
    if (bucket === undefined) buckets[band]!.set(key, [row]);
    else bucket.push(row);
  });
}
