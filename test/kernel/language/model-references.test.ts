import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openLanguage } from './in-process.ts';

describe('versions of models in cells', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'llmops-versions-'));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
  git('init');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '--allow-empty', '-m', 'first');
  for (const tag of ['triage@v1.0.0', 'triage@v1.1.0', 'triage@v1.2.0', 'triage@v1.2.0!', 'cron@v1.0.0'])
    git('tag', tag);
  const { ask, errors } = openLanguage(folder);
  const labels = async (text: string) => (await ask('complete', [text])).items.map(({ label }) => label);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ["await llmops.eval({ model: 'triage@v9.9.9', data: 'd' });", "'triage@v9.9.9'"],
    ['%eval triage@v9.9.9 --data d', 'triage@v9.9.9'],
    ['%eval triage@v1.0.0 --data d --against triage@v1.2.0', 'triage@v1.2.0'],
  ])('that do not exist are errors before anything runs: %s', async (cell, place) => {
    const found = await errors(cell);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${place}: `);
    expect(found[0]).toContain('triage@v1.1.0');
  });

  it.each([
    "await llmops.eval({ model: 'triage@v1.1.0', data: 'd' });",
    '%eval cron@v1.0.0 --data d',
    // A cell above may be about to make it.
    '%eval other@v1.0.0 --data d',
    "await llmops.eval({ model: 'models/triage', data: 'd' });",
    "const note = { text: 'triage@v9.9.9' };",
  ])('that exist, or may come to, are none: %s', async (cell) => {
    expect(await errors(cell)).toEqual([]);
  });

  it('are completed where a model is wanted', async () => {
    expect(await labels("await llmops.eval({ model: 'tri|' })")).toEqual(['triage@v1.0.0', 'triage@v1.1.0']);
    expect(await labels("await llmops.eval.matrix({ models: ['a', 'cr|'] })")).toEqual(['cron@v1.0.0']);
    expect(await labels('%eval triage@|')).toEqual(['triage@v1.0.0', 'triage@v1.1.0']);
  });
});
