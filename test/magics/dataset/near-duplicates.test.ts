import { describe, expect, it } from 'vitest';
import { bandsFor } from '../../../magics/dataset/near/bands.ts';
import {
  findNearDuplicates,
  findNearDuplicatesInTurns,
  findSimilarPairs,
} from '../../../magics/dataset/near-duplicates.ts';
import { createRandom } from '../../../magics/dataset/random.ts';
import { normalizeText } from '../../../magics/dataset/text.ts';

const random = createRandom(11);
const words = 'card lost my the when will bank transfer pin blocked new please account fee why how to top up'.split(
  ' ',
);
const word = () => words[Math.floor(random() * words.length)]!;

/** Texts of which about half are mutations of an earlier one: a word changed, two swapped, case, white space. */
const texts = (() => {
  const made: string[] = [];
  for (let i = 0; i < 400; i++) {
    const fresh = Array.from({ length: 6 + Math.floor(random() * 20) }, word);
    const base = i > 0 && random() < 0.5 ? made[Math.floor(random() * i)]!.split(' ') : fresh;
    const at = Math.floor(random() * base.length);
    const text = base.map((w, j) => (j === at && random() < 0.8 ? word() : w)).join(' ');
    made.push(random() < 0.1 ? `  ${text.toUpperCase()}` : text);
  }
  return made;
})();

/** Sets of 5-character shingles themselves, without hashes. */
function shinglesOf(text: string): Set<string> {
  const plain = normalizeText(text);
  return new Set(Array.from({ length: Math.max(1, plain.length - 4) }, (_, i) => plain.slice(i, i + 5)));
}

const sets = texts.map(shinglesOf);

function likeness(row: number, of: number): number {
  const [a, b] = [sets[row]!, sets[of]!];
  let both = 0;
  for (const shingle of a) if (b.has(shingle)) both++;
  return both / (a.size + b.size - both);
}

const allPairs = texts.flatMap((_, row) =>
  Array.from({ length: row }, (_, of) => ({ row, of, similarity: likeness(row, of) })),
);

describe('findSimilarPairs', () => {
  it.each([0.5, 0.7, 0.85, 0.95, 1])('finds the pairs of the brute force at %d, with their likeness', (threshold) => {
    const expected = allPairs.filter(({ similarity }) => similarity >= threshold);
    expect(expected.length).toBeGreaterThan(10);
    expect(findSimilarPairs(texts, threshold)).toEqual(expected);
  });
});

describe('findNearDuplicates', () => {
  const duplicates = findNearDuplicates(texts, 0.8);

  it('removes texts that are that alike to one that stays, and leaves no two alike', () => {
    const removed = new Set(duplicates.map(({ row }) => row));
    const kept = texts.filter((_, row) => !removed.has(row));
    for (const { row, of, similarity } of duplicates) {
      expect(removed.has(of)).toBe(false);
      expect(of).toBeLessThan(row);
      expect(similarity).toBeCloseTo(likeness(row, of), 12);
    }
    expect(duplicates.length).toBeGreaterThan(50);
    expect(findSimilarPairs(kept, 0.8)).toEqual([]);
  });

  it('is the same in turns, tells of progress and stops when asked', async () => {
    expect(await findNearDuplicatesInTurns(texts, 0.8)).toEqual(duplicates);
    const many = Array.from({ length: 200_000 }, (_, i) => `${word()} ${i} ${word()} ${i * 7} ${word()}`);
    const controller = new AbortController();
    const seen: number[] = [];
    const work = findNearDuplicatesInTurns(many, 0.9, {
      signal: controller.signal,
      onProgress: (done, total) => {
        seen.push(done / total);
        controller.abort(new Error('stopped'));
      },
    });
    await expect(work).rejects.toThrow('stopped');
    expect(seen[0]).toBeLessThan(1);
  });

  it('takes texts shorter than a shingle, empty ones and long ones', () => {
    expect(findNearDuplicates(['', ' ', 'a', 'A', 'x'.repeat(100_000), 'x'.repeat(99_000)], 0.9)).toEqual([
      { row: 1, of: 0, similarity: 1 },
      { row: 3, of: 2, similarity: 1 },
      { row: 5, of: 4, similarity: 1 },
    ]);
  });
});

describe('bandsFor', () => {
  it.each([0.5, 0.6, 0.75, 0.85, 0.99, 1])('misses a pair at %d less than once in ten thousand', (threshold) => {
    const { count, hashesEach } = bandsFor(threshold);
    expect((1 - threshold ** hashesEach) ** count).toBeLessThan(1.01e-4);
    expect(count * hashesEach).toBeLessThanOrEqual(128);
  });
});
