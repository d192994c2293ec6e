/** Length of the longest common subsequence of two token sequences. */
export type CommonLength = (a: readonly number[], b: readonly number[]) => number;

/**
 * A counter for token ids that computes 32 cells of the dynamic programming table at once (Hyyrö, 2004): in the bit
 * vector of `a`, a zero marks a place where the common subsequence grows.
 */
export function createCommonLength(): CommonLength {
  let rowOf = new Int32Array(1 << 10);
  let stamps = new Int32Array(1 << 10).fill(-1);
  let stamp = 0;
  return (a, b) => {
    const words = (a.length + 31) >>> 5;
    const largest = Math.max(largestOf(a), largestOf(b));
    if (largest >= stamps.length) {
      rowOf = new Int32Array(2 ** Math.ceil(Math.log2(largest + 1)));
      stamps = new Int32Array(rowOf.length).fill(-1);
    }
    stamp = (stamp + 1) | 0;
    const masks = new Int32Array(a.length * words);
    for (const [i, token] of a.entries()) {
      if (stamps[token] !== stamp) {
        stamps[token] = stamp;
        rowOf[token] = i * words;
      }
      masks[rowOf[token]! + (i >>> 5)]! |= 1 << (i & 31);
    }
    const state = new Int32Array(words).fill(-1);
    for (const token of b) if (stamps[token] === stamp) advance(state, masks, rowOf[token]!);
    return zeros(state, a.length);
  };
}

/** state = (state + (state & mask)) | (state & ~mask), over all words with carry. */
function advance(state: Int32Array, masks: Int32Array, row: number): void {
  let carry = 0;
  for (let w = 0; w < state.length; w++) {
    const [bits, mask] = [state[w]!, masks[row + w]!];
    const sum = (bits >>> 0) + ((bits & mask) >>> 0) + carry;
    carry = sum > 0xffffffff ? 1 : 0;
    state[w] = sum | 0 | (bits & ~mask);
  }
}

function zeros(state: Int32Array, bits: number): number {
  let count = 0;
  for (let i = 0; i < bits; i++) if ((state[i >>> 5]! & (1 << (i & 31))) === 0) count++;
  return count;
}

function largestOf(tokens: readonly number[]): number {
  let largest = 0;
  for (const token of tokens) if (token > largest) largest = token;
  return largest;
}

/**
 * Places in `reference` of one longest common subsequence with `candidate`, the one that rouge-score's backtracking
 * finds: from the end, steps in the candidate only where that side is strictly longer.
 */
export function commonPlaces(reference: readonly number[], candidate: readonly number[]): number[] {
  const columns = candidate.length + 1;
  const lengths = new Int32Array((reference.length + 1) * columns);
  for (let i = 1; i <= reference.length; i++)
    for (let j = 1; j < columns; j++) {
      const place = i * columns + j;
      lengths[place] =
        reference[i - 1] === candidate[j - 1]
          ? lengths[place - columns - 1]! + 1
          : Math.max(lengths[place - columns]!, lengths[place - 1]!);
    }
  const places: number[] = [];
  for (let i = reference.length, j = candidate.length; i > 0 && j > 0; ) {
    const place = i * columns + j;
    if (reference[i - 1] === candidate[j - 1]) {
      places.push(i - 1);
      i--;
      j--;
    } else if (lengths[place - 1]! > lengths[place - columns]!) j--;
    else i--;
  }
  return places;
}
