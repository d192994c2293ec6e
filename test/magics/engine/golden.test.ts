import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { momentNames } from '../../../magics/engine/adamw.ts';
import { saveCheckpoint } from '../../../magics/engine/checkpoint.ts';
import { readModelConfig } from '../../../magics/engine/config.ts';
import { createGenerator } from '../../../magics/engine/generator.ts';
import { readSafetensors, type Tensor } from '../../../magics/engine/safetensors.ts';
import { trainTokenizer } from '../../../magics/engine/tokenizer.ts';
import { createTrainer } from '../../../magics/engine/trainer.ts';
import type { AdapterOptions, Batch, Device, OptimizerOptions, Trainer } from '../../../magics/engine/types.ts';
import { devicesHere } from './finite-differences.ts';
import { createGradientSession } from './gradient-session.ts';

interface Reference {
  loss: number;
  losses: number[];
  gradientNorms: number[];
  greedy: number[];
}

interface Golden {
  optimizer: OptimizerOptions & { learningRate: number };
  adapter: AdapterOptions;
  batch: { rows: number; sequenceTokens: number; inputIds: number[]; labels: number[]; weights: number[] };
  full: Reference;
  lora: Reference;
}

const devices = await devicesHere();
const folder = 'test/golden/engine';
const modelFolder = path.join(folder, 'model');
const golden = JSON.parse(await readFile(path.join(folder, 'golden.json'), 'utf8')) as Golden;
const tensorsOf = (name: string) => readSafetensors(path.join(folder, name));
const batch: Batch = {
  ...golden.batch,
  inputIds: Int32Array.from(golden.batch.inputIds),
  labels: Int32Array.from(golden.batch.labels),
  weights: Float32Array.from(golden.batch.weights),
};

describe.each(['full', 'lora'] as const)('against PyTorch, Transformers and PEFT: %s', (mode) => {
  it.each(devices)('loss and gradients agree to 1e-4 on %s', async (device) => {
    const { loss, gradients } = await lossAndGradients(mode, device);
    expect(loss).toBeCloseTo(golden[mode].loss, 5);
    const expected = await tensorsOf(mode === 'full' ? 'gradients.safetensors' : 'adapter_gradients.safetensors');
    expect([...gradients.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, { data }] of expected) {
      expect(relativeError(gradients.get(name)!, data), name).toBeLessThan(1e-4);
    }
  });

  it('20 steps of AdamW with clipping and weight decay follow the same losses and gradient norms', async () => {
    const trainer = await goldenTrainer(mode);
    for (const [i, expected] of golden[mode].losses.entries()) {
      const { loss, gradientNorm } = await trainer.step([batch], golden.optimizer.learningRate);
      expect(loss, `loss of step ${i}`).toBeCloseTo(expected, 4);
      expect(gradientNorm / golden[mode].gradientNorms[i]!, `gradient norm of step ${i}`).toBeCloseTo(1, 3);
    }
    await trainer.dispose();
  });

  it('logits agree to 1e-4 and greedy decoding gives the same 64 tokens, the adapter merged', async () => {
    const decoded = await mkdtemp(path.join(tmpdir(), 'golden-'));
    const trainer = await goldenTrainer(mode);
    await trainer.saveModel(decoded);
    await trainer.dispose();
    await addTokenizer(decoded);
    const generator = await createGenerator({ modelFolder: decoded, device: 'cpu', threads: 1 });
    const inputs = Array.from(batch.inputIds, Number);
    const [generation] = await generator.generate([inputs.slice(0, 5)], { maxNewTokens: 64 });
    expect(generation!.tokens).toEqual(golden[mode].greedy);

    const sequences = Array.from({ length: batch.rows }, (_, row) => inputs.slice(row * 16, (row + 1) * 16));
    const scores = await generator.score(sequences);
    const logits = (await tensorsOf('logits.safetensors')).get(mode)!;
    for (const [row, sequence] of sequences.entries()) {
      const expected = sequence.slice(1).map((id, i) => logProbability(logits, row * 16 + i, id));
      for (const [i, score] of scores[row]!.entries()) expect(Math.abs(score - expected[i]!)).toBeLessThan(1e-4);
    }
    await generator.dispose();
  });
});

async function goldenTrainer(mode: 'full' | 'lora'): Promise<Trainer> {
  const options = { modelFolder, optimizer: golden.optimizer, seed: 1, device: 'cpu' as const, threads: 1 };
  if (mode === 'full') return createTrainer(options);
  const trainer = await createTrainer({ ...options, adapter: golden.adapter });
  const checkpoint = await mkdtemp(path.join(tmpdir(), 'golden-adapter-'));
  await saveCheckpoint(checkpoint, { tensors: withMoments(await tensorsOf('adapter.safetensors')), steps: 0 });
  await trainer.loadCheckpoint(checkpoint);
  return trainer;
}

function withMoments(parameters: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const tensors = new Map(parameters);
  for (const [name, { shape, data }] of parameters) {
    for (const moment of Object.values(momentNames(name))) {
      tensors.set(moment, { shape, data: new Float32Array(data.length) });
    }
  }
  return tensors;
}

async function lossAndGradients(mode: 'full' | 'lora', device: Device) {
  const weights = await readSafetensors(path.join(modelFolder, 'model.safetensors'));
  const session = await createGradientSession({
    config: await readModelConfig(modelFolder),
    batch,
    trained: mode === 'full' ? weights : await tensorsOf('adapter.safetensors'),
    frozen: mode === 'full' ? new Map() : weights,
    adapterScale: mode === 'full' ? undefined : golden.adapter.alpha / golden.adapter.rank,
    device,
  });
  const result = await session.lossAndGradients();
  await session.release();
  return result;
}

/** The model's tokens have no text: any tokenizer will do whose end-of-sequence token the model cannot make. */
async function addTokenizer(target: string): Promise<void> {
  await trainTokenizer(['golden'], { vocabularySize: 300 }).save(target);
  const file = path.join(target, 'tokenizer_config.json');
  const config = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...config, eos_token: 'z' }));
}

/** Norm of the difference over the norm of the reference. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  const norm = (values: Float32Array) => Math.hypot(...values);
  return norm(actual.map((value, i) => value - expected[i]!)) / norm(expected);
}

function logProbability({ shape, data }: Tensor, position: number, id: number): number {
  const size = shape.at(-1)!;
  const logits = data.subarray(position * size, (position + 1) * size);
  const largest = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return logits[id]! - largest - Math.log(sum);
}
