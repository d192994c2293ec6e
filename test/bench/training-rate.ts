import { attentionBlockSize } from '../../magics/engine/attention-blocks.ts';
import { createTrainer } from '../../magics/engine/trainer.ts';
import type { Batch } from '../../magics/engine/types.ts';
import type { TrainingJob, TrainingRate } from './training.bench.ts';

/** `node test/run.mjs test/bench/training-rate.ts JOB_AS_JSON`: trains and prints a `TrainingRate` as JSON. */
const job = JSON.parse(process.argv[2]!) as TrainingJob;
const { rows, sequenceTokens } = job;
const trainer = await createTrainer({
  modelFolder: job.folder,
  adapter: job.mode === 'lora' ? { rank: 8, alpha: 16, dropout: 0, targetModules: ['q_proj', 'v_proj'] } : undefined,
  optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 },
  // As %finetune decides, weights where there is room.
  longestTokens: sequenceTokens,
  attentionBlockSize: attentionBlockSize(sequenceTokens, sequenceTokens),
  packsWeights: job.mode === 'lora',
  seed: 1,
  device: job.device,
  threads: job.threads,
});
const seconds: number[] = [];
for (let step = 0; step < job.steps; step++) {
  const batch = makeBatch(step);
  const start = performance.now();
  await trainer.step([batch], 1e-3);
  seconds.push((performance.now() - start) / 1000);
}
await trainer.dispose();
const sorted = seconds.slice(1).sort((a, b) => a - b);
const rate: TrainingRate = {
  tokensPerSecond: (rows * sequenceTokens) / sorted[sorted.length >> 1]!,
  peakBytes: process.resourceUsage().maxRSS * 1024,
};
console.log(JSON.stringify(rate));

function makeBatch(step: number): Batch {
  const positions = rows * sequenceTokens;
  const ids = (factor: number) =>
    Int32Array.from({ length: positions }, (_, i) => ((i + step) * factor) % Number(job.config.vocab_size));
  const isLearned = (i: number) => i % sequenceTokens >= job.promptShare * sequenceTokens;
  const weights = Float32Array.from({ length: positions }, (_, i) => Number(isLearned(i)));
  return { rows, sequenceTokens, inputIds: ids(7919), labels: ids(104_729), weights };
}
