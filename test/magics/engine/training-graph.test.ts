import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../magics/engine/config.ts';
import { adaptedModules, initializeAdapter } from '../../../magics/engine/lora.ts';
import { readSafetensors, type Tensor } from '../../../magics/engine/safetensors.ts';
import { randomTensor } from './finite-differences.ts';
import { createGradientSession } from './gradient-session.ts';
import { allModules, tinyBatch, tinyConfig, tinyModel } from './tiny-model.ts';

/** Per tensor, the error of its largest gradient against central finite differences, relative to it. */
async function gradientErrors(
  config: Record<string, unknown>,
  trained: Map<string, Tensor>,
  frozen: Map<string, Tensor>,
  adapterScale?: number,
): Promise<Map<string, number>> {
  const options = { config: parseModelConfig(config), batch: tinyBatch(), trained, frozen, adapterScale };
  const session = await createGradientSession(options);
  const { gradients } = await session.lossAndGradients();
  const errors = new Map<string, number>();
  for (const [name, { data }] of trained) {
    const gradient = gradients.get(name)!;
    const largest = gradient.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const place = gradient.findIndex((value) => Math.abs(value) === largest);
    const lossAt = async (value: number) => {
      data[place] = value;
      return (await session.lossAndGradients()).loss;
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
    const modules = adaptedModules(parseModelConfig(tinyConfig), allModules);
    const adapter = initializeAdapter(modules, 3, 1);
    let place = 0;
    for (const { shape, data } of adapter.values()) data.set(randomTensor(shape, place++).map((x) => x * 0.3));
    const errors = await gradientErrors(tinyConfig, adapter, weights, 2);
    expect(errors.size).toBe(2 * 7 * 2);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(0.01);
  });
});
