import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAdapter } from '../../../magics/engine/adapter-folder.ts';
import { readModelConfig } from '../../../magics/engine/config.ts';
import { quantizeMatrix, trainingBlock } from '../../../magics/engine/decode/quantize.ts';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../magics/engine/safetensors.ts';
import type { AdapterOptions } from '../../../magics/engine/types.ts';
import { makeFolder } from '../governance/repository-fixture.ts';
import { randomTensor } from './finite-differences.ts';
import { gradientsOf } from './gradient-session.ts';
import { relativeError } from './relative-error.ts';
import { allModules, modelOf, tinyBatch, tinyConfig, tinyGpt2, tinyTrainer } from './tiny-model.ts';

const adapter: AdapterOptions = { rank: 3, alpha: 6, dropout: 0.2, targetModules: allModules };

describe('a base in four bits', () => {
  const wide = {
    ...tinyConfig,
    hidden_size: 32,
    intermediate_size: 64,
    num_attention_heads: 2,
    num_key_value_heads: 1,
  };

  it.each([
    ['LlamaForCausalLM', wide],
    ['GPT2LMHeadModel', tinyGpt2],
  ])('trains like the same base taken back from four bits: %s', async (_, config) => {
    const folder = await modelOf(config);
    const plainFolder = await dequantizedCopy(folder);
    const targetModules = ['all-linear'];
    const options = { adapter: { ...adapter, dropout: 0, targetModules } };
    const quantized = await tinyTrainer({ modelFolder: folder, quantized: true, ...options });
    const plain = await tinyTrainer({ modelFolder: plainFolder, ...options });
    for (let i = 0; i < 4; i++) {
      const [actual, expected] = [
        await quantized.step([tinyBatch(2, 6, i)], 1e-2),
        await plain.step([tinyBatch(2, 6, i)], 1e-2),
      ];
      expect(actual.loss).toBeCloseTo(expected.loss, 4);
      expect(actual.gradientNorm / expected.gradientNorm).toBeCloseTo(1, 3);
    }
    await quantized.dispose();
    await plain.dispose();
  });

  it('has adapter gradients equal to those of a dequantized reference', async () => {
    const folder = await modelOf(wide);
    const config = await readModelConfig(folder);
    const trained = new Map(await startAdapter(config, { ...adapter, targetModules: ['all-linear'] }, 1));
    let place = 0;
    for (const { shape, data } of trained.values()) data.set(randomTensor(shape, place++).map((x) => x * 0.3));
    const frozen = await readSafetensors(path.join(await dequantizedCopy(folder), 'model.safetensors'));
    const options = { config, batch: tinyBatch(), trained, adapterScale: 2 };
    const reference = await gradientsOf({ ...options, frozen });
    const stored = await readSafetensors(path.join(folder, 'model.safetensors'));
    const actual = await gradientsOf({ ...options, frozen: stored, quantized: true });
    expect(actual.size).toBe(28);
    for (const [name, gradient] of reference)
      expect(relativeError(actual.get(name)!, gradient), name).toBeLessThan(1e-4);
  });

  it('is merged into the weights as they are stored', async () => {
    const modelFolder = await modelOf(wide);
    const trainer = await tinyTrainer({ modelFolder, quantized: true, adapter });
    const output = makeFolder();
    await trainer.saveModel(output);
    await trainer.dispose();
    const bytes = (folder: string) => readFile(path.join(folder, 'model.safetensors'));
    expect((await bytes(output)).equals(await bytes(modelFolder))).toBe(true);
  });
});

/** The model with every linear module rounded to four bits and back. */
async function dequantizedCopy(folder: string): Promise<string> {
  const weights = await readSafetensors(path.join(folder, 'model.safetensors'));
  const config = JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
  const isTransposed = config.model_type === 'gpt2';
  const rounded = [...weights].map(([name, tensor]): [string, Tensor] => {
    if (tensor.shape.length !== 2 || !/\.\d+\./.test(name)) return [name, tensor];
    const there = (matrix: Tensor) => (isTransposed ? transposed(matrix) : matrix);
    return [name, there(inFourBits(there(tensor)))];
  });
  const copy = await modelOf(config);
  await writeSafetensors(path.join(copy, 'model.safetensors'), new Map(rounded));
  return copy;
}

/** A matrix [output, input] rounded to four bits and back. */
function inFourBits({ shape, data: numbers }: Tensor): Tensor {
  const { data, scales } = quantizeMatrix(numbers, shape[0]!, shape[1]!, 4, trainingBlock);
  const stepOf = (i: number) => (i % 2 === 0 ? data[i >> 1]! & 15 : data[i >> 1]! >> 4);
  return { shape, data: numbers.map((_, i) => (stepOf(i) - 8) * scales[Math.floor(i / trainingBlock)]!) };
}

function transposed({ shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as [number, number];
  const turned = data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
  return { shape: [columns, rows], data: turned };
}
