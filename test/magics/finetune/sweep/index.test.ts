import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { type MagicContext, mime, typeSymbol } from '../../../../magics/context.ts';
import { finetune } from '../../../../magics/finetune/index.ts';
import { sweepOptions } from '../../../../magics/finetune/sweep/options.ts';
import { openStore } from '../../../../magics/governance/open-store.ts';
import type { Sweep } from '../../../../magics/handles.ts';
import { listJobs } from '../../../../magics/jobs/index.ts';
import { git, makeRepository } from '../../governance/repository-fixture.ts';
import { makeContext, runFinetune, tinyOptions } from '../training-fixture.ts';

// Real trainings in processes of their own: slow where many share the machine.
vi.setConfig({ testTimeout: 300_000 });

const grid = { method: 'grid', parameters: { learning_rate: { values: [0.02, 1e-6, 0.003] } } };

describe('%finetune sweep', () => {
  it('runs the trials, marks the best, and commits sweep, runs and one version; again it answers at once', async () => {
    const folder = makeRepository();
    const options = await tinyOptions({ max_steps: 12, ...grid });
    const { context, outputs } = makeContext(folder);
    const sweep = await runSweep(options, context);

    expect(sweep.trials.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    const best = sweep.trials.find(({ run }) => run === sweep.best.id)!;
    expect(best.value).toBe(Math.min(...sweep.trials.map(({ value }) => value!)));
    expect(best.parameters).not.toEqual({ learning_rate: 1e-6 });
    expect(sweep.best.model.ref).toBe('paint@v1.0.0');
    const type = (sweep as unknown as Record<symbol, string>)[typeSymbol];
    expect(type).toMatch(/^import\('llmops'\)\.Sweep<.*"validation_loss".*, "learning_rate">$/);
    expect(git(folder, 'tag')).toBe('paint@v1.0.0');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    const store = await openStore(folder);
    const record = await store.read('sweep', sweep.id);
    expect(record).toMatchObject({ status: 'succeeded', best: sweep.best.id, model: 'paint@v1.0.0' });
    expect((await store.names('run')).sort()).toEqual(record!.trials.map(({ run }) => run).sort());
    expect(record!.trials.some(({ isOnFront }) => isOnFront)).toBe(true);

    const shown = outputs.map((contents) => contents.at(-1)!);
    expect(shown[0]![mime.text]).toMatch(
      /^paint@v1\.0\.0: best of 3 trials by validation loss, .* with learning_rate 0\.0/,
    );
    expect(shown[0]![mime.text]).toContain('(Pareto front)');
    expect(shown[1]![mime.svg]).toContain('<svg');
    expect(shown[2]![mime.text]).toContain('3 lines over learning_rate, validation loss');
    const jobs = await listJobs(folder);
    expect(jobs).toHaveLength(3);

    // The same sweep, and the best trial alone, are answered from what is there.
    const again = await runSweep(options, makeContext(folder).context);
    expect(again).toMatchObject({ id: sweep.id, best: { id: sweep.best.id, commit: sweep.best.commit } });
    const { method: _, parameters: __, ...single } = options;
    const alone = await runFinetune({ ...single, ...best.parameters }, makeContext(folder).context);
    expect(alone.id).toBe(sweep.best.id);
    expect(await listJobs(folder)).toHaveLength(3);
  });

  it('stops the worst trials early, and the survivors go on from their checkpoints', async () => {
    const folder = makeRepository();
    const options = await tinyOptions({
      max_steps: 1200,
      eval_steps: 10,
      ...grid,
      early_terminate: { type: 'hyperband', min_iter: 2, eta: 3 },
    });
    const { context } = makeContext(folder);
    const sweep = await runSweep(options, context);
    expect(sweep.trials.filter(({ status }) => status === 'stopped').length).toBe(2);
    expect(sweep.trials[1]).toMatchObject({ parameters: { learning_rate: 1e-6 }, status: 'stopped' });
    const store = await openStore(folder);
    const record = await store.read('sweep', sweep.id);
    const stopped = record!.trials.filter(({ status }) => status === 'stopped');
    for (const trial of stopped) expect(trial.evaluations).toBeLessThan(60);
    expect(stopped[0]!.reason).toMatch(/not among the best 1 of 3 after 2 evaluations/);
    const run = await store.read('run', stopped[0]!.run!);
    expect(run).toMatchObject({ status: 'cancelled', reason: stopped[0]!.reason });

    // The survivor went on where it was stopped: its run equals one that never stopped.
    const best = record!.trials.find(({ run }) => run === sweep.best.id)!;
    const job = (await listJobs(folder)).find(({ id }) => sweep.best.id.endsWith(id.replace(/^finetune-/, '')))!;
    const texts = (await job.events()).flatMap((event) => (event.type === 'message' ? [event.text] : []));
    expect(texts.some((text) => /^Resumed from the checkpoint of step \d+/.test(text))).toBe(true);
    const { method: _, parameters: __, early_terminate: ___, ...single } = options;
    const straight = await runFinetune({ ...single, ...best.parameters, fresh: true }, makeContext(folder).context);
    expect(straight.metrics.validation_loss!.value).toBe(sweep.best.metrics.validation_loss!.value);
  });

  it('when interrupted, records what is done; run again, it repeats no finished trial', async () => {
    const folder = makeRepository();
    const options = await tinyOptions({ max_steps: 60, ...grid });
    const { context, interrupt, outputs } = makeContext(folder);
    const running = runSweep(options, context).catch((error: Error) => error);
    while (!/[12]\/3/.test(String(outputs[0]?.at(-1)?.[mime.text]))) await sleep(50);
    interrupt();
    expect(String(await running)).toMatch(/The sweep was stopped after [12] of 3 trials\. Run the cell again/);
    const store = await openStore(folder);
    const [id] = await store.names('sweep');
    expect(await store.read('sweep', id!)).toMatchObject({ status: 'cancelled', reason: 'interrupted' });
    const finished = (await store.list('run')).filter(({ status }) => status === 'succeeded').map(({ job }) => job);
    const starts = async (job: string) =>
      (await (await listJobs(folder)).find((known) => known.id === job)!.events()).filter(
        ({ type }) => type === 'started',
      );

    const sweep = await runSweep(options, makeContext(folder).context);
    expect(sweep.id).toBe(id);
    expect(sweep.trials.every(({ status }) => status === 'succeeded')).toBe(true);
    for (const job of finished) expect(await starts(job)).toHaveLength(1);
  });

  it('keeps to its budget, in seconds or by the prices of the settings, and goes on past a trial that fails', async () => {
    const folder = makeRepository();
    const options = await tinyOptions({
      max_steps: 8,
      method: 'grid',
      parameters: { learning_rate: { values: [1e9, 0.01, 0.02] } },
      budget: 0.05,
    });
    const error = await runSweep(options, makeContext(folder).context).catch((caught: Error) => caught);
    expect(String(error)).toMatch(/No trial of the sweep succeeded\. The first reason: the budget is used up/);
    const inMoney = { ...options, budget: { cost: 1000 } };
    await expect(runSweep(inMoney, makeContext(folder).context)).rejects.toThrow(/not known what an hour costs here/);
    const prices = { currency: 'EUR', local: { coreHour: 3600 } };
    writeFileSync(path.join(folder, '.llmops/jobs.json'), JSON.stringify({ slots: { cores: 2 }, prices }));
    const { context, outputs } = makeContext(folder);
    const sweep = await runSweep(inMoney, context);
    expect(sweep.trials.map(({ status }) => status)).toEqual(['failed', 'succeeded', 'succeeded']);
    const store = await openStore(folder);
    const { cost, seconds } = (await store.read('sweep', sweep.id))!;
    expect(cost).toEqual({ value: expect.closeTo(seconds * 2, 6), currency: 'EUR', perHour: 7200 });
    expect(outputs[0]!.at(-1)![mime.text]).toMatch(/\d s for \d+\.\d\d EUR; committed/);
    const best = await store.read('run', sweep.best.id);
    expect(best!.cost).toMatchObject({ currency: 'EUR', perHour: 7200 });
  });
});

function runSweep(options: Record<string, unknown>, context: MagicContext): Promise<Sweep> {
  return finetune.verbs.sweep!.run(sweepOptions.parse(options) as never, context) as Promise<Sweep>;
}
