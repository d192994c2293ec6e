// Makes sample-notebooks/models/schedule-base: node test/run.mjs sample-notebooks/schedules/pretrain.ts [--threads N]
// Stopped, it goes on from its last checkpoint when started again.
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { initializeModel } from '../../magics/engine/initialize.ts';
import { loadTokenizer, trainTokenizer } from '../../magics/engine/tokenizer.ts';
import { createTrainer } from '../../magics/engine/trainer.ts';
import type { Tokenizer, Trainer } from '../../magics/engine/types.ts';
import { toBatch } from '../../magics/finetune/batches.ts';
import type { Example as Sequence } from '../../magics/finetune/examples.ts';
import { learningRate } from '../../magics/finetune/schedule.ts';
import { developmentExamples, pretrainingExamples } from './pairs.ts';
import { createRandom } from './random.ts';
import { encodeExample, exactShare } from './sequences.ts';

const recipe = {
  vocabularySize: 1024,
  /** `promptWeight`: weight of instruction and sentence in the loss; the answer's tokens weigh 1. */
  cycles: [
    { steps: 3072, peak: 2e-3, promptWeight: 0.1 },
    { steps: 4608, peak: 1.5e-3, promptWeight: 0.02 },
  ],
  warmupSteps: 100,
  /** Share of a cycle in which the learning rate falls. */
  decayShare: 0.4,
  rows: 32,
  /** Sequence lengths that batches are padded to; longer examples are left out. */
  buckets: [32, 40, 52, 72],
  optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.05, maxGradientNorm: 1 },
  seed: 12345,
};
const batchesPerPool = 8;
const stepsPerReport = 250;
/** The instruction, the sentence and the answer, each ended by one token. */
const chatTemplate =
  "{% for message in messages %}{% if message.role == 'user' %}{{ '<|user|>' + message.content }}" +
  "{% elif message.role == 'assistant' %}{{ '<|assistant|>' + message.content + eos_token }}" +
  '{% else %}{{ message.content }}{% endif %}{% endfor %}' +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: '2' },
    work: { type: 'string', default: '.llmops/schedule-base' },
    out: { type: 'string', default: 'sample-notebooks/models/schedule-base' },
  },
});
await pretrain(path.resolve(values.work), path.resolve(values.out));

async function pretrain(workFolder: string, outFolder: string): Promise<void> {
  const start = path.join(workFolder, 'start');
  const checkpoint = path.join(workFolder, 'checkpoint');
  if (!existsSync(path.join(start, 'model.safetensors'))) await writeStart(start);
  const tokenizer = await loadTokenizer(start);
  const trainer = await createTrainer({
    modelFolder: start,
    optimizer: recipe.optimizer,
    seed: recipe.seed,
    device: 'cpu',
    threads: Number(values.threads),
  });
  console.log(`${trainer.trainableParameters} parameters`);
  const steps = recipe.cycles.reduce((sum, cycle) => sum + cycle.steps, 0);
  let step = await resume(trainer, checkpoint);
  let [lossSum, losses, begin] = [0, 0, Date.now()];
  while (step < steps) {
    for (const batch of poolOfBatches(step, tokenizer)) {
      const rate = learningRateAt(step);
      lossSum += (await trainer.step([batch], rate)).loss;
      losses++;
      step++;
    }
    if (losses < stepsPerReport && step < steps) continue;
    await saveProgress(trainer, checkpoint, step);
    const exact = await developmentScore(trainer, tokenizer);
    const line = { step, loss: lossSum / losses, exact, seconds: (Date.now() - begin) / 1000 };
    console.log(JSON.stringify(line));
    await appendFile(path.join(workFolder, 'log.jsonl'), `${JSON.stringify(line)}\n`);
    [lossSum, losses, begin] = [0, 0, Date.now()];
  }
  await trainer.saveModel(outFolder, { dtype: 'float16' });
  await trainer.dispose();
}

/** The rate rises at the very beginning, and in each cycle stays at the cycle's peak, then falls to 0 in a straight line. */
function learningRateAt(step: number): number {
  const { begin, steps, peak } = cycleAt(step);
  const decaySteps = Math.round(steps * recipe.decayShare);
  const decayStep = step - (begin + steps - decaySteps);
  const schedule = { peak, steps, warmupSteps: recipe.warmupSteps, minRatio: 0 };
  if (decayStep < 0) return learningRate(step, { ...schedule, scheduler: 'constant' });
  return learningRate(decayStep, { ...schedule, scheduler: 'linear', steps: decaySteps, warmupSteps: 0 });
}

