import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCheckpoint } from '../../../../magics/engine/checkpoint.ts';
import { readModelConfig } from '../../../../magics/engine/config.ts';
import { adapterScale } from '../../../../magics/engine/lora.ts';
import { readSafetensors } from '../../../../magics/engine/safetensors.ts';
import { loadBackend } from '../../../../magics/engine/tfjs/backend.ts';
import { createTfjsTrainer } from '../../../../magics/engine/tfjs/trainer.ts';
import { createTrainer } from '../../../../magics/engine/trainer.ts';
import type { AdapterOptions, Trainer, TrainerOptions } from '../../../../magics/engine/types.ts';
import { createGradientSession } from '../gradient-session.ts';
import { relativeError } from '../relative-error.ts';
import { allModules, optimizer, tinyBatch, tinyModel } from '../tiny-model.ts';

const adapter: AdapterOptions = { rank: 3, alpha: 6, dropout: 0, targetModules: allModules };
const cases: [string, Partial<TrainerOptions>, Record<string, unknown>][] = [
  ['LoRA', { adapter }, {}],
  ['full training with tied embeddings and biases', {}, { tie_word_embeddings: true, attention_bias: true }],
  [
    'full training of a Mistral with a sliding window',
    {},
    { architectures: ['MistralForCausalLM'], sliding_window: 3 },
  ],
];

const temporaryFolder = () => mkdtemp(path.join(tmpdir(), 'tfjs-'));

describe.each(['wasm', 'cpu'] as const)('the tfjs trainer on %s', (backend) => {
  it.each(cases)('has the loss and the gradients of the ONNX trainer: %s', async (_, changes, config) => {
    const options = await optionsOf(changes, config);
    const { onnx, tfjs } = await both(options);
    // Two steps first: the gradient of a new adapter's A is zero.
    const checkpoint = await temporaryFolder();
    for (const seed of [1, 2]) await onnx.step([tinyBatch(2, 6, seed)], 1e-2);
    await onnx.saveCheckpoint(checkpoint);
    await tfjs.loadCheckpoint(checkpoint);

    const batch = tinyBatch(3, 6, 5);
    const { loss, gradients } = tfjs.gradients([batch]);
    const weights = await readSafetensors(path.join(options.modelFolder, 'model.safetensors'));
    const shapes = new Map([...gradients].map(([name, { shape }]) => [name, { shape, data: new Float32Array() }]));
    const { tensors: trained } = await loadCheckpoint(checkpoint, shapes);
    const reference = await createGradientSession({
      config: await readModelConfig(options.modelFolder),
      batch,
      trained,
      frozen: changes.adapter ? weights : new Map(),
      adapterScale: changes.adapter && adapterScale(changes.adapter),
    });
    const expected = await reference.lossAndGradients();
    expect(loss).toBeCloseTo(expected.loss, 5);
    expect([...gradients.keys()].sort()).toEqual([...expected.gradients.keys()].sort());
    for (const [name, gradient] of gradients) {
      expect(relativeError(gradient.dataSync(), expected.gradients.get(name)!), name).toBeLessThan(1e-4);
    }
    await reference.release();
    await Promise.all([onnx.dispose(), tfjs.dispose()]);
  });

  async function both(options: TrainerOptions) {
    return { onnx: await createTrainer(options), tfjs: await createTfjsTrainer(options, backend) };
  }

  it.each([
    ['LoRA with dropout', { adapter: { ...adapter, dropout: 0.2 } }],
    ['full training with dropout and smoothed labels', { dropout: 0.1, labelSmoothing: 0.1 }],
  ])('follows the same loss curve to four decimals and ends with the same weights: %s', async (_, changes) => {
    const { onnx, tfjs } = await both(await optionsOf(changes));
    const [expected, actual] = [await curve(onnx), await curve(tfjs)];
    for (const [i, loss] of actual.losses.entries()) expect(loss).toBeCloseTo(expected.losses[i]!, 4);
    for (const [i, norm] of actual.norms.entries()) expect(norm).toBeCloseTo(expected.norms[i]!, 3);
    const [a, b] = [await onnx.evaluate(tinyBatch()), await tfjs.evaluate(tinyBatch())];
    expect(b.lossSum).toBeCloseTo(a.lossSum, 3);
    expect(b).toMatchObject({ weightSum: a.weightSum, rowsCorrect: a.rowsCorrect });
    const [onnxFolder, tfjsFolder] = [await temporaryFolder(), await temporaryFolder()];
    await onnx.saveModel(onnxFolder);
    await tfjs.saveModel(tfjsFolder);
    const saved = await readSafetensors(path.join(tfjsFolder, 'model.safetensors'));
    for (const [name, { data }] of await readSafetensors(path.join(onnxFolder, 'model.safetensors'))) {
      expect(relativeError(saved.get(name)!.data, data), name).toBeLessThan(1e-3);
    }
    await Promise.all([onnx.dispose(), tfjs.dispose()]);
  });
});

