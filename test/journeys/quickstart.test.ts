import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvalRecord } from '../../magics/governance/records.ts';

const run = promisify(execFile);
const seeds = [1, 2, 3];

describe('npm run quickstart', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'llmops-quickstart-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(seeds)(
    'with seed %i reaches 90 of 100 that the fine-tune never saw, from nearly nothing',
    async (seed) => {
      const workspace = path.join(folder, `seed-${seed}`);
      const script = [
        'sample-notebooks/run-quickstart.mjs',
        '--no-build',
        '--workspace',
        workspace,
        '--seed',
        `${seed}`,
      ];
      const { stdout } = await run(process.execPath, script, { maxBuffer: 2 ** 26 });

      const records = await evaluations(workspace);
      for (const { task, metrics, baselineMetrics } of records) {
        const [after, before] = [metrics.sameSchedule, baselineMetrics?.sameSchedule];
        console.info(`seed ${seed}, ${task}: ${percent(after?.value)}, the base model ${percent(before?.value)}`);
      }
      const unseen = records.find((record) => record.task === 'unseen');
      expect(unseen?.metrics.sameSchedule?.value).toBeGreaterThanOrEqual(0.9);
      expect(unseen?.baselineMetrics?.sameSchedule?.value).toBeLessThan(0.1);
      expect(stdout).toMatch(/Version\s+cron-lora@v1\.0\.0/);
      expect(stdout).toContain('30 9 * * 1-5');
      const { stdout: tags } = await run('git', ['tag', '--list'], { cwd: workspace });
      expect(tags).toContain('cron-lora@v1.0.0');
      const { stdout: dirty } = await run('git', ['status', '--porcelain'], { cwd: workspace });
      expect(dirty).toBe('');
    },
    20 * 60_000,
  );
});

function percent(share: number | null | undefined): string {
  return typeof share === 'number' ? `${(100 * share).toFixed(1)}%` : 'not measured';
}

async function evaluations(workspace: string): Promise<EvalRecord[]> {
  const records = path.join(workspace, 'llmops/evals');
  const names = await readdir(records);
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(path.join(records, name), 'utf8'))));
}
