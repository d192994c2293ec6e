/**
 * The sequence lengths to train at: at most `maxBuckets` lengths, multiples of `multiple`, that hold every example with
 * the least padding in all. Each length is one ONNX session, so there are few. Ascending; the last holds the longest.
 */
export function chooseBuckets(lengths: readonly number[], maxBuckets: number, multiple = 4): number[] {
  const counts = new Map<number, number>();
  for (const length of lengths) {
    const rounded = Math.ceil(Math.max(1, length) / multiple) * multiple;
    counts.set(rounded, (counts.get(rounded) ?? 0) + 1);
  }
  const sizes = [...counts.keys()].sort((a, b) => a - b);
  const below = [0];
  for (const size of sizes) below.push(below.at(-1)! + counts.get(size)!);
  let best = sizes.map((size, i) => ({ cost: size * below[i + 1]!, buckets: [size] }));
  for (let k = 2; k <= Math.min(maxBuckets, sizes.length); k++) best = withOneMore(best, sizes, below);
  return best.at(-1)?.buckets ?? [];
}

interface Choice {
  /** Tokens, padding included, of all examples that the buckets hold. */
  cost: number;
  buckets: number[];
}

/** The best choice that ends at each size, when one bucket more is allowed. */
function withOneMore(best: readonly Choice[], sizes: readonly number[], below: readonly number[]): Choice[] {
  return sizes.map((size, end) => {
    let choice = best[end]!;
    for (let start = 0; start < end; start++) {
      const cost = best[start]!.cost + size * (below[end + 1]! - below[start + 1]!);
      if (cost < choice.cost) choice = { cost, buckets: [...best[start]!.buckets, size] };
    }
    return choice;
  });
}
