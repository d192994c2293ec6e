import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../magics/governance/open-store.ts';
import { git, makeFolder, makeRepository, makeRun } from './repository-fixture.ts';
import { makeSigner } from './signers.ts';

const record = async (folder: string, id = 'r1') =>
  (await openStore(folder)).commit({ records: [makeRun(id)], message: `Record ${id}` });

describe('states of a repository', () => {
  it('a bare clone is refused; a shallow clone and a sha256 repository take records', async () => {
    const folder = makeRepository();
    git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'Second');
    const [bare, shallow] = [path.join(makeFolder(), 'bare.git'), path.join(makeFolder(), 'shallow')];
    git(folder, 'clone', '--quiet', '--bare', folder, bare);
    await expect(openStore(bare)).rejects.toThrow(/bare git repository.*clone or a worktree/);
    git(folder, 'clone', '--quiet', '--depth=1', `file://${folder}`, shallow);
    git(shallow, 'config', 'user.name', 'Ada');
    git(shallow, 'config', 'user.email', 'ada@example.com');
    await record(shallow);
    expect(git(shallow, 'fsck', '--strict')).toBe('');

    const long = makeFolder();
    git(long, 'init', '--quiet', '--object-format=sha256');
    git(long, 'config', 'user.name', 'Ada');
    git(long, 'config', 'user.email', 'ada@example.com');
    const { commit } = await record(long);
    expect(commit).toHaveLength(64);
    expect(git(long, 'fsck', '--strict')).toBe('');
    expect(git(long, 'status', '--porcelain')).toBe('');
  });

  it('a cherry-pick in progress goes on and can be aborted with the record kept', async () => {
    const folder = conflictedCherryPick();
    await record(folder);
    git(folder, 'cherry-pick', '--abort');
    expect(git(folder, 'show', 'HEAD:llmops/runs/r1.json')).toContain('"r1"');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    const other = conflictedCherryPick();
    await record(other);
    writeFileSync(path.join(other, 'a.txt'), 'resolved\n');
    git(other, 'add', 'a.txt');
    git(other, '-c', 'core.editor=true', 'cherry-pick', '--continue');
    expect(git(other, 'ls-tree', '-r', '--name-only', 'HEAD')).toBe('a.txt\nllmops/runs/r1.json');
  });

  it('a name that differs in case alone is refused, and a file in the way of a folder', async () => {
    const folder = makeRepository();
    await record(folder, 'triage');
    await expect(record(folder, 'Triage')).rejects.toThrow(
      /runs\/Triage\.json" differs from .*runs\/triage\.json" in upper/,
    );
    const store = await openStore(folder);
    const blocked = store.commit({ files: { 'llmops/runs/triage.json/x': '' }, message: 'Blocked' });
    await expect(blocked).rejects.toThrow('is a file in one place and a folder in the other');
  });

  it('hooks on commits do not run, and commit.gpgsign is honoured', async () => {
    const folder = makeRepository();
    for (const hook of ['pre-commit', 'commit-msg']) {
      const file = path.join(folder, '.git/hooks', hook);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, '#!/bin/sh\nexit 1\n');
      chmodSync(file, 0o755);
    }
    const { key } = makeSigner('ada');
    for (const [name, value] of [
      ['gpg.format', 'ssh'],
      ['user.signingkey', key],
      ['commit.gpgsign', 'true'],
    ]) {
      git(folder, 'config', name!, value!);
    }
    await record(folder);
    expect(git(folder, 'cat-file', 'commit', 'HEAD')).toContain('-----BEGIN SSH SIGNATURE-----');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    git(folder, 'config', 'user.signingkey', '/nowhere/key');
    await expect(record(folder, 'r2')).rejects.toThrow(/could not be signed.*user\.signingkey/);
  });

  it("a lock that another program holds is waited for, and the user's index survives", async () => {
    const folder = makeRepository();
    writeFileSync(path.join(folder, 'work.txt'), 'staged\n');
    git(folder, 'add', 'work.txt');
    const lock = path.join(folder, '.git/index.lock');
    writeFileSync(lock, '');
    setTimeout(() => rmSync(lock), 300);
    await record(folder);
    expect(git(folder, 'status', '--porcelain')).toBe('A  work.txt');
  });

  it('a lock left behind is named after a while, and nothing is recorded', async () => {
    const folder = makeRepository();
    const lock = path.join(folder, '.git/index.lock');
    writeFileSync(lock, '');
    const store = await openStore(folder, { patienceMs: 100 });
    await expect(store.commit({ records: [makeRun('r1')], message: 'Record' })).rejects.toThrow(
      /stayed locked.*index\.lock.*remove the \.lock file/s,
    );
    expect(readFileSync(lock, 'utf8')).toBe('');
    expect(git(folder, 'log', '--format=%s')).toBe('Start');
    expect(existsSync(path.join(folder, 'llmops'))).toBe(false);
  });

  it('what a killed writer had begun is finished, or taken back when its commit never came to be', async () => {
    const folder = makeRepository();
    const { commit } = await record(folder);
    const file = path.join(folder, 'llmops/runs/r1.json');
    const oid = git(folder, 'rev-parse', 'HEAD:llmops/runs/r1.json');
    const dead = { owner: '999999999 1', files: [{ path: 'llmops/runs/r1.json', oid }] };

    const index = readFileSync(path.join(folder, '.git/index'));
    git(folder, 'read-tree', '--empty');
    rmSync(file);
    leaveBegun(folder, { ...dead, commit }, index);
    await record(folder, 'r2');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    expect(readFileSync(file, 'utf8')).toContain('"r1"');

    leaveBegun(folder, { ...dead, commit: '1'.repeat(40) }, index);
    await record(folder, 'r3');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    writeFileSync(path.join(folder, '.git/llmops-journal'), '{"own');
    await record(folder, 'r4');
    expect(readdirSync(path.join(folder, '.git')).filter((name) => /llmops|lock/.test(name))).toEqual([]);
  });
});

