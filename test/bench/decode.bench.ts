import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readModelConfig } from '../../magics/engine/config.ts';
import type { Quantization } from '../../magics/engine/decode/quantize-weights.ts';
import { exportOnnx } from '../../magics/engine/export-onnx.ts';
import { createGenerator } from '../../magics/engine/generator.ts';
import { initializeModel } from '../../magics/engine/initialize.ts';
import { trainTokenizer } from '../../magics/engine/tokenizer.ts';
import type { Generator } from '../../magics/engine/types.ts';
import { locateWeights } from '../../magics/engine/weights.ts';
import { deviceRows } from './device-rows.ts';
import { type GgufType, writeGguf } from './gguf.ts';
import { median } from './median.ts';
import { numbersFrom, peerFolder } from './peers.ts';
import type { BenchRow } from './row.ts';

/** The shape of SmolLM2-135M, with random weights. */
const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 49_152,
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  max_position_embeddings: 8192,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
  eos_token_id: 2,
};

/** What is measured: prompts of so many tokens in so many rows, continued by so many; 1 measures the prompt alone. */
interface Measure {
  name: string;
  rows: number;
  promptTokens: number;
  newTokens: number;
}

const measures: readonly Measure[] = [
  { name: 'decoding, 1 row', rows: 1, promptTokens: 32, newTokens: 32 },
  { name: 'decoding, 16 rows', rows: 16, promptTokens: 32, newTokens: 16 },
  { name: 'reading a prompt of 512', rows: 1, promptTokens: 512, newTokens: 1 },
];

const formats: readonly { name: string; quantization: Quantization; gguf: GgufType }[] = [
  { name: 'fp32', quantization: 'none', gguf: 'F32' },
  { name: '4-bit', quantization: 'int4', gguf: 'Q4_0' },
];

