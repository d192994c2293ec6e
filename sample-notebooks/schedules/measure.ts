// Fine-tunes the base model as the quickstart does, without the notebook, and prints the scores on held-out phrasings:
// node test/run.mjs sample-notebooks/schedules/measure.ts [--sets dev,test,novel] [--seeds 1,2,3] [--steps N] [--rate R]
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadTokenizer } from '../../magics/engine/tokenizer.ts';
import { createTrainer } from '../../magics/engine/trainer.ts';
import type { Tokenizer } from '../../magics/engine/types.ts';
import { planEpoch, positionsOf, toBatch } from '../../magics/finetune/batches.ts';
import { chooseBuckets } from '../../magics/finetune/buckets.ts';
import { learningRate } from '../../magics/finetune/schedule.ts';
import { measureLeakage } from './leakage.ts';
import type { Pair } from './pairs.ts';
import { encodeExample, exactShare } from './sequences.ts';

const { values } = parseArgs({
  options: {
    base: { type: 'string', default: 'sample-notebooks/models/schedule-base' },
    data: { type: 'string', default: 'sample-notebooks/data' },
    sets: { type: 'string', default: 'dev' },
    seeds: { type: 'string', default: '1' },
    steps: { type: 'string', default: '600' },
    rate: { type: 'string', default: '3e-3' },
    rank: { type: 'string', default: '16' },
    threads: { type: 'string', default: '2' },
  },
});
const instruction = 'Write as cron.';
const rows = 32;
const tokenizer = await loadTokenizer(path.resolve(values.base));
const training = await readPairs('train');
for (const name of values.sets.split(',')) {
  const leakage = measureLeakage(training, await readPairs(name));
  console.log(`${name}: leakage ${JSON.stringify(leakage)}`);
}
for (const seed of values.seeds.split(',')) await measure(Number(seed));

async function measure(seed: number): Promise<void> {
  const steps = Number(values.steps);
  const rank = Number(values.rank);
  const trainer = await createTrainer({
    modelFolder: path.resolve(values.base),
    adapter: { rank, alpha: 2 * rank, dropout: 0, targetModules: ['all-linear'] },
    optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 },
    seed,
    device: 'cpu',
    threads: Number(values.threads),
  });
  const sequences = training.map((pair) => encode(pair, tokenizer));
  const buckets = chooseBuckets(sequences.map(positionsOf), 3);
  console.log(`seed ${seed}: base alone ${await scores()}`);
  const begin = Date.now();
  let step = 0;
  for (let epoch = 0; step < steps; epoch++) {
    for (const planned of planEpoch(sequences, { buckets, rows, seed, epoch }).slice(0, steps - step)) {
      const rate = learningRate(step++, {
        scheduler: 'cosine',
        peak: Number(values.rate),
        steps,
        warmupSteps: 30,
        minRatio: 0,
      });
      await trainer.step([toBatch(planned, tokenizer.padTokenId)], rate);
      if (step % 200 === 0 && step < steps) console.log(`  step ${step}: ${await scores()}`);
    }
  }
  console.log(`seed ${seed}: ${((Date.now() - begin) / 1000).toFixed(0)} s, ${await scores()}`);
  for (const name of values.sets.split(',')) console.log(`  ${name} by kind: ${await byKind(await readPairs(name))}`);
  await trainer.dispose();

  async function scores(): Promise<string> {
    const parts = values.sets.split(',').map(async (name) => `${name} ${await score(await readPairs(name))}`);
    return (await Promise.all(parts)).join(', ');
  }

  async function byKind(pairs: readonly Pair[]): Promise<string> {
    const kinds = [...new Set(pairs.map((pair) => pair.kind))];
    const parts = kinds.map(async (kind) => `${kind} ${await score(pairs.filter((pair) => pair.kind === kind))}`);
    return (await Promise.all(parts)).join(', ');
  }

  async function score(pairs: readonly Pair[]): Promise<string> {
    const shape = { buckets: [...buckets, 96], rows: 50, padTokenId: tokenizer.padTokenId };
    const test = pairs.map((pair) => encode(pair, tokenizer));
    return `${(100 * (await exactShare(trainer, test, shape))).toFixed(1)}%`;
  }
}

function encode({ text, cron }: Pair, of: Tokenizer) {
  return encodeExample({ instruction, text, answer: cron }, of, 0);
}

async function readPairs(name: string): Promise<Pair[]> {
  const text = await readFile(path.resolve(values.data, `schedules-${name}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Pair);
}