describe('a branch of its own', () => {
  it('takes the records and leaves HEAD, index and work tree alone', async () => {
    const folder = makeRepository();
    git(folder, 'config', 'governance.branch', 'llmops');
    const before = git(folder, 'rev-parse', 'HEAD');
    await record(folder, 'r1');
    await record(folder, 'r2');
    const store = await openStore(folder);
    expect(await store.names('run')).toEqual(['r1', 'r2']);
    expect((await store.log('llmops')).map((commit) => commit.subject)).toEqual(['Record r2', 'Record r1']);
    expect(git(folder, 'rev-parse', 'HEAD')).toBe(before);
    expect(git(folder, 'rev-list', '--count', 'llmops')).toBe('2');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    expect(existsSync(path.join(folder, 'llmops'))).toBe(false);
  });

  it('is refused when it is checked out elsewhere or cannot be a branch', async () => {
    const folder = makeRepository();
    git(folder, 'config', 'governance.branch', 'llmops');
    await record(folder);
    const worktree = path.join(makeFolder(), 'elsewhere');
    git(folder, 'worktree', 'add', '--quiet', worktree, 'llmops');
    await expect(openStore(folder)).rejects.toThrow(/llmops .*is checked out in .*elsewhere/);
    await record(worktree, 'there');
    expect(git(worktree, 'status', '--porcelain')).toBe('');
    git(folder, 'config', 'governance.branch', 'a..b');
    await expect(openStore(folder)).rejects.toThrow('"a..b" (git config governance.branch) cannot be a branch');
  });
});

/** What a writer leaves that was killed after it had taken git's lock on the index. */
function leaveBegun(folder: string, journal: object, index: Buffer): void {
  const inGit = (name: string) => path.join(folder, '.git', name);
  const prepared = inGit('llmops-index-left');
  writeFileSync(prepared, index);
  writeFileSync(inGit('llmops-journal'), `${JSON.stringify({ ...journal, prepared })}\n999999999 1\n`);
  writeFileSync(inGit('index.lock'), index);
}

function conflictedCherryPick(): string {
  const folder = makeRepository();
  const commitText = (text: string) => {
    writeFileSync(path.join(folder, 'a.txt'), text);
    git(folder, 'add', 'a.txt');
    git(folder, 'commit', '--quiet', '-m', text.trim());
  };
  commitText('base\n');
  git(folder, 'checkout', '--quiet', '-b', 'other');
  commitText('other\n');
  git(folder, 'checkout', '--quiet', 'main');
  commitText('main\n');
  expect(() => git(folder, 'cherry-pick', 'other')).toThrow();
  return folder;
}