/** Decoding a model of 135 million parameters beside llama.cpp on the same weights, and how the rate keeps with the context. */
export async function benchDecoding(): Promise<BenchRow[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-decode-'));
  try {
    await initializeModel(folder, config, 1);
    await trainTokenizer(['bench'], { vocabularySize: 300 }).save(folder);
    const rows = await transformersRows(folder);
    for (const format of formats) {
      const file = path.join(folder, `${format.gguf}.gguf`);
      const model = await readModelConfig(folder);
      await writeGguf(file, model, await locateWeights(folder, model), format.gguf);
      for (const threads of [1, 2]) rows.push(...(await compare(folder, file, format, threads)));
      await rm(file);
    }
    for (const more of [contextRows, prefixRows, guessRows, deviceRows]) rows.push(...(await more(folder)));
    return rows;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Beside Transformers.js on the same weights, exported to ONNX. */
async function transformersRows(folder: string): Promise<BenchRow[]> {
  const peer = await peerFolder('@huggingface/transformers');
  const exported = `${folder}-onnx`;
  try {
    await exportOnnx(folder, exported);
    const args = (packages: string) => [packages, exported, '2', JSON.stringify(measures)];
    const rates = 'reason' in peer ? peer : await numbersFrom('test/bench/transformers-rates.mjs', args(peer.folder));
    const own = await ownRates(folder, 'none', 2);
    return compared(own, rates, 'Transformers.js', (measure) => `${measure.name}, fp32, beside Transformers.js`);
  } finally {
    await rm(exported, { recursive: true, force: true });
  }
}

async function ownRates(folder: string, quantization: Quantization, threads: number): Promise<number[]> {
  const generator = await createGenerator({ modelFolder: folder, device: 'cpu', threads, quantization });
  const rates: number[] = [];
  for (const measure of measures) rates.push(await bestRate(generator, measure));
  await generator.dispose();
  return rates;
}

function compared(
  own: readonly number[],
  peer: readonly number[] | { reason: string },
  peerName: string,
  nameOf: (measure: Measure) => string,
): BenchRow[] {
  return measures.map((measure, i) => ({
    name: nameOf(measure),
    value: own[i]!,
    unit: 'tokens/s',
    ...('reason' in peer
      ? { against: `${peerName}: ${peer.reason}` }
      : { against: `${peerName} ${peer[i]!.toFixed(0)}`, ratio: own[i]! / peer[i]! }),
  }));
}

async function compare(
  folder: string,
  file: string,
  { name: format, quantization }: (typeof formats)[number],
  threads: number,
): Promise<BenchRow[]> {
  const own = await ownRates(folder, quantization, threads);
  const described = `${format}, ${threads} thread${threads === 1 ? '' : 's'}`;
  return compared(own, await llamaRates(file, threads), 'llama.cpp', ({ name }) => `${name}, ${described}`);
}

async function llamaRates(file: string, threads: number): Promise<number[] | { reason: string }> {
  const peer = await peerFolder('node-llama-cpp');
  if ('reason' in peer) return peer;
  return numbersFrom('test/bench/llama-rates.mjs', [peer.folder, file, String(threads), JSON.stringify(measures)]);
}

let salt = 0;

/** The best of three runs; prompts differ from the first token on, so that none is reused. */
async function bestRate(generator: Generator, measure: Omit<Measure, 'name'>): Promise<number> {
  const rates: number[] = [];
  for (let run = 0; run < 3; run++) rates.push(await rate(generator, measure));
  return Math.max(...rates);
}

/** Tokens per second: of the prompt, or of what follows once every row has its first token. */
async function rate(generator: Generator, { rows, promptTokens, newTokens }: Omit<Measure, 'name'>): Promise<number> {
  const prompts = Array.from({ length: rows }, () => randomPrompt(promptTokens));
  const begun = new Set<number>();
  const start = performance.now();
  let [afterPrompts, later] = [0, 0];
  await generator.generate(prompts, {
    maxNewTokens: newTokens,
    onToken(row) {
      if (begun.size === rows) later++;
      else if (begun.add(row).size === rows) afterPrompts = performance.now();
    },
  });
  return newTokens === 1
    ? promptTokens / ((afterPrompts - start) / 1000)
    : later / ((performance.now() - afterPrompts) / 1000);
}

function randomPrompt(tokens: number): number[] {
  salt++;
  return Array.from({ length: tokens }, (_, i) => 1000 + ((i * 37 + salt * 101) % 40_000));
}

const contexts = [128, 256, 512, 1024, 2048];

/**
 * The same tokens in caches with room for more and more: the rate should not notice. The caches take turns, so that
 * what else the machine does meets all of them.
 */
async function contextRows(folder: string): Promise<BenchRow[]> {
  const measure = { rows: 1, promptTokens: 64, newTokens: 64 };
  const generators: Generator[] = [];
  for (const context of contexts) {
    const generator = await createGenerator({ modelFolder: folder, device: 'cpu', quantization: 'int4' });
    // A sequence of nearly that length makes the caches as long, and they stay so.
    if (context > 128) await rate(generator, { rows: 1, promptTokens: context - 128, newTokens: 1 });
    await rate(generator, measure);
    generators.push(generator);
  }
  const found = contexts.map((): number[] => []);
  for (let turn = 0; turn < 7; turn++) {
    for (const [i, generator] of generators.entries()) found[i]!.push(await rate(generator, measure));
  }
  for (const generator of generators) await generator.dispose();
  const rates = found.map(median);
  return contexts.map((context, i) => ({
    name: `decoding, 4-bit, caches for ${context} positions`,
    value: rates[i]!,
    unit: 'tokens/s',
    ...(i > 0 && { against: '128 positions', ratio: rates[i]! / rates[0]! }),
  }));
}

/** Eight questions after the same 400 tokens, with and without a beginning that was seen before. */
async function prefixRows(folder: string): Promise<BenchRow[]> {
  const generator = await createGenerator({ modelFolder: folder, device: 'cpu', quantization: 'int4' });
  const milliseconds = async (prompts: number[][]): Promise<number> => {
    const start = performance.now();
    await generator.generate(prompts, { maxNewTokens: 1 });
    return performance.now() - start;
  };
  const apart = await milliseconds(Array.from({ length: 8 }, () => randomPrompt(420)));
  const shared = randomPrompt(400);
  const alike = await milliseconds(Array.from({ length: 8 }, () => [...shared, ...randomPrompt(20)]));
  await generator.dispose();
  const name = 'first tokens of 8 prompts of 420, 400 of them shared, 4-bit';
  return [{ name, value: alike, unit: 'ms', against: `nothing shared ${apart.toFixed(0)} ms`, ratio: alike / apart }];
}

/** An answer that says the same words again and again, with and without guessing them. */
async function guessRows(folder: string): Promise<BenchRow[]> {
  const rates: number[] = [];
  for (const guesses of [false, true]) {
    const generator = await createGenerator({ modelFolder: folder, device: 'cpu', quantization: 'int4', guesses });
    const constraint = { choices: ['the same again, '.repeat(16)] };
    const start = performance.now();
    const [made] = await generator.generate([randomPrompt(32)], { maxNewTokens: 256, constraint });
    rates.push(made!.tokens.length / ((performance.now() - start) / 1000));
    await generator.dispose();
  }
  const [plain, guessed] = rates as [number, number];
  const name = 'decoding what repeats itself, 4-bit, guessed ahead';
  return [{ name, value: guessed, unit: 'tokens/s', against: `unguessed ${plain.toFixed(0)}`, ratio: guessed / plain }];
}
