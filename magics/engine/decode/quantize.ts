/** A matrix [output, input] in blocks along the input, each with its scale; weights are symmetric around zero. */
export interface QuantizedMatrix {
  bits: 4 | 8;
  input: number;
  output: number;
  /** Numbers that share a scale. */
  block: number;
  /** [output, blocks, block * bits / 8]; two 4-bit numbers a byte, the first in the low half. Zero is 8, or 128. */
  data: Uint8Array;
  /** [output * blocks]. */
  scales: Float32Array;
}

/** The block of decoding: with 64 several rows are multiplied a quarter faster than with 32. */
export const decodingBlock = 64;

/** The block of a frozen base in training: closer to the weights as they were, and fit for more widths. */
export const trainingBlock = 32;

/**
 * Rounds a matrix [output, input] to 4 or 8 bits. The largest number of a block, with its sign, becomes the lowest
 * step (-8 or -128), so that all steps are used (the rule of GGML's Q4_0).
 */
export function quantizeMatrix(
  weights: Float32Array,
  output: number,
  input: number,
  bits: 4 | 8,
  block: number,
): QuantizedMatrix {
  const blocks = Math.ceil(input / block);
  const [zero, bytes] = bits === 4 ? [8, block / 2] : [128, block];
  const data = new Uint8Array(output * blocks * bytes).fill(bits === 4 ? 0x88 : 0x80);
  const scales = new Float32Array(output * blocks);
  for (let at = 0; at < output * blocks; at++) {
    const row = Math.floor(at / blocks);
    const start = row * input + (at % blocks) * block;
    const end = Math.min(start + block, (row + 1) * input);
    const scale = largest(weights, start, end) / -zero;
    scales[at] = scale;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = start; i < end; i++) {
      // The number at hand is at most as large as the largest: only the top can overflow.
      const step = Math.min(2 * zero - 1, (weights[i]! * inverse + zero + 0.5) | 0);
      const place = i - start;
      if (bits === 8) data[at * bytes + place] = step;
      else setHalf(data, at * bytes + (place >> 1), place & 1, step);
    }
  }
  return { bits, input, output, block, data, scales };
}

/** The matrix [output, input] as its blocks say; the input is a multiple of the block. */
export function restoreMatrix({ bits, input, output, block, data, scales }: QuantizedMatrix): Float32Array {
  const weights = new Float32Array(output * input);
  const [mask, zero] = bits === 4 ? [15, 8] : [255, 128];
  const bytes = (block * bits) / 8;
  let place = 0;
  for (const [at, scale] of scales.entries()) {
    for (let byte = at * bytes; byte < (at + 1) * bytes; byte++) {
      for (let shift = 0; shift < 8; shift += bits) weights[place++] = (((data[byte]! >> shift) & mask) - zero) * scale;
    }
  }
  return weights;
}

function setHalf(data: Uint8Array, byte: number, half: number, step: number): void {
  data[byte] = half === 0 ? (data[byte]! & 0xf0) | step : (data[byte]! & 0x0f) | (step << 4);
}

/** The number of the largest magnitude, with its sign. */
function largest(weights: Float32Array, start: number, end: number): number {
  let [found, size] = [0, 0];
  for (let i = start; i < end; i++) {
    const weight = weights[i]!;
    if (weight > size || -weight > size) {
      found = weight;
      size = Math.abs(weight);
    }
  }
  return found;
}
