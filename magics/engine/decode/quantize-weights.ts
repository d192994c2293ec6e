import type { ModelConfig } from '../config.ts';
import { familyOf } from '../families/index.ts';
import { readTensor, type TensorLocation } from '../safetensors.ts';
import { linearGroups } from './linear-groups.ts';
import { decodingBlock, type QuantizedMatrix, quantizeMatrix } from './quantize.ts';

/** How the weights of linear modules are held: as stored, in float32, or rounded to 8 or 4 bits in blocks. */
export type Quantization = 'none' | 'int8' | 'int4';

/** All linear modules and the output layer, rounded; by the names of `linearGroups`, and a tied embedding table by its own. */
export async function quantizeWeights(
  config: ModelConfig,
  stored: ReadonlyMap<string, TensorLocation>,
  quantization: Quantization,
): Promise<Map<string, QuantizedMatrix>> {
  const quantized = new Map<string, QuantizedMatrix>();
  if (quantization === 'none') return quantized;
  const bits = quantization === 'int4' ? 4 : 8;
  const isOutputFirst = familyOf(config.architecture)!.linearLayout === 'output-input';
  const read = async (name: string) => (await readTensor(name, stored.get(name)!)).data;
  for (const { name, modules } of linearGroups(config)) {
    const parts: QuantizedMatrix[] = [];
    for (const { name: module, output, input } of modules) {
      const weights = await read(`${module}.weight`);
      const ordered = isOutputFirst || module === 'lm_head' ? weights : transposed(weights, input, output);
      parts.push(quantizeMatrix(ordered, output, input, bits, decodingBlock));
    }
    quantized.set(name, stack(parts));
  }
  if (config.tiedEmbeddings) {
    const { vocabularySize, hiddenSize } = config;
    const embeddings = embeddingTable(config);
    quantized.set(embeddings, quantizeMatrix(await read(embeddings), vocabularySize, hiddenSize, bits, decodingBlock));
  }
  return quantized;
}

function stack(parts: readonly QuantizedMatrix[]): QuantizedMatrix {
  const [first] = parts as [QuantizedMatrix];
  if (parts.length === 1) return first;
  return {
    bits: first.bits,
    input: first.input,
    block: first.block,
    output: parts.reduce((sum, { output }) => sum + output, 0),
    data: concatenate(
      Uint8Array,
      parts.map(({ data }) => data),
    ),
    scales: concatenate(
      Float32Array,
      parts.map(({ scales }) => scales),
    ),
  };
}

function concatenate<T extends Uint8Array | Float32Array>(
  arrayType: new (length: number) => T,
  parts: readonly T[],
): T {
  const whole = new arrayType(parts.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}

/** Name of the table whose rows are the tokens' embeddings. */
function embeddingTable(config: ModelConfig): string {
  const { vocabularySize, hiddenSize } = config;
  const shape = [vocabularySize, hiddenSize].join();
  return familyOf(config.architecture)!
    .parameters(config)
    .find((spec) => spec.shape.join() === shape)!.name;
}

/** [rows, columns] -> [columns, rows]. */
function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j]!;
  }
  return result;
}
