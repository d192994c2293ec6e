import { heldOutPairs, type Pair, trainingPairs } from './pairs.ts';

/** Rows and seeds of the data sets; the seeds of the held-out sets are used for nothing else. */
const training = { count: 9000, seed: 1 };
const heldOut = [
  { name: 'schedules-dev.jsonl', pool: 'development', count: 400, seed: 2 },
  { name: 'schedules-test.jsonl', pool: 'known', count: 600, seed: 3 },
  { name: 'schedules-novel.jsonl', pool: 'novel', count: 600, seed: 4 },
] as const;

/**
 * The data sets by file name:
 * `schedules-train.jsonl` to fine-tune on; `schedules-dev.jsonl` to choose settings on;
 * `schedules-test.jsonl` in phrasings that no training pair has, though the base model has read such sentences;
 * `schedules-novel.jsonl` in phrasings that neither has seen.
 */
export function dataFiles(): Record<string, Pair[]> {
  const pairs = trainingPairs(training.count, training.seed);
  const others = heldOut.map(({ name, pool, count, seed }) => [name, heldOutPairs(pool, count, seed, pairs)]);
  return { 'schedules-train.jsonl': pairs, ...Object.fromEntries(others) };
}

/** One JSON object a line. */
export function toJsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