describe('the tfjs trainer', () => {
  it('accumulates batches, and continues from a checkpoint of either engine', async () => {
    const options = await optionsOf({ adapter });
    const checkpoint = await temporaryFolder();
    const batches = [tinyBatch(2, 6, 1), tinyBatch(1, 4, 2)];
    const tfjs = await createTfjsTrainer(options, 'wasm');
    await tfjs.step(batches, 1e-2);
    await tfjs.saveCheckpoint(checkpoint);
    const straight = await tfjs.step(batches, 1e-2);
    const onnx = await createTrainer(options);
    await onnx.loadCheckpoint(checkpoint);
    expect((await onnx.step(batches, 1e-2)).loss).toBeCloseTo(straight.loss, 5);
    const again = await createTfjsTrainer(options, 'wasm');
    await again.loadCheckpoint(checkpoint);
    expect((await again.step(batches, 1e-2)).loss).toBe(straight.loss);
    expect(again).toMatchObject({ device: 'cpu', engine: 'tfjs wasm' });
    await Promise.all([tfjs.dispose(), onnx.dispose(), again.dispose()]);
  });

  it('keeps sequences that share a row apart, as the ONNX trainer does', async () => {
    const options = await optionsOf({});
    const [onnx, tfjs] = [await createTrainer(options), await createTfjsTrainer(options, 'wasm')];
    const batch = tinyBatch(2, 8);
    const segments = Int32Array.from([0, 0, 0, 1, 1, 1, 1, 2, 0, 0, 0, 0, 0, 1, 1, 1]);
    const [packed, expected] = [
      await tfjs.evaluate({ ...batch, segments }),
      await onnx.evaluate({ ...batch, segments }),
    ];
    expect(packed.lossSum).toBeCloseTo(expected.lossSum, 4);
    expect(packed.lossSum).not.toBeCloseTo((await tfjs.evaluate(batch)).lossSum, 2);
    for (let step = 0; step < 3; step++) {
      const results = [onnx, tfjs].map((trainer) => trainer.step([{ ...batch, segments }], 1e-2));
      const [a, b] = await Promise.all(results);
      expect(b!.loss).toBeCloseTo(a!.loss, 4);
      expect(b!.gradientNorm).toBeCloseTo(a!.gradientNorm, 3);
    }
    await Promise.all([onnx.dispose(), tfjs.dispose()]);
  });

  it('keeps no tensor of a step that is over', async () => {
    const trainer = await createTfjsTrainer(await optionsOf({ adapter: { ...adapter, dropout: 0.2 } }), 'wasm');
    const { tf } = await loadBackend('cpu', 'wasm');
    const tensorsAfter = async () => {
      await trainer.step([tinyBatch(), tinyBatch(1, 4)], 1e-2);
      await trainer.evaluate(tinyBatch());
      return tf.memory().numTensors;
    };
    expect([await tensorsAfter(), await tensorsAfter()]).toEqual(new Array(2).fill(await tensorsAfter()));
    const before = tf.memory().numTensors;
    await trainer.dispose();
    expect(tf.memory().numTensors).toBe(before - 21 - 3 * 28);
  });

  it('says what it cannot do: other architectures, WebGPU, CUDA without its package', async () => {
    const folder = await tinyModel();
    const options = (changes: Partial<TrainerOptions>) => ({ modelFolder: folder, optimizer, seed: 3, ...changes });
    await expect(createTfjsTrainer(options({ device: 'webgpu' }))).rejects.toThrow(/does not run on WebGPU/);
    await expect(createTfjsTrainer(options({ device: 'cuda' }))).rejects.toThrow(
      /npm install @tensorflow\/tfjs-node-gpu/,
    );
    await expect(createTfjsTrainer(options({ adapter, quantized: true }))).rejects.toThrow(
      /"adapter: qlora" is for the ONNX/,
    );
    const qwen = await tinyModel({ architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2' });
    await expect(createTfjsTrainer(options({ modelFolder: qwen }))).rejects.toThrow(
      /trains LlamaForCausalLM and MistralForCausalLM only, and this model is a Qwen2ForCausalLM/,
    );
  });
});

async function optionsOf(changes: Partial<TrainerOptions>, config = {}): Promise<TrainerOptions> {
  return { modelFolder: await tinyModel(config), optimizer, seed: 3, device: 'cpu', threads: 1, ...changes };
}

async function curve(trainer: Trainer): Promise<{ losses: number[]; norms: number[] }> {
  const losses: number[] = [];
  const norms: number[] = [];
  for (let step = 0; step < 10; step++) {
    const { loss, gradientNorm } = await trainer.step([tinyBatch(2, 6, step)], 1e-2);
    losses.push(loss);
    norms.push(gradientNorm);
  }
  return { losses, norms };
}
