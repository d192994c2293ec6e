import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { audit } from '../../../kernel/commands/audit.ts';
import { exportCommand } from '../../../kernel/commands/export.ts';
import { gc, pull, push } from '../../../kernel/commands/objects.ts';
import { show } from '../../../kernel/commands/show.ts';
import { approve, deprecate, history, promote, rollback } from '../../../kernel/commands/stages.ts';
import { decodingModel } from '../../magics/engine/decoding-model.ts';
import { makeDataset, makeModels } from '../../magics/governance/model-fixture.ts';
import { git, makeFolder } from '../../magics/governance/repository-fixture.ts';
import { commitPolicy, makeSigner } from '../../magics/governance/signers.ts';
import { runCommand } from './run-command.ts';

describe('the life of a version on the command line', () => {
  it('is approved, promoted, shown on a day, rolled back, deprecated, told and audited', async () => {
    const { folder, store } = await makeModels(['v1.0.0', 'v1.1.0']);
    const bob = makeSigner('bob');
    const policy = { schemaVersion: 1, stages: { production: { approvals: { count: 1 } } } };
    await commitPolicy(store, policy, [bob]);
    const run = async (command: typeof promote, ...args: string[]) => runCommand(command, args, { folder });

    for (const ref of ['triage@v1.0.0', 'triage@v1.1.0']) {
      await expect(run(promote, ref, 'production')).rejects.toThrow(/approvals by 1: nobody/);
      expect((await run(approve, ref, '--key', bob.key)).stdout).toContain(`${ref} is approved for production`);
      expect((await run(promote, ref, 'production')).stdout).toContain('met: approvals by 1: bob@example.com');
    }
    const today = new Date().toISOString().slice(0, 10);
    const shown = (await run(show, 'triage', '--at', today)).stdout;
    expect(shown).toMatch(/production {2}triage@v1\.0\.0 .*\n.*production {2}triage@v1\.1\.0 .* now/);
    expect((await run(show, 'triage', '--at', '2020-01-01')).stdout).toBe('triage was in no stage at 2020-01-01.\n');
    expect((await run(rollback, 'triage', 'production')).stdout).toContain('triage@v1.0.0 is in production now');
    expect((await run(deprecate, 'triage@v1.1.0')).stdout).toContain('tag triage@v1.1.0!');
    const told = (await run(history, 'triage')).stdout;
    for (const tag of git(folder, 'tag').split('\n')) expect(told).toContain(tag);
    const { code, stdout } = await run(audit);
    expect(stdout).toContain('2 versions, 3 stage changes');
    expect([code, stdout.includes('Everything is as it should be.')]).toEqual([0, true]);
    git(folder, 'tag', '-d', 'triage@v1.0.0');
    const broken = await run(audit, '--json');
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.stdout).problems[0]).toMatchObject({ rule: 'version', subject: 'triage@v1.0.0' });
    await expect(run(promote, 'triage')).rejects.toThrow('REF and STAGE are missing');
  });

  it('goes to production by a pull request', async () => {
    const { folder } = await makeModels(['v1.0.0']);
    const asked = await runCommand(promote, ['triage', 'production', '--pull-request', '--json'], { folder });
    git(folder, 'merge', '--quiet', JSON.parse(asked.stdout).branch);
    expect((await runCommand(promote, ['--merged'], { folder })).stdout).toContain('tag triage#production#1');
    expect((await runCommand(promote, ['--merged'], { folder })).stdout).toContain('No merged promotion waits');
  });

  it('is exported, and its document is known to be stale', async () => {
    const { folder, store } = await makeModels(['v1.0.0'], {
      inputs: [{ role: 'train', kind: 'dataset', name: 'tickets' }],
    });
    await runCommand(exportCommand, ['triage', '--format', 'annex-iv', '-o', 'file.md'], { folder });
    expect(readFileSync(path.join(folder, 'file.md'), 'utf8')).toContain('# Technical documentation of triage@v1.0.0');
    expect((await runCommand(exportCommand, ['triage', '--check', 'file.md'], { folder })).code).toBe(0);
    await store.commit({ records: [makeDataset('tickets')], message: 'Data' });
    const stale = await runCommand(exportCommand, ['triage', '--check', 'file.md'], { folder });
    expect([stale.code, stale.stdout]).toEqual([1, 'file.md is stale:\n  llmops/datasets/tickets.json is new\n']);
  });

  it('is exported for other programs of ONNX Runtime', async () => {
    const { folder } = await makeModels(['v1.0.0']);
    const model = await decodingModel();
    const { stdout } = await runCommand(exportCommand, [model, '--format', 'onnx', '-o', 'exported'], { folder });
    expect(stdout).toContain('is in exported: its weights, tokenizer and onnx/model.onnx');
    expect(readdirSync(path.join(folder, 'exported/onnx'))).toEqual(['model.onnx', 'model.onnx_data']);
    await expect(runCommand(exportCommand, [model, '--format', 'onnx'], { folder })).rejects.toThrow(
      /name it with --out/,
    );
  });

  it('has its files pushed, pulled and cleaned up', async () => {
    const { folder, store } = await makeModels([]);
    const object = await store.objects.putText('rows', 'rows.jsonl');
    await store.commit({ records: [makeDataset('tickets', { object })], message: 'Data' });
    const remote = ['--remote', pathToFileURL(makeFolder()).href];
    expect((await runCommand(push, remote, { folder })).stdout).toMatch(/^Pushed 1 files, 4 bytes \(0 were there\)/);
    expect((await runCommand(pull, remote, { folder })).stdout).toMatch(/^Pulled 0 files, 0 bytes \(1 were there\)/);
    expect((await runCommand(gc, ['--older-than', '0'], { folder })).stdout).toBe('Removed 0 files, 0 bytes.\n');
    await expect(runCommand(gc, ['--older-than', 'x'], { folder })).rejects.toThrow('"x" is no number of days');
  });
});
