import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGenerator } from '../../magics/engine/generator.ts';
import { initializeModel } from '../../magics/engine/initialize.ts';
import { trainTokenizer } from '../../magics/engine/tokenizer.ts';
import { createTrainer } from '../../magics/engine/trainer.ts';
import type { AdapterOptions, Batch } from '../../magics/engine/types.ts';
import { matrixProductRate, matrixVectorRate } from './peak.ts';
import type { BenchRow } from './row.ts';
import { type TorchRates, torchRates } from './torch.ts';

/** A Llama of 6.8 million parameters, trained on batches of 8 x 128 tokens. */
const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 4096,
  hidden_size: 256,
  intermediate_size: 688,
  num_hidden_layers: 6,
  num_attention_heads: 8,
  max_position_embeddings: 512,
  rms_norm_eps: 1e-5,
};
const [rows, sequenceTokens, newTokens] = [8, 128, 256];
const adapter: AdapterOptions = { rank: 8, alpha: 16, dropout: 0, targetModules: ['q_proj', 'v_proj'] };

/** Training and decoding rates of the engine beside the machine's limits and, where a Python has it, PyTorch. */
export async function benchEngine(): Promise<BenchRow[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-engine-'));
  try {
    await initializeModel(folder, config, 1);
    await trainTokenizer(['bench'], { vocabularySize: 300 }).save(folder);
    const peak = await matrixProductRate();
    const torch = await torchRates({ ...config, rows, sequenceTokens, newTokens, rank: adapter.rank });
    const lora = await trainingRate(folder, adapter);
    const full = await trainingRate(folder);
    const alone = await decodingRate(folder, 1);
    const together = await decodingRate(folder, 8);
    const vectorRate = await matrixVectorRate(linearParameters);
    return [
      { name: 'matrix product, 1024 x 1024 x 1024', value: peak / 1e9, unit: 'GFLOP/s' },
      ...trainingRows('LoRA training', lora, 4 * linearParameters, peak, torch?.lora),
      ...trainingRows('full training', full, 6 * linearParameters, peak, torch?.full),
      ...decodingRows('decoding, 1 row', alone, vectorRate, torch),
      { name: 'decoding, 8 rows', value: together, unit: 'tokens/s' },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Weights that every token is multiplied with; two operations each. */
const linearParameters =
  config.num_hidden_layers * (4 * config.hidden_size ** 2 + 3 * config.hidden_size * config.intermediate_size) +
  config.hidden_size * config.vocab_size;

function trainingRows(
  name: string,
  tokensPerSecond: number,
  operationsPerToken: number,
  peak: number,
  torch: number | undefined,
): BenchRow[] {
  const row = { name, value: tokensPerSecond, unit: 'tokens/s' };
  const limit = { ...row, against: 'matrix product', ratio: (tokensPerSecond * operationsPerToken) / peak };
  return torch === undefined ? [limit] : [limit, { ...row, against: 'PyTorch', ratio: tokensPerSecond / torch }];
}

function decodingRows(
  name: string,
  tokensPerSecond: number,
  vectorRate: number,
  torch: TorchRates | undefined,
): BenchRow[] {
  const row = { name, value: tokensPerSecond, unit: 'tokens/s' };
  const limit = { ...row, against: 'matrix-vector products of all weights', ratio: tokensPerSecond / vectorRate };
  return torch === undefined ? [limit] : [limit, { ...row, against: 'PyTorch', ratio: tokensPerSecond / torch.decode }];
}

/** Tokens per second of training steps, the median of ten. */
async function trainingRate(modelFolder: string, trained?: AdapterOptions): Promise<number> {
  const optimizer = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 };
  const trainer = await createTrainer({ modelFolder, adapter: trained, optimizer, seed: 1, device: 'cpu' });
  const batch = randomBatch();
  const seconds: number[] = [];
  for (let step = 0; step < 12; step++) {
    const start = performance.now();
    await trainer.step([batch], 1e-3);
    if (step >= 2) seconds.push((performance.now() - start) / 1000);
  }
  await trainer.dispose();
  return (rows * sequenceTokens) / median(seconds);
}

/** New tokens per second of all rows, prompts of 32 tokens included; the median of three runs. */
async function decodingRate(modelFolder: string, promptCount: number): Promise<number> {
  const generator = await createGenerator({ modelFolder, device: 'cpu' });
  const prompt = Array.from({ length: 32 }, (_, i) => 100 + ((i * 37) % 3000));
  const rates: number[] = [];
  for (let run = 0; run < 4; run++) {
    const start = performance.now();
    const made = await generator.generate(new Array(promptCount).fill(prompt), { maxNewTokens: newTokens });
    const count = made.reduce((sum, { tokens }) => sum + tokens.length, 0);
    if (run > 0) rates.push(count / ((performance.now() - start) / 1000));
  }
  await generator.dispose();
  return median(rates);
}

function randomBatch(): Batch {
  const positions = rows * sequenceTokens;
  const ids = (factor: number) => Int32Array.from({ length: positions }, (_, i) => (i * factor) % config.vocab_size);
  const weights = new Float32Array(positions).fill(1);
  return { rows, sequenceTokens, inputIds: ids(7919), labels: ids(104_729), weights };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}
