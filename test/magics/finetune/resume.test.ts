import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../magics/engine/random.ts';
import { newModel, trainingConfig } from '../../../magics/finetune/config.ts';
import { makeFolder } from '../governance/repository-fixture.ts';

const isSoak = process.env.LLMOPS_SOAK !== undefined;
const kills = isSoak ? 25 : 4;

describe('a training that is killed', { timeout: isSoak ? 1_800_000 : 180_000 }, () => {
  it('at random moments resumes each time, to the curve and weights of an undisturbed one', async () => {
    const undisturbed = makeJob();
    expect(await ended(startWorker(undisturbed))).toBe(0);

    const disturbed = makeJob();
    const random = randomStream('kills', process.pid).uniform;
    for (let killed = 0; killed < kills; killed++) {
      const worker = startWorker(disturbed);
      await randomMoment(disturbed, worker, random);
      expect(worker.exitCode, 'the training ended before it was killed often enough').toBeNull();
      worker.kill('SIGKILL');
      await ended(worker);
    }
    expect(await ended(startWorker(disturbed))).toBe(0);

    expect(curveOf(disturbed)).toEqual(curveOf(undisturbed));
    expect(weightsOf(disturbed).equals(weightsOf(undisturbed))).toBe(true);
  });
});

/** A job folder as submitting writes it: some seconds of training, checkpoints often, dropout and validation included. */
function makeJob(): string {
  const folder = makeFolder();
  const rows = Array.from({ length: 48 }, (_, i) => ({ text: `row ${i} of ${'some more words '.repeat(i % 4)}` }));
  const file = path.join(folder, 'rows.jsonl');
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const config = trainingConfig.parse({
    max_steps: kills * 300,
    save_steps: 20,
    eval_steps: 50,
    micro_batch_size: 8,
    val_set_size: 8,
    learning_rate: 3e-3,
    dropout: 0.1,
    sequence_len: 64,
    load_best_model_at_end: true,
  });
  const create = newModel.parse({ hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, vocab_size: 300 });
  const train = [{ name: 'rows', file, format: { kind: 'completion', column: 'text' } }];
  const spec = {
    schemaVersion: 1,
    id: 'finetune-test',
    kind: 'finetune',
    title: 'fine-tune rows',
    key: 'test',
    createdAt: new Date().toISOString(),
    folder,
    device: 'cpu',
    payload: { base: { create }, train, validation: [], config },
  };
  mkdirSync(path.join(folder, 'checkpoints'));
  writeFileSync(path.join(folder, 'spec.json'), JSON.stringify(spec));
  return folder;
}

function startWorker(jobFolder: string): ChildProcess {
  return spawn(process.execPath, [path.resolve('dist/worker.js'), jobFolder], { stdio: 'ignore' });
}

/** Resolves while the worker starts, or some steps on in its training: by steps, so that fast machines are not done too soon. */
async function randomMoment(jobFolder: string, worker: ChildProcess, random: () => number): Promise<void> {
  if (random() < 0.25) return sleep(50 + random() * 400);
  const until = lastStep(jobFolder) + 10 + random() * 200;
  while (lastStep(jobFolder) < until && worker.exitCode === null) await sleep(10);
}

function lastStep(jobFolder: string): number {
  const file = path.join(jobFolder, 'events.jsonl');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const last = [...text.matchAll(/"type":"metric","name":"train_loss","step":(\d+)/g)].at(-1);
  return Number(last?.[1] ?? 0);
}

/** The exit code once the process is gone; null when it was killed. */
async function ended(worker: ChildProcess): Promise<number | null> {
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
  return worker.exitCode;
}

/** Metric -> step -> value; a step that was made again counts as it came out last. */
function curveOf(jobFolder: string): Record<string, number> {
  const lines = readFileSync(path.join(jobFolder, 'events.jsonl'), 'utf8').split('\n');
  const events = lines.filter((line) => line.includes('"type":"metric"')).map((line) => JSON.parse(line));
  return Object.fromEntries(events.map(({ name, step, value }) => [`${name} ${step}`, value]));
}

function weightsOf(jobFolder: string): Buffer {
  return readFileSync(path.join(jobFolder, 'model', 'model.safetensors'));
}