function cycleAt(step: number) {
  let begin = 0;
  for (const cycle of recipe.cycles) {
    if (step < begin + cycle.steps) return { ...cycle, begin };
    begin += cycle.steps;
  }
  throw new Error(`Step ${step} lies beyond the last cycle.`);
}

/** The tokenizer and the untrained weights. */
async function writeStart(folder: string): Promise<void> {
  const examples = take(pretrainingExamples(recipe.seed - 1), 20_000);
  const texts = examples.flatMap(({ instruction, text, answer }) => [instruction, text, answer]);
  const tokenizer = trainTokenizer(texts, {
    vocabularySize: recipe.vocabularySize,
    specialTokens: ['<|pad|>', '<|end|>', '<|user|>', '<|assistant|>'],
    lowercase: true,
    pattern: 'words',
    chatTemplate,
  });
  await mkdir(folder, { recursive: true });
  await tokenizer.save(folder);
  await initializeModel(
    folder,
    {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      vocab_size: recipe.vocabularySize,
      hidden_size: 160,
      intermediate_size: 432,
      num_hidden_layers: 5,
      num_attention_heads: 5,
      num_key_value_heads: 5,
      hidden_act: 'silu',
      max_position_embeddings: 128,
      rms_norm_eps: 1e-5,
      rope_theta: 10000,
      tie_word_embeddings: true,
      attention_bias: false,
      mlp_bias: false,
      pad_token_id: 0,
      bos_token_id: null,
      eos_token_id: 1,
    },
    recipe.seed,
  );
}

async function resume(trainer: Trainer, checkpoint: string): Promise<number> {
  const stepFile = path.join(checkpoint, 'pretraining-step.json');
  if (!existsSync(stepFile)) return 0;
  await trainer.loadCheckpoint(checkpoint);
  return JSON.parse(await readFile(stepFile, 'utf8')) as number;
}

async function saveProgress(trainer: Trainer, checkpoint: string, step: number): Promise<void> {
  await trainer.saveCheckpoint(checkpoint);
  await writeFile(path.join(checkpoint, 'pretraining-step.json'), JSON.stringify(step));
}

/** The batches from `step` on: examples of like length share a batch, the batches come in random order. */
function poolOfBatches(step: number, tokenizer: Tokenizer) {
  const { rows, buckets, seed } = recipe;
  const { promptWeight } = cycleAt(step);
  const index = Math.floor(step / batchesPerPool);
  const stream = pretrainingExamples(seed + index);
  const longest = buckets.at(-1)!;
  const sequences: Sequence[] = [];
  while (sequences.length < batchesPerPool * rows) {
    const sequence = encodeExample(stream.next().value, tokenizer, promptWeight);
    if (sequence.ids.length - 1 <= longest) sequences.push(sequence);
  }
  sequences.sort((a, b) => a.ids.length - b.ids.length);
  const batches = Array.from({ length: batchesPerPool }, (_, i) => sequences.slice(i * rows, (i + 1) * rows));
  return createRandom(seed + index)
    .shuffle(batches)
    .map((examples) => {
      const length = Math.max(...examples.map(({ ids }) => ids.length)) - 1;
      const sequenceTokens = buckets.find((bucket) => bucket >= length)!;
      return toBatch({ sequenceTokens, rows: examples.map((example) => [example]) }, tokenizer.padTokenId);
    });
}

/** Share of development sentences whose fields are read out without a mistake. */
function developmentScore(trainer: Trainer, tokenizer: Tokenizer): Promise<number> {
  const { rows, buckets, seed } = recipe;
  const sequences = take(developmentExamples(seed), 256).map((example) => encodeExample(example, tokenizer, 0));
  return exactShare(trainer, sequences, { buckets, rows, padTokenId: tokenizer.padTokenId });
}

function take<T>(stream: Generator<T, never>, count: number): T[] {
  return Array.from({ length: count }, () => stream.next().value);
}
