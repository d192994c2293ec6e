import { mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../../magics/engine/safetensors.ts';
import { createTrainer } from '../../../magics/engine/trainer.ts';
import type { AdapterOptions, Batch, Trainer, TrainerOptions } from '../../../magics/engine/types.ts';
import { allModules, optimizer, tinyBatch, tinyModel } from './tiny-model.ts';

const adapter: AdapterOptions = { rank: 3, alpha: 6, dropout: 0.2, targetModules: allModules };

async function trainerOf(changes: Partial<TrainerOptions> = {}): Promise<Trainer> {
  const modelFolder = changes.modelFolder ?? (await tinyModel());
  return createTrainer({ modelFolder, optimizer, seed: 3, device: 'cpu', threads: 1, ...changes });
}

async function losses(trainer: Trainer, steps: number, from = 0): Promise<number[]> {
  const results: number[] = [];
  for (let i = from; i < from + steps; i++) results.push((await trainer.step([tinyBatch(2, 6, i)], 1e-2)).loss);
  return results;
}

const temporaryFolder = () => mkdtemp(path.join(tmpdir(), 'trainer-'));

describe('trainer', () => {
  it.each([
    ['full training with dropout', { dropout: 0.1 }],
    ['LoRA with dropout', { adapter }],
  ])('continues bit for bit from a checkpoint: %s', async (_, changes) => {
    const modelFolder = await tinyModel();
    const straight = await trainerOf({ modelFolder, ...changes });
    const expected = await losses(straight, 6);

    const checkpoint = await temporaryFolder();
    const first = await trainerOf({ modelFolder, ...changes });
    const before = await losses(first, 3);
    await first.saveCheckpoint(checkpoint);
    await first.dispose();
    const second = await trainerOf({ modelFolder, ...changes });
    await second.loadCheckpoint(checkpoint);
    expect([...before, ...(await losses(second, 3, 3))]).toEqual(expected);

    const [a, b] = [await temporaryFolder(), await temporaryFolder()];
    await straight.saveModel(a);
    await second.saveModel(b);
    const bytes = (folder: string) => readFile(path.join(folder, 'model.safetensors'));
    expect((await bytes(a)).equals(await bytes(b))).toBe(true);
    await straight.dispose();
    await second.dispose();
  });

  it.each([
    ['full training with dropout', { dropout: 0.1 }],
    ['LoRA with dropout', { adapter }],
    ['LoRA on four bits', { adapter, quantized: true }],
  ])('gives the same bytes for the same seed and threads: %s', async (_, changes) => {
    const modelFolder = await tinyModel({ hidden_size: 32, intermediate_size: 64 });
    const outcomes: Buffer[] = [];
    for (let run = 0; run < 2; run++) {
      const trainer = await trainerOf({ modelFolder, threads: 2, ...changes });
      await trainer.step([tinyBatch(4, 12, 1), tinyBatch(2, 6, 2)], 1e-2);
      await losses(trainer, 3);
      const folder = await temporaryFolder();
      await trainer.saveCheckpoint(folder);
      await trainer.dispose();
      outcomes.push(await readFile(path.join(folder, 'checkpoint.safetensors')));
    }
    expect(outcomes[0]!.equals(outcomes[1]!)).toBe(true);
  });

  it('learns one batch by heart, and counts its rows as correct then', async () => {
    const trainer = await trainerOf({ modelFolder: await tinyModel({ hidden_size: 32, intermediate_size: 64 }) });
    const batch = tinyBatch(4, 12);
    const before = await trainer.evaluate(batch);
    expect(before.rowsCorrect).toEqual([false, false, false, false]);
    for (let i = 0; i < 150; i++) await trainer.step([batch], 1e-2);
    const after = await trainer.evaluate(batch);
    expect(after.lossSum).toBeLessThan(before.lossSum * 0.1);
    expect(after.weightSum).toBeCloseTo(
      batch.weights.reduce((a, b) => a + b),
      5,
    );
    expect(after.rowsCorrect).toContain(true);
    await trainer.dispose();
  });

  it.each([
    ['full training', {}],
    ['LoRA', { adapter: { ...adapter, dropout: 0 } }],
  ])('computes logits only where weights are, with the same result: %s', async (_, changes) => {
    const modelFolder = await tinyModel();
    const whole = tinyBatch(3, 12);
    const isLearned = (i: number) => i % 12 === 4 || i === 9;
    const few = { ...whole, weights: whole.weights.map((_weight, i) => (isLearned(i) ? 1 : 0)) };
    // Weights too small to matter keep every position in the graph.
    const all = { ...few, weights: few.weights.map((weight) => weight || 1e-30) };
    const [selecting, dense] = [
      await trainerOf({ modelFolder, ...changes }),
      await trainerOf({ modelFolder, ...changes }),
    ];
    for (let i = 0; i < 3; i++) {
      const [actual, expected] = [await selecting.step([few], 1e-2), await dense.step([all], 1e-2)];
      expect(actual.loss).toBeCloseTo(expected.loss, 5);
      expect(actual.gradientNorm).toBeCloseTo(expected.gradientNorm, 4);
    }
    const [actual, expected] = [await selecting.evaluate(few), await dense.evaluate(all)];
    expect(actual.lossSum).toBeCloseTo(expected.lossSum, 4);
    expect(actual.rowsCorrect).toHaveLength(3);
    await selecting.dispose();
    await dense.dispose();
  });

  it('smooths labels in training, not in evaluation', async () => {
    const modelFolder = await tinyModel();
    const batch = tinyBatch();
    const [plain, smooth] = [await trainerOf({ modelFolder }), await trainerOf({ modelFolder, labelSmoothing: 0.2 })];
    const unsmoothed = await plain.evaluate(batch);
    expect(await smooth.evaluate(batch)).toEqual(unsmoothed);
    const [withoutIt, withIt] = [await plain.step([batch], 0), await smooth.step([batch], 0)];
    expect(withoutIt.loss).toBeCloseTo(unsmoothed.lossSum / unsmoothed.weightSum, 5);
    expect(withIt.loss).not.toBeCloseTo(withoutIt.loss, 3);
    await plain.dispose();
    await smooth.dispose();
  });

  it('accumulating batches of different shapes equals one step on all rows', async () => {
    const modelFolder = await tinyModel();
    const [one, two] = [tinyBatch(2, 6, 1), tinyBatch(1, 6, 2)];
    const joined = joinRows(one, two);
    const whole = await trainerOf({ modelFolder });
    const parts = await trainerOf({ modelFolder });
    for (let i = 0; i < 3; i++) {
      const expected = await whole.step([joined], 1e-2);
      const actual = await parts.step([one, two], 1e-2);
      expect(actual.loss).toBeCloseTo(expected.loss, 5);
      expect(actual.gradientNorm).toBeCloseTo(expected.gradientNorm, 4);
    }
    await whole.dispose();
    await parts.dispose();
  });

  it('padding that weighs nothing changes neither loss nor gradient', async () => {
    const modelFolder = await tinyModel();
    const batch = tinyBatch(1, 6);
    const padded = padRows(batch, 4);
    const [short, long] = [await trainerOf({ modelFolder }), await trainerOf({ modelFolder })];
    const expected = await short.step([batch], 1e-2);
    const actual = await long.step([padded], 1e-2);
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    expect(actual.gradientNorm).toBeCloseTo(expected.gradientNorm, 5);
    await short.dispose();
    await long.dispose();
  });

  it('a fresh adapter leaves the model unchanged, and merging a trained one keeps its loss', async () => {
    const modelFolder = await tinyModel();
    const batch = tinyBatch();
    const base = await trainerOf({ modelFolder });
    const trainer = await trainerOf({ modelFolder, adapter: { ...adapter, dropout: 0 } });
    expect((await trainer.evaluate(batch)).lossSum).toBeCloseTo((await base.evaluate(batch)).lossSum, 5);
    await losses(trainer, 5);

    const folder = await temporaryFolder();
    await trainer.saveModel(folder);
    const merged = await trainerOf({ modelFolder: folder });
    expect((await merged.evaluate(batch)).lossSum).toBeCloseTo((await trainer.evaluate(batch)).lossSum, 4);
    for (const each of [base, trainer, merged]) await each.dispose();
  });

  it('saves adapters in the layout of PEFT', async () => {
    const trainer = await trainerOf({ adapter: { ...adapter, targetModules: ['q_proj', 'down_proj'] } });
    const folder = await temporaryFolder();
    await trainer.saveAdapter(folder, 'tiny');
    const config = JSON.parse(await readFile(path.join(folder, 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({
      peft_type: 'LORA',
      task_type: 'CAUSAL_LM',
      base_model_name_or_path: 'tiny',
      r: 3,
      lora_alpha: 6,
      target_modules: ['q_proj', 'down_proj'],
    });
    const tensors = await readSafetensors(path.join(folder, 'adapter_model.safetensors'));
    expect([...tensors.keys()].slice(0, 2)).toEqual([
      'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight',
      'base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight',
    ]);
    expect(tensors.size).toBe(8);
    expect(trainer.trainableParameters).toBe(2 * 3 * (12 + 12 + 20 + 12));
    await trainer.dispose();
  });

  it('copies the tokenizer along with the model and says in config.json how the weights are stored', async () => {
    const modelFolder = await tinyModel();
    await writeFile(path.join(modelFolder, 'tokenizer.json'), '{"version":"1.0"}');
    const trainer = await trainerOf({ modelFolder });
    const folder = await temporaryFolder();
    await trainer.saveModel(folder, { dtype: 'float16' });
    expect(await readFile(path.join(folder, 'tokenizer.json'), 'utf8')).toBe('{"version":"1.0"}');
    expect(JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8'))).toMatchObject({
      hidden_size: 12,
      torch_dtype: 'float16',
    });
    await trainer.dispose();
  });

  it('keeps config.json to the letter but for the type of the weights: 6.0 is not 6 to Transformers', async () => {
    const modelFolder = 'test/golden/families/gemma2';
    const trainer = await trainerOf({ modelFolder });
    const folder = await temporaryFolder();
    await trainer.saveModel(folder, { dtype: 'float16' });
    await trainer.dispose();
    const config = (from: string) => readFile(path.join(from, 'config.json'), 'utf8');
    expect(await config(folder)).toBe((await config(modelFolder)).replace('"bfloat16"', '"float16"'));
  });

  it('refuses a checkpoint of another run, and a damaged one, and keeps its state', async () => {
    const full = await trainerOf();
    const lora = await trainerOf({ adapter });
    const folder = await temporaryFolder();
    await full.saveCheckpoint(folder);
    await expect(lora.loadCheckpoint(folder)).rejects.toThrow(/belongs to another training run/);
    await truncate(path.join(folder, 'checkpoint.safetensors'), 5000);
    await expect(full.loadCheckpoint(folder)).rejects.toThrow(/should end at byte \d+, but the file ends at byte 5000/);
    expect((await full.step([tinyBatch()], 1e-2)).loss).toBeGreaterThan(0);
    await full.dispose();
    await lora.dispose();
  });

  it('names what is wrong with a batch or a target module', async () => {
    const trainer = await trainerOf();
    const batch = tinyBatch();
    await expect(trainer.step([{ ...batch, sequenceTokens: 7 }], 1e-2)).rejects.toThrow(/needs 14 inputIds, not 12/);
    await expect(trainer.step([tinyBatch(1, 60)], 1e-2)).rejects.toThrow(/60 tokens is longer than .* 32/);
    const strange = { ...batch, inputIds: new Int32Array(12).fill(99) };
    await expect(trainer.step([strange], 1e-2)).rejects.toThrow(/Token id 99 is outside .* 13/);
    const weightless = { ...batch, weights: new Float32Array(12) };
    await expect(trainer.step([weightless], 1e-2)).rejects.toThrow(/no position is left to learn from/);
    await trainer.dispose();
    await expect(trainerOf({ adapter: { ...adapter, targetModules: ['c_attn'] } })).rejects.toThrow(
      /No module "c_attn".*q_proj, k_proj/,
    );
  });
});

function joinRows(a: Batch, b: Batch): Batch {
  return {
    rows: a.rows + b.rows,
    sequenceTokens: a.sequenceTokens,
    inputIds: Int32Array.of(...(a.inputIds as Int32Array), ...(b.inputIds as Int32Array)),
    labels: Int32Array.of(...(a.labels as Int32Array), ...(b.labels as Int32Array)),
    weights: Float32Array.of(...a.weights, ...b.weights),
  };
}

/** One row, longer by `count` positions of weight 0. */
function padRows(batch: Batch, count: number): Batch {
  const padding = new Array<number>(count).fill(0);
  return {
    rows: 1,
    sequenceTokens: batch.sequenceTokens + count,
    inputIds: Int32Array.of(...(batch.inputIds as Int32Array), ...padding),
    labels: Int32Array.of(...(batch.labels as Int32Array), ...padding),
    weights: Float32Array.of(...batch.weights, ...padding),
  };
}
