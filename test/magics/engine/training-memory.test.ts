import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAdapter } from '../../../magics/engine/adapter-folder.ts';
import { attentionBlockSize } from '../../../magics/engine/attention-blocks.ts';
import { parseModelConfig, readModelConfig } from '../../../magics/engine/config.ts';
import { quantizeMatrix, trainingBlock } from '../../../magics/engine/decode/quantize.ts';
import { initializeModel } from '../../../magics/engine/initialize.ts';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../magics/engine/safetensors.ts';
import { createTrainer } from '../../../magics/engine/trainer.ts';
import type { AdapterOptions, Batch, Trainer, TrainerOptions } from '../../../magics/engine/types.ts';
import { makeFolder } from '../governance/repository-fixture.ts';
import { randomTensor } from './finite-differences.ts';
import { createGradientSession } from './gradient-session.ts';
import { allModules, optimizer, tinyBatch, tinyConfig, tinyModel } from './tiny-model.ts';

const adapter: AdapterOptions = { rank: 3, alpha: 6, dropout: 0.2, targetModules: allModules };

async function trainerOf(changes: Partial<TrainerOptions> = {}): Promise<Trainer> {
  const modelFolder = changes.modelFolder ?? (await tinyModel());
  return createTrainer({ modelFolder, optimizer, seed: 3, device: 'cpu', threads: 1, ...changes });
}

async function lossesOf(
  trainer: Trainer,
  steps: number,
  batchAt = (i: number) => tinyBatch(2, 6, i),
): Promise<number[]> {
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push((await trainer.step([batchAt(i)], 1e-2)).loss);
  await trainer.dispose();
  return losses;
}

describe('recomputing the activations of each layer', () => {
  it.each([
    ['full training with dropout', { dropout: 0.1 }],
    ['LoRA with dropout', { adapter }],
  ])('changes nothing in the result: %s', async (_, changes) => {
    const modelFolder = await tinyModel();
    const plain = await lossesOf(await trainerOf({ modelFolder, ...changes }), 5);
    const recomputed = await lossesOf(await trainerOf({ modelFolder, ...changes, recomputesLayers: true }), 5);
    expect(recomputed).toEqual(plain.map((loss) => expect.closeTo(loss, 6)));
  });

  it('gives the same gradients for every parameter', async () => {
    const trained = await readSafetensors(path.join(await tinyModel(), 'model.safetensors'));
    const options = { config: parseModelConfig(tinyConfig), batch: tinyBatch(), trained, frozen: new Map() };
    const [plain, recomputed] = [await gradientsOf(options), await gradientsOf({ ...options, recomputesLayers: true })];
    for (const [name, gradient] of plain) {
      expect(relativeError(recomputed.get(name)!, gradient), name).toBeLessThan(1e-6);
    }
  });
});

describe('attention in blocks', () => {
  const families: [string, Record<string, unknown>][] = [
    ['Llama', tinyConfig],
    ['Mistral with a sliding window', { ...tinyConfig, architectures: ['MistralForCausalLM'], sliding_window: 3 }],
    ['GPT-2', gpt2Config()],
  ];
  /** Blocks of 3: the last of a batch is shorter, or empty. */
  const blocks = { longestTokens: 12, attentionBlockSize: 3 };

  it.each(families)('gives the loss and the gradients of attention as a whole: %s', async (_, config) => {
    const folder = await modelOf(config);
    const trained = await readSafetensors(path.join(folder, 'model.safetensors'));
    const options = { config: await readModelConfig(folder), trained, frozen: new Map() };
    const sequences = [tinyBatch(1, 5, 1), tinyBatch(1, 3, 2)];
    for (const batch of [tinyBatch(2, 12, 1), tinyBatch(2, 7, 2), tinyBatch(3, 2, 3), inOneRow(sequences, 11)]) {
      const whole = await lossAndGradientsOf({ ...options, batch });
      for (const recomputesLayers of [false, true]) {
        const inBlocks = await lossAndGradientsOf({ ...options, batch, recomputesLayers, ...blocks });
        expect(inBlocks.loss).toBeCloseTo(whole.loss, 5);
        for (const [name, gradient] of whole.gradients) {
          expect(relativeError(inBlocks.gradients.get(name)!, gradient), name).toBeLessThan(1e-5);
        }
      }
    }
  });

  it.each([
    ['full training with dropout', { dropout: 0.1 }],
    ['LoRA with dropout on a base in four bits', { adapter, quantized: true }],
  ])('trains and evaluates as attention as a whole does, over batches of different lengths: %s', async (_, changes) => {
    const modelFolder = await modelOf({ ...tinyConfig, hidden_size: 32, intermediate_size: 64 });
    const [whole, inBlocks] = [
      await trainerOf({ modelFolder, ...changes }),
      await trainerOf({ modelFolder, ...changes, ...blocks }),
    ];
    const batchAt = (i: number) => tinyBatch(2, [12, 4, 7, 1, 9][i]!, i);
    const { lossSum, rowsCorrect } = await whole.evaluate(batchAt(2));
    expect(await inBlocks.evaluate(batchAt(2))).toMatchObject({ lossSum: expect.closeTo(lossSum, 4), rowsCorrect });
    const expected = await lossesOf(whole, 5, batchAt);
    expect(await lossesOf(inBlocks, 5, batchAt)).toEqual(expected.map((loss) => expect.closeTo(loss, 5)));
  });

  it('is chosen where the batches that most of the time goes to are long', () => {
    expect(attentionBlockSize(64, 2048)).toBe(2048);
    expect(attentionBlockSize(255, 1024)).toBe(1024);
    expect(attentionBlockSize(256, 300)).toBe(150);
    expect(attentionBlockSize(1000, 1024)).toBe(Math.ceil(1024 / 7));
    expect(attentionBlockSize(8192, 8192)).toBe(512);
  });
});

