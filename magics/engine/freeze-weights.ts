import type { ModelConfig } from './config.ts';
import { quantizeMatrix, trainingBlock } from './decode/quantize.ts';
import { familyOf } from './families/index.ts';
import type { FrozenWeight } from './frozen-weight.ts';
import { linearModules } from './lora.ts';
import { readTensor, type Tensor, type TensorLocation } from './safetensors.ts';

/** The weights of a model as constants of a training graph; `quantized` keeps those of its linear modules in four bits. */
export async function freezeWeights(
  config: ModelConfig,
  locations: ReadonlyMap<string, TensorLocation>,
  quantized: boolean,
): Promise<Map<string, FrozenWeight>> {
  const family = familyOf(config.architecture)!;
  const linear = new Set(quantized ? linearModules(config).map(({ name }) => `${name}.weight`) : []);
  const isTransposed = family.linearLayout === 'input-output';
  const weights = new Map<string, FrozenWeight>();
  for (const [name, location] of locations) {
    const [output, input] = (isTransposed ? location.shape.toReversed() : location.shape) as [number, number];
    if (!linear.has(name) || input % trainingBlock !== 0) {
      weights.set(name, { location });
      continue;
    }
    const stored = await readTensor(name, location);
    const { data } = isTransposed ? transposed(stored) : stored;
    weights.set(name, { quantized: quantizeMatrix(data, output, input, 4, trainingBlock) });
  }
  return weights;
}

function transposed({ shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as [number, number];
  const turned = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j]!;
  return { shape: [columns, rows], data: turned };
}
