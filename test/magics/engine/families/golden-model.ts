import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSafetensors, type Tensor } from '../../../../magics/engine/safetensors.ts';
import { createTrainer } from '../../../../magics/engine/trainer.ts';
import type { AdapterOptions, Batch, Device, OptimizerOptions, Trainer } from '../../../../magics/engine/types.ts';

export type Mode = 'full' | 'lora';

interface Reference {
  loss: number;
  losses: number[];
  gradientNorms: number[];
  greedy: number[];
}

/** One model of test/golden/families, with what Transformers and PEFT computed for it. */
export interface GoldenModel {
  folder: string;
  optimizer: OptimizerOptions & { learningRate: number };
  adapter: AdapterOptions;
  batch: Batch;
  references: Record<Mode, Reference>;
  /** Logits [rows, tokens, vocabulary] and gradients, under `full.` and `lora.`. */
  tensors: Map<string, Tensor>;
}

export const goldenFolder = 'test/golden/families';

export async function loadGolden(name: string): Promise<GoldenModel> {
  const folder = path.join(goldenFolder, name);
  const json = JSON.parse(await readFile(path.join(folder, 'golden.json'), 'utf8'));
  const { rows, sequenceTokens, inputIds, labels, weights } = json.batch;
  return {
    folder,
    optimizer: json.optimizer,
    adapter: { ...json.adapter, initialFolder: path.join(folder, 'adapter') },
    batch: {
      rows,
      sequenceTokens,
      inputIds: Int32Array.from(inputIds),
      labels: Int32Array.from(labels),
      weights: Float32Array.from(weights),
    },
    references: { full: json.full, lora: json.lora },
    tensors: await readSafetensors(path.join(folder, 'tensors.safetensors')),
  };
}

/** A trainer of the golden model, in full or of PEFT's adapter. */
export function goldenTrainer(
  golden: GoldenModel,
  mode: Mode,
  { optimizer = golden.optimizer, device = 'cpu' }: { optimizer?: OptimizerOptions; device?: Device } = {},
): Promise<Trainer> {
  return createTrainer({
    modelFolder: golden.folder,
    adapter: mode === 'lora' ? golden.adapter : undefined,
    optimizer,
    seed: 1,
    device,
    threads: 1,
  });
}

/**
 * The gradients of the golden batch, out of one step: with an epsilon that dwarfs them AdamW is plain gradient descent,
 * and with a large learning rate the new weights are the gradients, but for the old weights.
 */
export async function gradientsOfOneStep(
  golden: GoldenModel,
  mode: Mode,
  device: Device,
): Promise<Map<string, Float32Array>> {
  const [epsilon, rate] = [1e6, 1e10];
  const optimizer = { ...golden.optimizer, epsilon, weightDecay: 0, maxGradientNorm: 0 };
  const trainer = await goldenTrainer(golden, mode, { optimizer, device });
  const before = await trainedWeights(trainer, mode);
  await trainer.step([golden.batch], rate);
  const after = await trainedWeights(trainer, mode);
  await trainer.dispose();
  return new Map(
    [...before].map(([name, { data }]) => {
      const moved = after.get(name)!.data;
      return [name, data.map((value, i) => ((value - moved[i]!) * epsilon) / rate)] as const;
    }),
  );
}

async function trainedWeights(trainer: Trainer, mode: Mode): Promise<Map<string, Tensor>> {
  const folder = await temporaryFolder();
  if (mode === 'full') await trainer.saveModel(folder);
  else await trainer.saveAdapter(folder, 'base');
  return readSafetensors(path.join(folder, mode === 'full' ? 'model.safetensors' : 'adapter_model.safetensors'));
}

/** The golden model as a folder that can be decoded from: as Transformers saved it, or with the adapter merged by us. */
export async function decodableFolder(golden: GoldenModel, mode: Mode): Promise<string> {
  const folder = await temporaryFolder();
  if (mode === 'full') {
    await cp(golden.folder, folder, { recursive: true });
  } else {
    const trainer = await goldenTrainer(golden, 'lora');
    await trainer.saveModel(folder);
    await trainer.dispose();
  }
  await writeTokenizer(folder, 48);
  return folder;
}

/** A tokenizer of `size` letters, whose end token the model cannot make: generation goes on to its limit. */
export async function writeTokenizer(folder: string, size: number): Promise<void> {
  const vocabulary = Object.fromEntries(Array.from({ length: size }, (_, i) => [String.fromCodePoint(0x4e00 + i), i]));
  const end = { id: size, content: '<end>', special: true, single_word: false, lstrip: false, rstrip: false };
  const tokenizer = {
    version: '1.0',
    added_tokens: [{ ...end, normalized: false }],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: { type: 'BPE', vocab: vocabulary, merges: [], unk_token: null },
  };
  await writeFile(path.join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(path.join(folder, 'tokenizer_config.json'), JSON.stringify({ eos_token: '<end>' }));
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'golden-'));
}

/** Log-probabilities [vocabulary] at a position of logits [..., vocabulary]. */
export function logProbabilities({ shape, data }: Tensor, position: number): Float64Array {
  const size = shape.at(-1)!;
  const logits = Float64Array.from(data.subarray(position * size, (position + 1) * size));
  const largest = Math.max(...logits);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return logits.map((logit) => logit - largest - Math.log(total));
}
