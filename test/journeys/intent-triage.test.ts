import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvalRecord } from '../../magics/governance/records.ts';

const run = promisify(execFile);
const data = path.resolve(process.env.LLMOPS_BANKING77 ?? '../shared/data/banking77');
const isThere = existsSync(path.join(data, 'train.csv')) && existsSync(path.join(data, 'test.csv'));

describe('intent-triage.ipynb on Banking77 (needs train.csv and test.csv in the folder LLMOPS_BANKING77)', () => {
  let workspace = '';
  beforeAll(async () => {
    workspace = await mkdtemp(path.join(tmpdir(), 'llmops-triage-'));
    await copyFile('sample-notebooks/intent-triage.ipynb', path.join(workspace, 'intent-triage.ipynb'));
    const git = (...args: string[]) => run('git', args, { cwd: workspace });
    await git('init', '--quiet', '--initial-branch', 'main');
    await git('config', 'user.name', 'Test');
    await git('config', 'user.email', 'test@localhost');
  });
  afterAll(() => rm(workspace, { recursive: true, force: true }));

  it.runIf(isThere)(
    'trains from scratch to 88% accuracy or better, and names the leaked rows',
    async () => {
      const cli = path.resolve('dist/cli.js');
      const parameters = ['train', 'test'].flatMap((name) => ['-p', `${name}=${path.join(data, `${name}.csv`)}`]);
      await run(process.execPath, [cli, 'run', 'intent-triage.ipynb', ...parameters, '-o', 'out.ipynb'], {
        cwd: workspace,
        maxBuffer: 2 ** 26,
      });

      const record = await evaluation(workspace);
      const { accuracy } = record.metrics;
      console.info(`accuracy ${accuracy?.value}, interval ${accuracy?.low} to ${accuracy?.high}`);
      expect(accuracy?.n).toBe(3080);
      expect(accuracy?.value).toBeGreaterThanOrEqual(0.88);
      expect(accuracy?.low).toBeGreaterThan(0.86);
      expect(accuracy?.high).toBeLessThan(1);
      const leaked = record.slices?.find((slice) => slice.column === 'leaked' && slice.value === 'yes');
      expect(leaked?.metrics.accuracy?.n).toBe(25);
      const out = await readFile(path.join(workspace, 'out.ipynb'), 'utf8');
      expect(out).toContain('25 of 3080');
      expect(out).toContain('51 near duplicates (0.5%)');
      expect(out).toContain('4 further duplicates (<0.1%) differ only in case or white space');
    },
    25 * 60_000,
  );
});

async function evaluation(workspace: string): Promise<EvalRecord> {
  const records = path.join(workspace, 'llmops/evals');
  const [name] = await readdir(records);
  return JSON.parse(await readFile(path.join(records, name!), 'utf8')) as EvalRecord;
}
