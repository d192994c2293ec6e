import { describe, expect, it } from 'vitest';
import { decodingBlock, quantizeMatrix, trainingBlock } from '../../../../magics/engine/decode/quantize.ts';
import { randomStream } from '../../../../magics/engine/random.ts';

const [output, input] = [3, 80];

function randomMatrix(): Float32Array {
  const random = randomStream('matrix');
  return Float32Array.from({ length: output * input }, () => random.uniform() * 2 - 1);
}

/** The matrix back from its blocks, [output, input]. */
function restore({ bits, block: size, data, scales }: ReturnType<typeof quantizeMatrix>): Float32Array {
  const blocks = Math.ceil(input / size);
  return Float32Array.from({ length: output * input }, (_, i) => {
    const block = Math.floor(i / input) * blocks + Math.floor((i % input) / size);
    const place = (i % input) % size;
    const byte = data[(block * size * bits) / 8 + (bits === 8 ? place : place >> 1)]!;
    const step = bits === 8 ? byte - 128 : ((byte >> (4 * (place & 1))) & 15) - 8;
    return step * scales[block]!;
  });
}

describe('quantizing', () => {
  it.each([
    [8, 127, decodingBlock],
    [4, 7, decodingBlock],
    [4, 7, trainingBlock],
  ] as const)(
    'to %i bits is off by half a step at most, and by one opposite of the largest',
    (bits, mostSteps, block) => {
      const matrix = randomMatrix();
      const quantized = quantizeMatrix(matrix, output, input, bits, block);
      const restored = restore(quantized);
      for (const [i, weight] of matrix.entries()) {
        const blocks = Math.ceil(input / block);
        const scale = quantized.scales[Math.floor(i / input) * blocks + Math.floor((i % input) / block)]!;
        const isOpposite = weight / scale > mostSteps;
        expect(Math.abs(restored[i]! - weight)).toBeLessThan(Math.abs(scale) * (isOpposite ? 1.001 : 0.501));
      }
    },
  );

  it('keeps the largest weight of each block exactly, and blocks of zeros', () => {
    const matrix = new Float32Array(output * input);
    matrix[5] = -0.75;
    matrix[input + 40] = 0.5;
    expect([...restore(quantizeMatrix(matrix, output, input, 4, decodingBlock))]).toEqual(
      [...matrix].map((x) => x || expect.closeTo(0)),
    );
  });
});
