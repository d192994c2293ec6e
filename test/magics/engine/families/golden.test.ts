import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createGenerator } from '../../../../magics/engine/generator.ts';
import { devicesHere } from '../finite-differences.ts';
import { relativeError } from '../relative-error.ts';
import {
  decodableFolder,
  type GoldenModel,
  goldenFolder,
  goldenTrainer,
  gradientsOfOneStep,
  loadGolden,
  logProbabilities,
  type Mode,
} from './golden-model.ts';

const entries = await readdir(goldenFolder, { withFileTypes: true });
const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
const devices = await devicesHere();
const cases = names.flatMap((name) => (['full', 'lora'] as const).map((mode) => ({ name, mode })));

describe.each(cases)('$name against Transformers and PEFT: $mode', ({ name, mode }) => {
  it.each(devices)('gradients agree to 1e-4 on %s', async (device) => {
    const golden = await loadGolden(name);
    const gradients = await gradientsOfOneStep(golden, mode, device);
    const expected = [...golden.tensors].filter(([key]) => key.startsWith(`${mode}.`) && key !== `${mode}.logits`);
    expect([...gradients.keys()].sort()).toEqual(expected.map(([key]) => key.slice(5)).sort());
    for (const [key, { data }] of expected) {
      expect(relativeError(gradients.get(key.slice(5))!, data), key).toBeLessThan(1e-4);
    }
  });

  it('20 steps of AdamW with clipping and weight decay have the same losses and gradient norms', async () => {
    const golden = await loadGolden(name);
    const { losses, gradientNorms } = golden.references[mode];
    const trainer = await goldenTrainer(golden, mode);
    for (const [i, expected] of losses.entries()) {
      const { loss, gradientNorm } = await trainer.step([golden.batch], golden.optimizer.learningRate);
      expect(loss, `loss of step ${i}`).toBeCloseTo(expected, 4);
      expect(gradientNorm / gradientNorms[i]!, `gradient norm of step ${i}`).toBeCloseTo(1, 3);
    }
    await trainer.dispose();
  });

  it('logits agree to 1e-4 and greedy decoding gives the same 64 tokens', async () => {
    const golden = await loadGolden(name);
    const modelFolder = await decodableFolder(golden, mode);
    const generator = await createGenerator({ modelFolder, device: 'cpu', threads: 1 });
    const prompt = Array.from(golden.batch.inputIds.subarray(0, 5), Number);
    const [generation] = await generator.generate([prompt], { maxNewTokens: 64, temperature: 0 });
    expect(generation!.tokens).toEqual(golden.references[mode].greedy);

    for (const { sequence, expected } of scoredSequences(golden, mode)) {
      const [scores] = await generator.score([sequence]);
      for (const [i, score] of scores!.entries()) expect(Math.abs(score - expected[i]!)).toBeLessThan(1e-4);
    }
    await generator.dispose();
  });
});

describe.each(names)("%s with PEFT's adapter loaded beside it", (name) => {
  it('decodes the same 64 tokens as PEFT, and without it those of the base', async () => {
    const golden = await loadGolden(name);
    const generator = await createGenerator({
      modelFolder: await decodableFolder(golden, 'full'),
      device: 'cpu',
      threads: 1,
    });
    await generator.loadAdapter('peft', golden.adapter.initialFolder!);
    const prompt = Array.from(golden.batch.inputIds.subarray(0, 5), Number);
    for (const [mode, adapter] of [
      ['lora', 'peft'],
      ['full', undefined],
    ] as const) {
      const [generation] = await generator.generate([prompt], { maxNewTokens: 64, temperature: 0, adapter });
      expect(generation!.tokens).toEqual(golden.references[mode].greedy);
    }
    await generator.dispose();
  });
});

/** The rows of the batch, and the start of the first with every token of the vocabulary: all logits of its end. */
function scoredSequences({ batch, tensors }: GoldenModel, mode: Mode): { sequence: number[]; expected: number[] }[] {
  const logits = tensors.get(`${mode}.logits`)!;
  const { rows, sequenceTokens: length } = batch;
  const ids = Array.from(batch.inputIds, Number);
  const starts = Array.from({ length: rows }, (_, row) => ids.slice(row * length, (row + 1) * length));
  const probe = starts[0]!.slice(0, 8);
  const sequences = starts.map((sequence, row) => ({ sequence, from: row * length }));
  for (let id = 0; id < logits.shape.at(-1)!; id++) sequences.push({ sequence: [...probe, id], from: 0 });
  return sequences.map(({ sequence, from }) => ({
    sequence,
    expected: sequence.slice(1).map((id, i) => logProbabilities(logits, from + i)[id]!),
  }));
}
