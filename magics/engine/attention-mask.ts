import type { HostTensor } from './tensor.ts';

/** Added to the score of what must not be seen: its share becomes 0. */
const unseen = -1e9;

/** [1, 1, 1, T, T]: position i sees the positions j <= i. */
export function causalMask(tokens: number): HostTensor {
  const data = Float32Array.from({ length: tokens * tokens }, (_, index) =>
    index % tokens <= Math.floor(index / tokens) ? 0 : unseen,
  );
  return { type: 'float32', data, dims: [1, 1, 1, tokens, tokens] };
}

/** [rows, 1, 1, T, T]: position i sees the positions j <= i of its own segment. */
export function segmentMask(rows: number, tokens: number, segments: Int32Array): HostTensor {
  const data = new Float32Array(rows * tokens * tokens).fill(unseen);
  for (let i = 0; i < rows * tokens; i++) {
    const row = i - (i % tokens);
    for (let j = row; j <= i; j++) if (segments[j] === segments[i]) data[i * tokens + (j - row)] = 0;
  }
  return { type: 'float32', data, dims: [rows, 1, 1, tokens, tokens] };
}

/** Position of each token in its sequence: counted from 0 in each row, and anew in each segment. */
export function positionIds(rows: number, tokens: number, segments?: Int32Array): BigInt64Array {
  const positions = new BigInt64Array(rows * tokens);
  for (let i = 0; i < positions.length; i++) {
    const isFirst = i % tokens === 0 || (segments !== undefined && segments[i] !== segments[i - 1]);
    positions[i] = isFirst ? 0n : positions[i - 1]! + 1n;
  }
  return positions;
}
