import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { mime } from '../../../magics/context.ts';
import { finetune } from '../../../magics/finetune/index.ts';
import type { Run } from '../../../magics/handles.ts';
import { type Job, listJobs, submitJob } from '../../../magics/jobs/index.ts';
import { git, makeFolder, makeRepository } from '../governance/repository-fixture.ts';
import { makeContext, runFinetune, tinyOptions } from './training-fixture.ts';

describe('%finetune attach', () => {
  it('goes on with a training whose process was killed: chart, record and run, without starting anything', async () => {
    const folder = makeRepository();
    const cell = spawn(process.execPath, [await buildCell(), folder], { stdio: ['ignore', 'ignore', 'inherit'] });
    const job = await training(folder);
    const killed = once(cell, 'exit');
    cell.kill('SIGKILL');
    await killed;
    expect(await job.status()).toBe('running');

    const { context, outputs } = makeContext(folder);
    const run = await attach(job.id, context);
    expect(run.model.ref).toBe('paint@v1.0.0');
    expect((await job.events()).filter(({ type }) => type === 'started')).toHaveLength(1);
    expect(outputs.flat().filter((data) => mime.vegaLite in data).length).toBeGreaterThan(1);
    const record = JSON.parse(git(folder, 'show', `HEAD:llmops/runs/${run.id}.json`));
    expect(record).toMatchObject({ status: 'succeeded', job: job.id });
    expect(record.inputs.map(({ role }: { role: string }) => role)).toEqual(['train', 'prompt']);

    const again = await attach(job.id, makeContext(folder).context);
    expect([again.id, again.commit]).toEqual([run.id, run.commit]);
  }, 120_000);

  it('answers for the run of a cell that has ended', async () => {
    const folder = makeRepository();
    const run = await runFinetune(await tinyOptions({ device: 'cpu' }), makeContext(folder).context);
    const [job] = await listJobs(folder);
    expect((await attach(job!.id, makeContext(folder).context)).id).toBe(run.id);
  }, 60_000);

  it('says what it cannot go on with', async () => {
    const folder = makeRepository();
    const { context } = makeContext(folder);
    const request = { kind: 'eval' as const, title: 'evaluate paint', key: 'k', payload: null };
    const job = await submitJob(request, { folder, distFolder: context.distFolder });
    await expect(attach(job.id, context)).rejects.toThrow(/\(evaluate paint\) is not the training of a %finetune cell/);
    await job.cancel();
  });
});

function attach(job: string, context: ReturnType<typeof makeContext>['context']): Promise<Run> {
  return finetune.verbs.attach!.run({ job } as never, context) as Promise<Run>;
}

/** A program that does what a cell's kernel does: trains for some seconds and follows the job. */
async function buildCell(): Promise<string> {
  const fixture = pathToFileURL(path.resolve('test/magics/finetune/training-fixture.ts'));
  const source = path.join(makeFolder(), 'cell.ts');
  writeFileSync(
    source,
    `import { makeContext, runFinetune, tinyOptions } from ${JSON.stringify(fixture.pathname)};
const options = await tinyOptions({ device: 'cpu', max_steps: 1500 });
await runFinetune(options, makeContext(process.argv[2]!).context);`,
  );
  const outfile = path.resolve(`test/.cache/attach-cell-${process.pid}.mjs`);
  await build({
    entryPoints: [source],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile,
  });
  return outfile;
}

/** The job, once it trains. */
async function training(folder: string): Promise<Job> {
  for (;;) {
    const [job] = await listJobs(folder);
    const events = (await job?.events()) ?? [];
    if (job !== undefined && events.some(({ type }) => type === 'metric')) return job;
    await sleep(50);
  }
}
