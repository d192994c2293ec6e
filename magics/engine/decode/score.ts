import type { ModelConfig } from '../config.ts';
import type { DecodeModel } from './model.ts';
import { readParts, type SequencePart } from './read-parts.ts';

/** Most positions in one run. */
const mostPositions = 512;

/** Most logits in one run: 256 MB. */
const mostLogits = 2 ** 26;

/**
 * Log-probability of each token of each sequence given those before it; the first token has none. `first` is a row of the
 * cache from which on all are free, `adapter` the place of the adapter.
 */
export async function scoreSequences(
  config: ModelConfig,
  model: DecodeModel,
  first: number,
  sequences: readonly (readonly number[])[],
  { maxBatch, adapter }: { maxBatch: number; adapter: number },
): Promise<Float32Array[]> {
  const positions = Math.max(1, Math.min(mostPositions, Math.floor(mostLogits / config.vocabularySize)));
  const scores = sequences.map(({ length }) => new Float32Array(length - 1));
  const read = sequences.map((sequence) => sequence.slice(0, -1));
  await readParts(model, read, { first, adapter, rows: maxBatch, positions }, scorePart);
  return scores;

  async function scorePart({ rows, places, start, tokens }: SequencePart): Promise<void> {
    const scored = rows.flatMap(({ ids }, row) => ids.map((_, i) => ({ row, i })));
    const logits = await model.run(
      first,
      rows,
      scored.map(({ row, i }) => row * tokens + i),
      true,
    );
    const size = config.vocabularySize;
    for (const [n, { row, i }] of scored.entries()) {
      const place = places[row]!;
      const target = sequences[place]![start + i + 1]!;
      const shift = logits.bestLogProbability[n]! - logits.all[n * size + Number(logits.best[n])]!;
      scores[place]![start + i] = logits.all[n * size + target]! + shift;
    }
  }
}
