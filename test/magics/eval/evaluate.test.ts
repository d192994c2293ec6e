import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateModel } from '../../../magics/eval/evaluate.ts';
import { evalOptions } from '../../../magics/eval/options.ts';
import { listJobs } from '../../../magics/jobs/index.ts';
import { git } from '../governance/repository-fixture.ts';
import { type ModelRepository, makeContext, makeModelRepository } from './model-fixture.ts';

let repository: ModelRepository;
beforeAll(async () => {
  repository = await makeModelRepository();
});

const run = (options: Record<string, unknown>, context = makeContext(repository.folder)) =>
  evaluateModel(
    evalOptions.parse({ model: 'cron-lora', data: 'test.csv', target: 'cron', maxNewTokens: 8, ...options }),
    context.context,
  );

describe('%eval', () => {
  it('scores a model against its base, records it once, and answers again from the finished job', async () => {
    const first = makeContext(repository.folder);
    const options = { metrics: ['exact_match', 'bleu', 'perplexity'], against: 'base', slices: ['kind'] };
    const evaluation = await run(options, first);
    expect(evaluation.metrics.exact_match).toMatchObject({ n: 4, level: 0.95 });
    expect(evaluation.metrics.perplexity!.value).toBeGreaterThan(1);
    expect(evaluation.baselineMetrics!.bleu!.signature).toContain('tok:13a');
    expect(git(repository.folder, 'log', '-1', '--format=%H %s')).toMatch(
      new RegExp(`^${evaluation.commit} Evaluate cron-lora@v1.0.0 on test: exact match`),
    );

    const record = await repository.store.read('eval', evaluation.id);
    expect(record!.slices!.map(({ value }) => value)).toEqual(['daily', 'monthly', 'weekly']);
    expect(record!.inputs.map(({ role }) => role)).toEqual(['model', 'baseline', 'test', 'prompt']);
    const samples = readFileSync(await repository.store.objects.file(record!.samples), 'utf8')
      .trim()
      .split('\n');
    expect(JSON.parse(samples[0]!)).toMatchObject({ input: 'every day at nine', reference: '0 9 * * *' });
    expect(first.text()).toMatch(
      /^cron-lora@v1\.0\.0: exact match .*% \[.*\], \+?.* over base; .*committed [0-9a-f]{7}$/m,
    );

    const jobs = (await listJobs(repository.folder)).length;
    const second = makeContext(repository.folder);
    const again = await run(options, second);
    expect(again).toEqual(evaluation);
    expect((await listJobs(repository.folder)).length).toBe(jobs);
    expect(second.text()).toContain('answered before');
  });

  it('warns of inputs that the training data holds too', async () => {
    const { folder } = await makeModelRepository({ trainingRows: 3 });
    const { context, text } = makeContext(folder);
    await evaluateModel(evalOptions.parse({ model: 'cron-lora', data: 'test.csv', target: 'cron' }), context);
    expect(text()).toContain('3 of 4 inputs (75.0%) are in the training data "schedules" too');
    expect(text()).toContain('Only 4 samples');
  });

  it('fails a cell whose gate fails, after recording', async () => {
    const failing = run({ metrics: ['exact_match', 'token_f1'], gate: 'exact_match>=0.9' });
    await expect(failing).rejects.toThrow(
      /cron-lora@v1\.0\.0 fails its gate: exact_match is .*, the gate asks for >= 0\.9/,
    );
    expect(git(repository.folder, 'log', '-1', '--format=%s')).toContain('token F1');
  });

  it('scores by a function of the user’s own', async () => {
    const sameLength = (prediction: string, reference: string) => prediction.length === reference.length;
    const { metrics } = await run({ metrics: [sameLength] });
    expect(metrics.sameLength!.n).toBe(4);
  });

  it('finds every mistake before a model is loaded', async () => {
    const jobs = (await listJobs(repository.folder)).length;
    await expect(run({ partition: 'gpu' })).rejects.toThrow('"partition" asks a Slurm cluster for resources');
    await expect(run({ metrics: 'exactmatch' })).rejects.toThrow('Did you mean "exact_match"?');
    await expect(run({ target: 'crom' })).rejects.toThrow('has no column "crom". Did you mean "cron"?');
    await expect(run({ target: undefined })).rejects.toThrow('Name it with --target');
    await expect(run({ slices: 'kin' })).rejects.toThrow('Did you mean "kind"?');
    await expect(run({ model: 'base' })).rejects.toThrow('names no prompt');
    await expect(run({ model: 'cron-laro' })).rejects.toThrow('cron-lora');
    await expect(run({ gate: 'bleu>3' })).rejects.toThrow('Add it to --metrics');
    expect((await listJobs(repository.folder)).length).toBe(jobs);
  });

  it('cancels its job when the cell is interrupted', async () => {
    const controller = new AbortController();
    const { context } = makeContext(repository.folder, controller.signal);
    const evaluating = evaluateModel(
      evalOptions.parse({ model: 'cron-lora', data: 'test.csv', target: 'cron', maxNewTokens: 90, seed: 5 }),
      context,
    );
    setTimeout(() => controller.abort(), 150);
    await expect(evaluating).rejects.toMatchObject({ name: 'Interrupted' });
    for (const job of await listJobs(repository.folder)) expect(await job.status()).not.toBe('running');
  });
});