describe('sample packing', () => {
  it('loss and gradients equal those of the same sequences in rows of their own', async () => {
    const trained = await readSafetensors(path.join(await tinyModel(), 'model.safetensors'));
    const rows = [tinyBatch(1, 5, 1), tinyBatch(1, 3, 2), tinyBatch(1, 4, 3)];
    const options = { config: parseModelConfig(tinyConfig), trained, frozen: new Map() };
    const apart = await lossAndGradientsOf({ ...options, batch: inRows(rows, 5) });
    const packed = await lossAndGradientsOf({ ...options, batch: inOneRow(rows, 14) });
    expect(Math.abs(packed.loss - apart.loss)).toBeLessThan(1e-6);
    for (const [name, gradient] of apart.gradients) {
      expect(relativeError(packed.gradients.get(name)!, gradient), name).toBeLessThan(1e-5);
    }
  });

  it('without segments the sequences would see each other', async () => {
    const trained = await readSafetensors(path.join(await tinyModel(), 'model.safetensors'));
    const rows = [tinyBatch(1, 5, 1), tinyBatch(1, 3, 2)];
    const options = { config: parseModelConfig(tinyConfig), trained, frozen: new Map() };
    const apart = await lossAndGradientsOf({ ...options, batch: inRows(rows, 5) });
    const { segments: _, ...joined } = inOneRow(rows, 8);
    expect(Math.abs((await lossAndGradientsOf({ ...options, batch: joined })).loss - apart.loss)).toBeGreaterThan(1e-3);
  });
});

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
    ['GPT2LMHeadModel', gpt2Config()],
  ])('trains like the same base taken back from four bits: %s', async (_, config) => {
    const folder = await modelOf(config);
    const plainFolder = await dequantizedCopy(folder);
    const targetModules = ['all-linear'];
    const options = { adapter: { ...adapter, dropout: 0, targetModules } };
    const quantized = await trainerOf({ modelFolder: folder, quantized: true, ...options });
    const plain = await trainerOf({ modelFolder: plainFolder, ...options });
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
    const trainer = await trainerOf({ modelFolder, quantized: true, adapter });
    const output = makeFolder();
    await trainer.saveModel(output);
    await trainer.dispose();
    const bytes = (folder: string) => readFile(path.join(folder, 'model.safetensors'));
    expect((await bytes(output)).equals(await bytes(modelFolder))).toBe(true);
  });
});

async function lossAndGradientsOf(options: Parameters<typeof createGradientSession>[0]) {
  const session = await createGradientSession(options);
  const result = await session.lossAndGradients();
  await session.release();
  return result;
}

async function gradientsOf(options: Parameters<typeof createGradientSession>[0]): Promise<Map<string, Float32Array>> {
  return (await lossAndGradientsOf(options)).gradients;
}

/** Sequences in rows of their own, padded at weight 0. */
function inRows(sequences: readonly Batch[], tokens: number): Batch {
  return joined(sequences.map((sequence) => inOneRow([sequence], tokens))).batch;
}

/** Sequences one after the other in one row, then padding. */
function inOneRow(sequences: readonly Batch[], tokens: number): Batch {
  const { batch, segments } = joined(sequences);
  const padded = <T extends Int32Array | Float32Array>(array: T, filler: number): number[] =>
    Array.from({ length: tokens }, (_, i) => array[i] ?? filler);
  return {
    rows: 1,
    sequenceTokens: tokens,
    inputIds: Int32Array.from(padded(batch.inputIds as Int32Array, 0)),
    labels: Int32Array.from(padded(batch.labels as Int32Array, 0)),
    weights: Float32Array.from(padded(batch.weights, 0)),
    segments: Int32Array.from(padded(Int32Array.from(segments), -1)),
  };
}

function joined(parts: readonly Batch[]): { batch: Batch; segments: number[] } {
  const flat = (of: (part: Batch) => Iterable<number | bigint>) =>
    parts.flatMap((part) => Array.from(of(part), Number));
  const batch: Batch = {
    rows: parts.length,
    sequenceTokens: parts[0]!.sequenceTokens,
    inputIds: Int32Array.from(flat((part) => part.inputIds)),
    labels: Int32Array.from(flat((part) => part.labels)),
    weights: Float32Array.from(flat((part) => part.weights)),
  };
  return { batch, segments: parts.flatMap((part, i) => Array.from(part.weights, () => i)) };
}

function gpt2Config(): Record<string, unknown> {
  return {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    vocab_size: 13,
    n_embd: 32,
    n_layer: 2,
    n_head: 2,
    n_positions: 32,
    eos_token_id: 1,
  };
}

async function modelOf(config: Record<string, unknown>): Promise<string> {
  const folder = makeFolder();
  await initializeModel(folder, config, 1);
  return folder;
}

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

function relativeError(actual: Float32Array, expected: Float32Array): number {
  const norm = (values: Float32Array) => Math.hypot(...values);
  return norm(actual.map((value, i) => value - expected[i]!)) / Math.max(norm(expected), 1e-12);
}
