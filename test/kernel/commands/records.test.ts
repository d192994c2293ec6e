import { describe, expect, it } from 'vitest';
import { datasets, models, prompts, runs } from '../../../kernel/commands/records.ts';
import { show } from '../../../kernel/commands/show.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { ModelRecord } from '../../../magics/governance/records.ts';
import { git, makeFolder, makeRepository, makeRun } from '../../magics/governance/repository-fixture.ts';
import { runCommand } from './run-command.ts';

const model = (version: string, accuracy: number): ModelRecord => ({
  schemaVersion: 1,
  kind: 'model',
  createdAt: '2026-01-02T03:04:05Z',
  name: 'triage',
  version,
  architecture: 'llama',
  parameters: 1000,
  inputs: [],
  metrics: { accuracy: { value: accuracy, low: accuracy - 0.1, high: accuracy + 0.1 } },
  files: [],
});

async function makeRecords(): Promise<string> {
  const folder = makeRepository();
  const store = await openStore(folder);
  await store.commit({
    records: [makeRun('run-a'), makeRun('run-b', { createdAt: '2026-02-02T03:04:05Z', status: 'failed' })],
    files: { 'llmops/prompts/triage.prompt': '---\n---\nSort {{text}}\n' },
    message: 'Runs',
  });
  for (const [version, accuracy] of [
    ['v1.0.0', 0.7],
    ['v1.1.0', 0.8],
  ] as const) {
    const tags = { [`triage@${version}`]: version };
    await store.commit({ records: [model(version, accuracy)], message: version, tags });
  }
  git(folder, 'tag', '-a', '-m', 'x', 'triage#production#1', 'triage@v1.0.0^{}');
  return folder;
}

describe('lists of records', () => {
  it('are aligned tables, newest first', async () => {
    const folder = await makeRecords();
    expect((await runCommand(runs, [], { folder })).stdout).toBe(
      [
        'RUN    MODEL   STATUS     RESULT    SECONDS  CREATED',
        'run-b  triage  failed     loss 0.5       12  2026-02-02 03:04',
        'run-a  triage  succeeded  loss 0.5       12  2026-01-02 03:04',
        '',
      ].join('\n'),
    );
    const lines = (await runCommand(models, [], { folder })).stdout.split('\n');
    expect(lines[1]).toMatch(/^triage@v1\.1\.0 {2}- {11} +1000 {2}accuracy 0\.8 \[0\.7, 0\.9\]/);
    expect(lines[2]).toMatch(/^triage@v1\.0\.0 {2}production +1000 {2}accuracy 0\.7 \[0\.6, 0\.8\]/);
    expect((await runCommand(prompts, [], { folder })).stdout).toContain('triage  v1.1.0');
  });

  it('are JSON with --json', async () => {
    const folder = await makeRecords();
    const { stdout } = await runCommand(runs, ['--json'], { folder });
    expect(JSON.parse(stdout).map((run: { id: string }) => run.id)).toEqual(['run-b', 'run-a']);
  });

  it('say how to make the first one, refuse unknown options, and need a repository', async () => {
    const folder = makeRepository();
    expect((await runCommand(datasets, [], { folder })).stdout).toContain('%dataset load FILE --as NAME');
    await expect(runCommand(datasets, ['--jsn'], { folder })).rejects.toThrow('Did you mean "--json"?');
    await expect(runCommand(datasets, ['x'], { folder })).rejects.toThrow('"x" is too much');
    await expect(runCommand(datasets, [], { folder: makeFolder() })).rejects.toThrow(/not a git repository/);
  });
});

describe('show', () => {
  it('shows any record by id, by name, at a version and at a commit', async () => {
    const folder = await makeRecords();
    const byId = await runCommand(show, ['run-a'], { folder });
    expect(byId.stdout).toMatch(/^run run-a \(llmops\/runs\/run-a\.json, committed [0-9a-f]{7} on .* by Ada\)/);
    expect(byId.stdout).toContain('status: succeeded');
    const old = await runCommand(show, ['triage@v1.0.0', '--json'], { folder });
    expect(JSON.parse(old.stdout)).toMatchObject([{ kind: 'model', value: { version: 'v1.0.0' } }, { kind: 'prompt' }]);
    const one = await runCommand(show, ['model/triage', '--at', 'triage@v1.0.0', '--json'], { folder });
    expect(JSON.parse(one.stdout)).toMatchObject({ version: 'v1.0.0' });
    expect((await runCommand(show, ['prompt/triage'], { folder })).stdout).toContain('Sort {{text}}');
  });

  it('names the nearest record when there is none of that name', async () => {
    const folder = await makeRecords();
    await expect(runCommand(show, ['run-c'], { folder })).rejects.toThrow(
      /no record "run-c"\. Did you mean "run-[ab]"/,
    );
    await expect(runCommand(show, ['triage@v9.0.0'], { folder })).rejects.toThrow(/Did you mean "triage@v1\.[01]\.0"/);
    await expect(runCommand(show, [], { folder })).rejects.toThrow('something is missing');
  });
});
