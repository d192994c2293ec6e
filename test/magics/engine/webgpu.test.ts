import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../magics/engine/config.ts';
import { readSafetensors } from '../../../magics/engine/safetensors.ts';
import { createTrainer } from '../../../magics/engine/trainer.ts';
import type { AdapterOptions, Device, Trainer, TrainerOptions } from '../../../magics/engine/types.ts';
import { gradientsOf } from './gradient-session.ts';
import { relativeError } from './relative-error.ts';
import { isWebGpuExpected } from './software-renderer.ts';
import { allModules, optimizer, tinyBatch, tinyConfig, tinyModel } from './tiny-model.ts';

/** Every operator once: making the device's programs takes nearly all of the time. */
const oneLayer = { num_hidden_layers: 1 };
const adapter: AdapterOptions = { rank: 3, alpha: 6, dropout: 0.2, targetModules: allModules };

describe.runIf(isWebGpuExpected)('training on WebGPU', { timeout: 300_000 }, () => {
  it.each([
    ['full training with dropout', { dropout: 0.1 }],
    ['LoRA with dropout', { adapter }],
  ])('follows the losses of the processor, keeps its state, and hands it over: %s', async (_, changes) => {
    const modelFolder = await tinyModel(oneLayer);
    const [cpu, gpu] = [await trainerOn('cpu', modelFolder, changes), await trainerOn('webgpu', modelFolder, changes)];
    expect(gpu.device).toBe('webgpu');
    const checkpoint = await mkdtemp(path.join(tmpdir(), 'webgpu-'));
    for (let i = 0; i < 4; i++) {
      const accumulates = i === 1 && !('adapter' in changes);
      const batches = accumulates ? [tinyBatch(2, 6, i), tinyBatch(1, 4, 9)] : [tinyBatch(2, 6, i)];
      const [expected, actual] = [await cpu.step(batches, 1e-2), await gpu.step(batches, 1e-2)];
      expect(actual.loss).toBeCloseTo(expected.loss, 4);
      expect(actual.gradientNorm / expected.gradientNorm).toBeCloseTo(1, 3);
      if (i === 2) await gpu.saveCheckpoint(checkpoint);
    }
    const [expected, actual] = [await cpu.evaluate(tinyBatch()), await gpu.evaluate(tinyBatch())];
    expect(actual.lossSum).toBeCloseTo(expected.lossSum, 3);
    expect(actual.rowsCorrect).toEqual(expected.rowsCorrect);

    const resumed = await trainerOn('cpu', modelFolder, changes);
    await resumed.loadCheckpoint(checkpoint);
    await resumed.step([tinyBatch(2, 6, 3)], 1e-2);
    expect((await resumed.evaluate(tinyBatch())).lossSum).toBeCloseTo(expected.lossSum, 3);
    const folder = await mkdtemp(path.join(tmpdir(), 'webgpu-'));
    await gpu.saveModel(folder);
    expect((await readFile(path.join(folder, 'model.safetensors'))).length).toBeGreaterThan(1000);
    for (const trainer of [cpu, gpu, resumed]) await trainer.dispose();
  });

  it('has the gradients of the processor', async () => {
    const trained = await readSafetensors(path.join(await tinyModel(oneLayer), 'model.safetensors'));
    const options = {
      config: parseModelConfig({ ...tinyConfig, ...oneLayer }),
      batch: tinyBatch(),
      trained,
      frozen: new Map(),
    };
    const [expected, actual] = [await gradientsOf(options), await gradientsOf({ ...options, device: 'webgpu' })];
    for (const [name, gradient] of expected) {
      expect(relativeError(actual.get(name)!, gradient), name).toBeLessThan(1e-4);
    }
  });
});

function trainerOn(device: Device, modelFolder: string, changes: Partial<TrainerOptions>): Promise<Trainer> {
  return createTrainer({ modelFolder, optimizer, seed: 3, device, ...changes });
}
