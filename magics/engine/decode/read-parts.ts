import { type GroupLimits, groupByLength } from '../group-by-length.ts';
import type { DecodeModel } from './model.ts';
import type { RowInput } from './token-inputs.ts';

/** Some positions of some sequences, padded on the right to the longest of them. */
export interface SequencePart {
  /** What the model reads of each sequence, in the order of `places`. */
  rows: readonly RowInput[];
  /** Which sequences they are of. */
  places: readonly number[];
  /** First position of the part in its sequences. */
  start: number;
  /** Positions of each row once it is padded. */
  tokens: number;
}

/** Where and by which adapter sequences are read. */
export interface ReadOptions extends GroupLimits {
  /** Row of the cache from which on all are free. */
  first: number;
  /** Place of the adapter. */
  adapter: number;
}

/**
 * Has `run` read sequences in groups of similar length, shortest first; one that is longer than `positions` is read
 * alone, in parts one after the other.
 */
export async function readParts(
  model: DecodeModel,
  sequences: readonly (readonly number[])[],
  { first, adapter, ...limits }: ReadOptions,
  run: (part: SequencePart) => Promise<void>,
): Promise<void> {
  const lengthOf = (place: number) => sequences[place]!.length;
  for (const places of groupByLength([...sequences.keys()], lengthOf, limits)) {
    const longest = Math.max(...places.map(lengthOf));
    model.cache.reserve(first + places.length, longest);
    for (let start = 0; start < longest; start += limits.positions) {
      const rows = places.map((place) => ({
        ids: sequences[place]!.slice(start, start + limits.positions),
        start,
        adapter,
      }));
      await run({ rows, places, start, tokens: Math.max(...rows.map(({ ids }) => ids.length)) });
    }
  }
}
