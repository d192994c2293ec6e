import { Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../magics/engine/config.ts';
import { llama } from '../../../magics/engine/families/llama.ts';
import { adaptedModules, initializeAdapter } from '../../../magics/engine/lora.ts';
import { readSafetensors, type Tensor } from '../../../magics/engine/safetensors.ts';
import { createSession } from '../../../magics/engine/session.ts';
import { buildGradientGraph, gradientName } from '../../../magics/engine/training-graph.ts';
import { randomTensor } from './finite-differences.ts';
import { allModules, tinyBatch, tinyConfig, tinyModel } from './tiny-model.ts';

/** Per tensor, the largest error of a few elements against finite differences, relative to the tensor's largest gradient. */
async function gradientErrors(
  config: Record<string, unknown>,
  trained: Map<string, Tensor>,
  frozen: Map<string, Tensor>,
  adapterScale?: number,
): Promise<Map<string, number>> {
  const batch = tinyBatch();
  const { rows, sequenceTokens } = batch;
  const shapesOf = (tensors: Map<string, Tensor>) => new Map([...tensors].map(([name, { shape }]) => [name, shape]));
  const { model } = buildGradientGraph({
    config: parseModelConfig(config),
    rows,
    sequenceTokens,
    trained: shapesOf(trained),
    frozen: shapesOf(frozen),
    adapterScale,
    adapterDropout: 0,
    residualDropout: 0,
  });
  const session = await createSession(model, { device: 'cpu', threads: 1 });
  const weightSum = batch.weights.reduce((a, b) => a + b);
  const run = () =>
    session.run({
      input_ids: new OrtTensor('int64', BigInt64Array.from(batch.inputIds, BigInt), [rows, sequenceTokens]),
      labels: new OrtTensor('int64', BigInt64Array.from(batch.labels, BigInt), [rows * sequenceTokens]),
      weights: new OrtTensor(
        'float32',
        batch.weights.map((w) => w / weightSum),
        [rows * sequenceTokens, 1],
      ),
      ...Object.fromEntries(
        [...trained, ...frozen].map(([name, { shape, data }]) => [name, new OrtTensor('float32', data, shape)]),
      ),
    });
  const outputs = await run();
  const errors = new Map<string, number>();
  for (const [name, { data }] of trained) {
    const gradient = outputs[gradientName(name)]!.data as Float32Array;
    const largest = gradient.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const place = gradient.findIndex((value) => Math.abs(value) === largest);
    const lossAt = async (value: number) => {
      data[place] = value;
      return Number((await run()).loss!.data[0]);
    };
    const kept = data[place]!;
    const step = 5e-3;
    const slope = ((await lossAt(kept + step)) - (await lossAt(kept - step))) / (2 * step);
    data[place] = kept;
    errors.set(name, Math.abs(slope - gradient[place]!) / largest);
  }
  await session.release();
  return errors;
}

describe('gradients of the weighted loss of a whole model', () => {
  it.each([true, false])('full training, tied embeddings: %s', async (tied) => {
    const changes = { tie_word_embeddings: tied };
    const weights = await readSafetensors(`${await tinyModel(changes)}/model.safetensors`);
    const errors = await gradientErrors({ ...tinyConfig, ...changes }, weights, new Map());
    expect(errors.size).toBe(tied ? 20 : 21);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(0.01);
  });

  it('LoRA on every linear module, with both matrices away from zero', async () => {
    const weights = await readSafetensors(`${await tinyModel()}/model.safetensors`);
    const modules = adaptedModules(llama.parameters(parseModelConfig(tinyConfig)), allModules);
    const adapter = initializeAdapter(modules, 3, 1);
    let place = 0;
    for (const { shape, data } of adapter.values()) data.set(randomTensor(shape, place++).map((x) => x * 0.3));
    const errors = await gradientErrors(tinyConfig, adapter, weights, 2);
    expect(errors.size).toBe(2 * 7 * 2);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(0.01);
  });
});
