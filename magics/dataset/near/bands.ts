/** How a signature is cut: texts that agree on one whole band are compared. */
export interface Bands {
  readonly count: number;
  readonly hashesEach: number;
}

/** A pair at the threshold is missed with at most this probability. */
const missed = 1e-4;
/** Hashes of a signature: more make candidates rarer, and take longer. */
const maxHashes = 128;

/**
 * Bands for a Jaccard threshold. A pair of likeness s agrees on a band of r hashes with probability s^r, so that b bands
 * miss it with (1 - s^r)^b; r is the largest for which few enough hashes keep that below `missed`.
 * Source: Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4.
 */
export function bandsFor(threshold: number): Bands {
  const likeness = Math.min(threshold, 0.999);
  const countFor = (hashesEach: number) => Math.ceil(Math.log(missed) / Math.log(1 - likeness ** hashesEach));
  let hashesEach = 1;
  while ((hashesEach + 1) * countFor(hashesEach + 1) <= maxHashes) hashesEach++;
  return { count: countFor(hashesEach), hashesEach };
}
