import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  arrayOptions,
  arrayScript,
  batchScript,
  sbatchOptions,
} from '../../../../magics/jobs/executors/slurm-script.ts';
import type { JobSpec } from '../../../../magics/jobs/protocol.ts';
import { slurmTime } from '../../../../magics/jobs/resources.ts';
import { makeFolder } from '../../governance/repository-fixture.ts';

const spec: JobSpec = {
  schemaVersion: 1,
  id: 'finetune-1',
  kind: 'finetune',
  title: 'test',
  key: 'k',
  createdAt: new Date(0).toISOString(),
  folder: '/repository',
  payload: null,
};

describe("a job in Slurm's words", () => {
  it('asks for what the cell asked for, and for nothing else', () => {
    const resources = { executor: 'slurm', gpus: 2, cpus: 4, memory: '16G', time: '4h', partition: 'gpu' } as const;
    expect(sbatchOptions({ ...spec, resources }, '/jobs/a', '/jobs/a/log.txt')).toEqual([
      '--requeue',
      '--job-name=llmops-finetune-1',
      '--output=/jobs/a/log.txt',
      '--open-mode=append',
      '--chdir=/jobs/a',
      '--ntasks=1',
      '--cpus-per-task=4',
      '--gres=gpu:2',
      '--mem=16G',
      '--time=04:00:00',
      '--partition=gpu',
    ]);
    expect(sbatchOptions(spec, '/jobs/a', 'log').some((option) => /gres|mem|time/.test(option))).toBe(false);
  });

  it.each([
    ['90s', '00:01:30'],
    ['30m', '00:30:00'],
    ['36h', '1-12:00:00'],
    ['2d', '2-00:00:00'],
    ['1-12:00:00', '1-12:00:00'],
    ['15', '15'],
  ])('%s is %s', (time, expected) => {
    expect(slurmTime(time)).toBe(expected);
  });

  it('its script runs the worker in the place of the shell, whatever the paths hold', () => {
    const folder = makeFolder();
    const worker = path.join(folder, "it's a $worker.mjs");
    writeFileSync(worker, 'console.log(JSON.stringify(process.argv.slice(2)));');
    const script = path.join(folder, 'batch.sh');
    writeFileSync(script, batchScript(process.execPath, worker, '/a b/$(c)'));
    expect(execFileSync('sh', [script], { encoding: 'utf8' })).toBe('["/a b/$(c)"]\n');
  });

  it('an array asks for what one job asks for, holds to the number at the same time, and each task takes its folder', () => {
    const resources = { executor: 'slurm', gpus: 1, time: '1h' } as const;
    const specs = [1, 2, 3].map((n) => ({ ...spec, id: `finetune-${n}`, group: 'sweep-1', resources }));
    expect(arrayOptions(specs, 2)).toEqual([
      ...['--requeue', '--ntasks=1', '--gres=gpu:1', '--time=01:00:00'],
      ...['--job-name=llmops-sweep-1', '--output=/dev/null', '--array=0-2%2'],
    ]);
    expect(arrayOptions(specs)).toContain('--array=0-2');

    const folder = makeFolder();
    const worker = path.join(folder, 'worker.mjs');
    writeFileSync(worker, 'console.log(process.argv[2], process.cwd());');
    const folders = ["a's", 'b $x', 'c'].map((name) => path.join(folder, name));
    for (const each of folders) mkdirSync(each);
    const script = path.join(folder, 'batch.sh');
    writeFileSync(script, arrayScript(process.execPath, worker, folders));
    for (const [i, each] of folders.entries()) {
      execFileSync('sh', [script], { env: { ...process.env, SLURM_ARRAY_TASK_ID: String(i) } });
      expect(readFileSync(path.join(each, 'log.txt'), 'utf8')).toBe(`${each} ${each}\n`);
    }
  });
});
