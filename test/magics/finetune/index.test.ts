import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { mime } from '../../../magics/context.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { Run } from '../../../magics/handles.ts';
import { git, makeRepository } from '../governance/repository-fixture.ts';
import { conversations, makeContext, type Outputs, runFinetune, tinyOptions } from './training-fixture.ts';

// Real trainings in processes of their own: slow where many share the machine.
vi.setConfig({ testTimeout: 180_000 });

describe('%finetune', () => {
  it('packs conversations, adapts a base in four bits with recomputed layers, and records what it took', async () => {
    const folder = makeRepository();
    const chats = await conversations();
    const shared = { datasets: [{ path: chats }], sample_packing: true, gradient_checkpointing: true, val_set_size: 0 };
    const base_model = { hidden_size: 32, num_hidden_layers: 1, num_attention_heads: 2, vocab_size: 300 };
    const base = await runFinetune(
      await tinyOptions({ ...shared, base_model, max_steps: 40 }),
      makeContext(folder).context,
    );
    const [first, last] = [lossAt(folder, base, 1), lossAt(folder, base, 40)];
    expect(last).toBeLessThan(first * 0.7);
    const { metrics } = base;
    expect(metrics.peak_memory_bytes!.value).toBeGreaterThan(50e6);
    expect(metrics.estimated_memory_bytes!.value! / metrics.peak_memory_bytes!.value!).toBeGreaterThan(0.3);
    expect(metrics.estimated_seconds!.value).toBeGreaterThan(0);

    const { context, outputs } = makeContext(folder);
    const options = await tinyOptions({ ...shared, base_model: base, adapter: 'qlora', lora_r: 4, max_steps: 10 });
    const run = await runFinetune(options, context);
    expect(run.model.name).toBe('chats-qlora');
    expect(textOf(outputs)).toMatch(/This training takes about \d+ MiB of memory \(weights/);
    expect(lossAt(folder, run, 10)).toBeLessThan(first);
  });

  it('names the rows that are too long, and stops when none is left', async () => {
    const folder = makeRepository();
    const { context, outputs } = makeContext(folder);
    await runFinetune(await tinyOptions({ max_steps: 2, sequence_len: 22 }), context);
    expect(textOf(outputs)).toMatch(/rows are longer than 22 tokens .*left out\. Row \d+ of "colours": \d+ tokens;/);
    const short = await tinyOptions({ max_steps: 2, sequence_len: 8 });
    await expect(runFinetune(short, makeContext(folder).context)).rejects.toThrow(
      /nothing to train on: \d+ rows are longer than 8 tokens .*Row \d+ of "colours": \d+ tokens.*Raise sequence_len/,
    );
  });

  it('trains a new model, shows it in two outputs, and commits run, model and card under a version tag', async () => {
    const folder = makeRepository();
    const { context, outputs } = makeContext(folder);
    const run = await runFinetune(await tinyOptions(), context);

    expect(run).toMatchObject({
      status: 'succeeded',
      model: { name: 'paint', version: 'v1.0.0', ref: 'paint@v1.0.0' },
    });
    expect(git(folder, 'rev-parse', 'paint@v1.0.0^{commit}')).toBe(run.commit);
    expect(git(folder, 'status', '--porcelain')).toBe('');
    expect(git(folder, 'show', '--name-only', '--format=', run.commit).split('\n').sort()).toEqual([
      'llmops/models/paint/README.md',
      'llmops/models/paint/model.json',
      `llmops/runs/${run.id}.json`,
    ]);
    expect(readdirSync(run.model.folder).sort()).toEqual([
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const [first, last] = [lossAt(folder, run, 1), lossAt(folder, run, 30)];
    expect(last).toBeLessThan(first * 0.7);

    expect(outputs).toHaveLength(2);
    const [line, chart] = outputs as [Outputs[0], Outputs[0]];
    expect(line.at(-1)![mime.text]).toMatch(
      new RegExp(
        `^paint@v1\\.0\\.0: validation loss .* after 30 steps; \\d+ s on cpu; committed ${run.commit.slice(0, 7)}`,
      ),
    );
    expect(chart.at(-1)![mime.svg]).toContain('<svg');
    expect(chart.at(-1)![mime.text]).toContain('Validation loss');
  });

  it('adapts that model with LoRA; the same cell again answers from the first, and fresh trains anew', async () => {
    const folder = makeRepository();
    const base = await runFinetune(await tinyOptions(), makeContext(folder).context);
    const options = await tinyOptions({ base_model: base, adapter: 'lora', lora_r: 4, max_steps: 5 });
    const run = await runFinetune(options, makeContext(folder).context);
    expect(readdirSync(path.join(run.model.folder, 'adapter')).sort()).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
    ]);
    const record = await (await openStore(folder)).read('run', run.id);
    expect(record?.inputs).toContainEqual(expect.objectContaining({ role: 'base', name: 'paint', version: 'v1.0.0' }));

    const { context, outputs } = makeContext(folder);
    expect(await runFinetune({ ...options, base_model: 'paint@v1.0.0' }, context)).toMatchObject({
      id: run.id,
      commit: run.commit,
      model: run.model,
    });
    expect(outputs[0]!.at(-1)![mime.text]).toContain('was done before');

    const again = await runFinetune({ ...options, fresh: true }, makeContext(folder).context);
    expect(again.model.ref).toBe('paint-lora@v1.1.0');
    expect(weights(again)).toEqual(weights(run));
  });

  it('run in two notebooks at once trains once and makes one version', async () => {
    const folder = makeRepository();
    const options = await tinyOptions({ max_steps: 200, prompt_loss_weight: 0.1 });
    const runs = await Promise.all([1, 2].map(() => runFinetune(options, makeContext(folder).context)));
    expect(runs[0]).toMatchObject({ id: runs[1]!.id, commit: runs[1]!.commit, model: { ref: 'paint@v1.0.0' } });
    expect(git(folder, 'tag')).toBe('paint@v1.0.0');
    expect(runs[0]!.metrics.validation_exact_match!.value).toBeGreaterThan(0.5);
    expect(readdirSync(path.join(folder, '.llmops', 'jobs'))).toHaveLength(1);
  });

  it('stops within two seconds when interrupted, says so in the record, and resumes to the same curve', async () => {
    const folder = makeRepository();
    const options = await tinyOptions({ max_steps: 600, save_steps: 100, dropout: 0.1, word_dropout: 0.1 });
    const { context, outputs, interrupt } = makeContext(folder);
    const interrupted = runFinetune(options, context).catch((error: unknown) => error);
    await until(() => textOf(outputs).includes('training'));
    const startedAt = performance.now();
    interrupt();
    const error = await interrupted;
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(error).toMatchObject({ name: 'Interrupted', message: expect.stringMatching(/stopped at step \d+ of 600/) });
    const [cancelled] = await (await openStore(folder)).list('run');
    expect(cancelled).toMatchObject({ status: 'cancelled', reason: 'interrupted' });

    const second = makeContext(folder);
    const resumed = await runFinetune(options, second.context);
    expect(textOf(second.outputs)).toMatch(/Resumed from the checkpoint of step \d+/);
    const whole = await runFinetune({ ...options, fresh: true }, makeContext(folder).context);
    expect(series(folder, resumed)).toEqual(series(folder, whole));
    expect(weights(resumed)).toEqual(weights(whole));
  });

  it('says what happened when the worker is killed, and continues from its checkpoint', async () => {
    const folder = makeRepository();
    const options = await tinyOptions({ max_steps: 600, save_steps: 20 });
    const { context, outputs } = makeContext(folder);
    const killed = runFinetune(options, context).catch((error: unknown) => error);
    await until(() => jobEvents(folder).includes('"type":"checkpoint"'));
    process.kill(Number(/"pid":(\d+)/.exec(jobEvents(folder))![1]), 'SIGKILL');
    expect(await killed).toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/^Training paint failed at step \d+: The worker process ended without a result/),
    });
    expect(textOf(outputs)).toContain('Training paint failed');
    expect(await (await openStore(folder)).list('run')).toMatchObject([{ status: 'failed' }]);

    const second = makeContext(folder);
    const run = await runFinetune(options, second.context);
    expect(textOf(second.outputs)).toMatch(/Resumed from the checkpoint of step \d+/);
    expect(run.metrics.steps).toEqual({ value: 600 });
  });

  it('stops a training whose loss blows up, and keeps the chart with the reason', async () => {
    const folder = makeRepository();
    const { context, outputs } = makeContext(folder);
    const options = await tinyOptions({ learning_rate: 1e4, max_grad_norm: 0, max_steps: 200, warmup_steps: 0 });
    await expect(runFinetune(options, context)).rejects.toThrow(
      /Training paint failed at step \d+: The loss .*[Rr]ow \d+ of "colours", row \d+ of "colours"/,
    );
    expect(outputs[1]!.at(-1)![mime.text]).toContain('The loss');
  });
});

function textOf(outputs: Outputs): string {
  return outputs
    .flat()
    .map((bundle) => String(bundle[mime.text]))
    .join('\n');
}

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 20) {
    if (waitedMs > 30_000) throw new Error('It did not happen within 30 s.');
    await sleep(20);
  }
}

function jobEvents(folder: string): string {
  const jobs = path.join(folder, '.llmops', 'jobs');
  try {
    return readFileSync(path.join(jobs, readdirSync(jobs)[0]!, 'events.jsonl'), 'utf8');
  } catch {
    return '';
  }
}

function series(folder: string, run: Run): unknown[] {
  const record = JSON.parse(git(folder, 'show', `HEAD:llmops/runs/${run.id}.json`));
  const oid = String(record.series.oid).slice('sha256:'.length);
  const file = path.join(folder, '.llmops', 'objects', 'sha256', oid.slice(0, 2), oid.slice(2));
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function lossAt(folder: string, run: Run, step: number): number {
  const points = series(folder, run) as { name: string; step: number; value: number }[];
  return points.find((point) => point.name === 'train_loss' && point.step === step)!.value;
}

function weights(run: Run): Buffer {
  return readFileSync(path.join(run.model.folder, 'model.safetensors'));
}
