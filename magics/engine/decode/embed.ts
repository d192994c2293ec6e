import type { ModelConfig } from '../config.ts';
import type { EmbeddedSequence } from '../types.ts';
import type { DecodeModel } from './model.ts';
import { readParts } from './read-parts.ts';

/** Most positions in one run. */
const mostPositions = 512;

/**
 * Mean of the final hidden states, after the last norm, over each sequence's positions from `from` on: [hidden] each
 * (mean pooling, Reimers and Gurevych 2019). Padding takes no part. `first` and `adapter` as for `scoreSequences`.
 */
export async function embedSequences(
  { hiddenSize }: ModelConfig,
  model: DecodeModel,
  first: number,
  sequences: readonly EmbeddedSequence[],
  { maxBatch, adapter }: { maxBatch: number; adapter: number },
): Promise<Float32Array[]> {
  const sums = sequences.map(() => new Float64Array(hiddenSize));
  const read = sequences.map(({ ids }) => ids);
  const options = { first, adapter, rows: maxBatch, positions: mostPositions };
  await readParts(model, read, options, async ({ rows, places, start, tokens }) => {
    const hidden = await model.hiddenStates(first, rows);
    for (const [row, { ids }] of rows.entries()) {
      const sum = sums[places[row]!]!;
      const own = Math.max(0, sequences[places[row]!]!.from - start);
      for (let i = own; i < ids.length; i++) {
        const offset = (row * tokens + i) * hiddenSize;
        for (let k = 0; k < hiddenSize; k++) sum[k]! += hidden[offset + k]!;
      }
    }
  });
  return sums.map((sum, place) => {
    const { ids, from } = sequences[place]!;
    return Float32Array.from(sum, (value) => value / (ids.length - from));
  });
}
