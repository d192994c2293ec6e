import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { initializeModel } from '../../magics/engine/initialize.ts';
import type { Device } from '../../magics/engine/types.ts';
import { findPython } from './find-python.ts';
import { findGraphicsDevice } from './graphics-device.ts';
import { median } from './median.ts';
import type { BenchRow } from './row.ts';
import { hasAccelerator, torchRate } from './torch.ts';

const execute = promisify(execFile);

/** One training to measure; what `training-rate.ts` and torch_rates.py are given. */
export interface TrainingJob {
  folder: string;
  config: Record<string, unknown>;
  mode: 'lora' | 'full';
  rows: number;
  sequenceTokens: number;
  /** Share of the positions that are prompt, and not learned. */
  promptShare: number;
  threads: number;
  steps: number;
  /** Where to train; PyTorch takes its own accelerator for any but the processor. */
  device: Device;
}

/** What a process reports of its training. */
export interface TrainingRate {
  /** The median step. */
  tokensPerSecond: number;
  /** Most memory that the process held. */
  peakBytes: number;
}

const llama = { architectures: ['LlamaForCausalLM'], model_type: 'llama', rms_norm_eps: 1e-5 };
const models = {
  '7M': {
    ...llama,
    vocab_size: 4096,
    hidden_size: 256,
    intermediate_size: 688,
    num_hidden_layers: 6,
    num_attention_heads: 8,
    max_position_embeddings: 1024,
  },
  /** SmolLM2-135M's sizes. */
  '135M': {
    ...llama,
    vocab_size: 49_152,
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    max_position_embeddings: 1024,
    tie_word_embeddings: true,
  },
} as const;
/** Rows of 128 tokens in a batch, and steps to take. */
const sizes = { '7M': { rows: 8, steps: 12 }, '135M': { rows: 4, steps: 5 } } as const;
const threads = 2;
/** Ours and PyTorch's take turns so many times, and the median of each counts: other users of the machine come and go. */
const rounds = 3;

/**
 * Tokens per second and peak memory of LoRA and full training beside Transformers and PEFT on the current PyTorch, each in
 * a process of its own, two threads. In the chat rows three quarters of the positions are prompt; rows of 1024 tokens are
 * what sample packing makes.
 */
export async function benchTraining(): Promise<BenchRow[]> {
  const python = await findPython('torch', 'transformers', 'peft');
  const rows: BenchRow[] = [];
  for (const size of ['7M', '135M'] as const) {
    const folder = await mkdtemp(path.join(tmpdir(), 'bench-training-'));
    try {
      await initializeModel(folder, models[size], 1);
      const shared = {
        folder,
        config: models[size],
        ...sizes[size],
        sequenceTokens: 128,
        threads,
        device: 'cpu' as const,
      };
      for (const mode of ['lora', 'full'] as const) {
        const name = `${mode === 'lora' ? 'LoRA' : 'full'} training, ${size}`;
        rows.push(...(await compare(name, { ...shared, mode, promptShare: 0 }, python)));
      }
      const chat = { ...shared, mode: 'lora' as const, promptShare: 0.75 };
      rows.push(...(await compare(`LoRA training on chat rows, ${size}`, chat, python)));
      const packed = { ...shared, mode: 'lora' as const, promptShare: 0, rows: 1, sequenceTokens: 1024 };
      rows.push(...(await compare(`LoRA training on a row of 1024 tokens, ${size}`, packed, python)));
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  return [...rows, ...(await deviceRows(python))];
}

/**
 * LoRA training on a graphics device, beside PyTorch on the same; a software renderer, slow as it is, trains the small
 * model on little and is compared with nothing. No row where there is neither.
 */
async function deviceRows(python: string | undefined): Promise<BenchRow[]> {
  const graphics = await findGraphicsDevice();
  if (graphics === undefined) return [];
  const size = graphics.isSoftware ? '7M' : '135M';
  const batch = graphics.isSoftware
    ? { rows: 2, sequenceTokens: 32, steps: 4 }
    : { rows: 16, sequenceTokens: 128, steps: 12 };
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-training-'));
  try {
    await initializeModel(folder, models[size], 1);
    const { device } = graphics;
    const shared = { folder, config: models[size], promptShare: 0, threads, device };
    const job: TrainingJob = { ...shared, ...batch, mode: 'lora' };
    const name = `LoRA training on ${graphics.name}, ${size}`;
    const { tokensPerSecond: value } = await ownRate(job);
    const row: BenchRow = { name, value, unit: 'tokens/s' };
    if (graphics.isSoftware) return [row];
    if (python === undefined || !(await hasAccelerator(python)))
      return [{ ...row, against: 'no PyTorch that sees it' }];
    const peer = await torchRate(python, job);
    return [{ ...row, against: `PyTorch ${peer.tokensPerSecond.toFixed(0)}`, ratio: value / peer.tokensPerSecond }];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compare(name: string, job: TrainingJob, python: string | undefined): Promise<BenchRow[]> {
  const [own, torch]: [TrainingRate[], TrainingRate[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    own.push(await ownRate(job));
    if (python !== undefined) torch.push(await torchRate(python, job));
  }
  const ours = middle(own);
  const peer = torch.length === 0 ? undefined : middle(torch);
  const against =
    peer === undefined ? 'no Python with torch, transformers and peft: set LLMOPS_BENCH_PYTHON' : 'PyTorch';
  const ratio = (of: (rate: TrainingRate) => number) => peer && of(ours) / of(peer);
  const mebibytes = ours.peakBytes / 2 ** 20;
  return [
    { name, value: ours.tokensPerSecond, unit: 'tokens/s', against, ratio: ratio((rate) => rate.tokensPerSecond) },
    { name: `${name}: peak memory`, value: mebibytes, unit: 'MiB', against, ratio: ratio((rate) => rate.peakBytes) },
  ];
}

function middle(rates: readonly TrainingRate[]): TrainingRate {
  return {
    tokensPerSecond: median(rates.map(({ tokensPerSecond }) => tokensPerSecond)),
    peakBytes: median(rates.map(({ peakBytes }) => peakBytes)),
  };
}

async function ownRate(job: TrainingJob): Promise<TrainingRate> {
  const { stdout } = await execute(process.execPath, [
    'test/run.mjs',
    'test/bench/training-rate.ts',
    JSON.stringify(job),
  ]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as TrainingRate;
}
