import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { attentionBlockSize } from '../../../magics/engine/attention-blocks.ts';
import { parseModelConfig, readModelConfig } from '../../../magics/engine/config.ts';
import { readSafetensors } from '../../../magics/engine/safetensors.ts';
import type { AdapterOptions, Batch, Trainer } from '../../../magics/engine/types.ts';
import { gradientsOf, lossAndGradientsOf } from './gradient-session.ts';
import { relativeError } from './relative-error.ts';
import { allModules, modelOf, tinyBatch, tinyConfig, tinyGpt2, tinyModel, tinyTrainer } from './tiny-model.ts';

const adapter: AdapterOptions = { rank: 3, alpha: 6, dropout: 0.2, targetModules: allModules };

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
    const plain = await lossesOf(await tinyTrainer({ modelFolder, ...changes }), 5);
    const recomputed = await lossesOf(await tinyTrainer({ modelFolder, ...changes, recomputesLayers: true }), 5);
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
    ['GPT-2', tinyGpt2],
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
      await tinyTrainer({ modelFolder, ...changes }),
      await tinyTrainer({ modelFolder, ...changes, ...blocks }),
    ];
    const batchAt = (i: number) => tinyBatch(2, [12, 4, 7, 1, 9][i]!, i);
    const { lossSum, rowsCorrect } = await whole.evaluate(batchAt(2));
    expect(await inBlocks.evaluate(batchAt(2))).toMatchObject({ lossSum: expect.closeTo(lossSum, 4), rowsCorrect });
    const expected = await lossesOf(whole, 5, batchAt);
    expect(await lossesOf(inBlocks, 5, batchAt)).toEqual(expected.map((loss) => expect.closeTo(loss, 5)));
  });

  it('gives them in a graph so large that shapes are written down', async () => {
    const folder = await modelOf({ ...tinyConfig, num_hidden_layers: 8 });
    const trained = await readSafetensors(path.join(folder, 'model.safetensors'));
    const options = { config: await readModelConfig(folder), trained, frozen: new Map() };
    for (const batch of [tinyBatch(2, 12, 1), tinyBatch(3, 5, 2)]) {
      const whole = await lossAndGradientsOf({ ...options, batch });
      const inBlocks = await lossAndGradientsOf({ ...options, batch, longestTokens: 12, attentionBlockSize: 1 });
      expect(inBlocks.loss).toBeCloseTo(whole.loss, 5);
      for (const [name, gradient] of whole.gradients) {
        expect(relativeError(inBlocks.gradients.get(name)!, gradient), name).toBeLessThan(1e-5);
      }
    }
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
