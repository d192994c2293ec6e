import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { initRepository } from '../../../magics/governance/init.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import { git, makeFolder, makeRepository, makeRun } from './repository-fixture.ts';

describe('openStore', () => {
  it('commits a record with sorted keys and reads the same record back', async () => {
    const folder = makeRepository();
    const store = await openStore(folder);
    const { commit } = await store.commit({ records: [makeRun('r1')], message: 'Record run r1' });

    expect(git(folder, 'rev-parse', 'HEAD')).toBe(commit);
    expect(git(folder, 'log', '-1', '--format=%s by %an')).toBe('Record run r1 by Ada');
    const text = git(folder, 'show', 'HEAD:llmops/runs/r1.json');
    expect(Object.keys(JSON.parse(text))).toEqual(Object.keys(JSON.parse(text)).sort());
    expect(await store.read('run', 'r1')).toEqual({ ...makeRun('r1'), createdBy: 'Ada <ada@example.com>' });
    expect(readFileSync(path.join(folder, 'llmops/runs/r1.json'), 'utf8')).toBe(`${text}\n`);
    expect(git(folder, 'status', '--porcelain')).toBe('');
  });

  it('leaves staged, unstaged and untracked work exactly as it was', async () => {
    const folder = makeRepository();
    for (const name of ['a.txt', 'b.txt', 'gone.txt']) writeFileSync(path.join(folder, name), `${name}\n`);
    git(folder, 'add', '.');
    git(folder, 'commit', '--quiet', '-m', 'Files');
    writeFileSync(path.join(folder, 'a.txt'), 'staged\n');
    git(folder, 'add', 'a.txt');
    writeFileSync(path.join(folder, 'a.txt'), 'staged, then edited\n');
    writeFileSync(path.join(folder, 'b.txt'), 'edited\n');
    git(folder, 'rm', '--quiet', '--cached', 'gone.txt');
    writeFileSync(path.join(folder, 'new.txt'), 'staged and new\n');
    git(folder, 'add', 'new.txt');
    writeFileSync(path.join(folder, 'untracked.txt'), 'untracked\n');
    const before = snapshot(folder);

    await (await openStore(folder)).commit({ records: [makeRun('r1')], message: 'Record' });

    expect(snapshot(folder)).toEqual(before);
    expect(git(folder, 'show', '--name-only', '--format=', 'HEAD')).toBe('llmops/runs/r1.json');
  });

  it('works in a repository without commits', async () => {
    const folder = makeRepository({ empty: true });
    const store = await openStore(folder);
    expect(await store.list('run')).toEqual([]);
    await store.commit({ records: [makeRun('r1')], message: 'First' });
    expect(git(folder, 'log', '--format=%s', 'main')).toBe('First');
  });

  it('works from a subfolder, in a linked worktree and on a detached HEAD', async () => {
    const folder = makeRepository();
    const worktree = path.join(makeFolder(), 'linked');
    git(folder, 'worktree', 'add', '--quiet', '--detach', worktree);
    mkdirSync(path.join(worktree, 'notebooks'));
    const store = await openStore(path.join(worktree, 'notebooks'));
    expect(store.folder).toBe(worktree);
    const { commit } = await store.commit({ records: [makeRun('r1')], message: 'Detached' });
    expect(git(worktree, 'rev-parse', 'HEAD')).toBe(commit);
    expect(git(worktree, 'status', '--porcelain')).toBe('');
    expect(git(folder, 'log', '--format=%s', 'main')).toBe('Start');
  });

  it('works in a submodule', async () => {
    const inner = makeRepository();
    const outer = makeRepository();
    git(outer, '-c', 'protocol.file.allow=always', 'submodule', 'add', '--quiet', inner, 'sub');
    const submodule = path.join(outer, 'sub');
    git(submodule, 'config', 'user.name', 'Ada');
    git(submodule, 'config', 'user.email', 'ada@example.com');
    await (await openStore(submodule)).commit({ records: [makeRun('r1')], message: 'In the submodule' });
    expect(git(submodule, 'log', '-1', '--format=%s')).toBe('In the submodule');
    expect(git(submodule, 'status', '--porcelain')).toBe('');
  });

  it('commits in the middle of a merge without disturbing it', async () => {
    const folder = conflictedRepository('merge');
    await (await openStore(folder)).commit({ records: [makeRun('r1')], message: 'Record' });
    writeFileSync(path.join(folder, 'a.txt'), 'resolved\n');
    git(folder, 'add', 'a.txt');
    git(folder, 'commit', '--quiet', '-m', 'Merge');
    expect(git(folder, 'rev-list', '--parents', '-1', 'HEAD').split(' ')).toHaveLength(3);
    expect(git(folder, 'show', 'HEAD:llmops/runs/r1.json')).toContain('"r1"');
  });

  it('refuses in the middle of a rebase and says how to finish it', async () => {
    const folder = conflictedRepository('rebase');
    const before = git(folder, 'rev-parse', 'HEAD');
    const store = await openStore(folder);
    await expect(store.commit({ records: [makeRun('r1')], message: 'Record' })).rejects.toThrow(
      /rebase is in progress.*git rebase --continue/,
    );
    expect(git(folder, 'rev-parse', 'HEAD')).toBe(before);
    expect(git(folder, 'status', '--porcelain')).toBe('UU a.txt');
  });

  it('refuses a record whose own path is in conflict', async () => {
    const folder = conflictedRepository('merge', 'llmops/runs/r1.json');
    const store = await openStore(folder);
    await expect(store.commit({ records: [makeRun('r1')], message: 'Record' })).rejects.toThrow(
      /llmops\/runs\/r1\.json has a merge conflict/,
    );
  });

  it('says how to make a repository where there is none, and initRepository makes one', async () => {
    const folder = makeFolder();
    await expect(openStore(folder)).rejects.toThrow(/not a git repository.*%llmops init/);
    expect(await initRepository(folder)).toEqual({ folder, created: true });
    expect(await initRepository(folder)).toEqual({ folder, created: false });
    expect((await openStore(folder)).folder).toBe(folder);
  });

  it('says the two commands when git does not know who commits', async () => {
    const folder = makeRepository();
    git(folder, 'config', '--unset', 'user.name');
    git(folder, 'config', '--unset', 'user.email');
    const outside = { ...process.env };
    process.env.GIT_CONFIG_GLOBAL = '/dev/null';
    process.env.GIT_CONFIG_NOSYSTEM = '1';
    try {
      const store = await openStore(folder);
      await expect(store.commit({ records: [makeRun('r1')], message: 'Record' })).rejects.toThrow(
        /git config --global user\.name.*\n.*git config --global user\.email/,
      );
    } finally {
      process.env = outside;
    }
  });

  it('names the file and the fault of a damaged record', async () => {
    const folder = makeRepository();
    const store = await openStore(folder);
    await store.commit({ files: { 'llmops/runs/bad.json': '{"kind": "run"' }, message: 'Damage' });
    await expect(store.read('run', 'bad')).rejects.toThrow(/llmops\/runs\/bad\.json is damaged: it is not JSON/);
    await store.commit({ files: { 'llmops/runs/bad.json': '{"kind": "run", "schemaVersion": 2}' }, message: 'Damage' });
    await expect(store.list('run')).rejects.toThrow(/llmops\/runs\/bad\.json is damaged/);
  });

  it('refuses to write a record that is not valid, and files outside the repository', async () => {
    const store = await openStore(makeRepository());
    const invalid = makeRun('r1', { seconds: -1 });
    await expect(store.commit({ records: [invalid], message: 'Record' })).rejects.toThrow(/runs\/r1\.json.*seconds/);
    await expect(store.commit({ files: { '../x': '' }, message: 'Escape' })).rejects.toThrow(/"\.\.\/x" is not a path/);
  });

  it('makes annotated tags with the commit, and refuses a tag that exists', async () => {
    const folder = makeRepository();
    const store = await openStore(folder);
    expect(await store.nextVersion('triage')).toBe('v1.0.0');
    const tags = { 'triage@v1.0.0': 'First version' };
    const { commit } = await store.commit({ records: [makeRun('r1')], message: 'Record', tags });
    expect(git(folder, 'cat-file', '-t', 'triage@v1.0.0')).toBe('tag');
    expect(git(folder, 'rev-parse', 'triage@v1.0.0^{commit}')).toBe(commit);
    expect(git(folder, 'fsck', '--strict')).toBe('');
    expect(await store.nextVersion('triage')).toBe('v1.1.0');
    expect(await store.nextVersion('triage', 'major')).toBe('v2.0.0');

    const again = store.commit({ records: [makeRun('r2')], message: 'Record', tags });
    await expect(again).rejects.toThrow(/tag triage@v1\.0\.0 exists already/);
    expect(git(folder, 'rev-parse', 'HEAD')).toBe(commit);
    expect(git(folder, 'status', '--porcelain')).toBe('');
  });

  it('lists versions newest first, with the stage that each is in now', async () => {
    const folder = makeRepository();
    const store = await openStore(folder);
    for (const version of ['v1.0.0', 'v1.9.0', 'v1.10.0', 'v2.0.0']) {
      const tags = { [`triage@${version}`]: version };
      await store.commit({ records: [makeRun(`run-${version}`)], message: version, tags });
    }
    git(folder, 'tag', '-a', '-m', 'x', 'triage@v2.0.0!');
    git(folder, 'tag', '-a', '-m', 'x', 'triage#production#1', 'triage@v1.0.0^{}');
    git(folder, 'tag', '-a', '-m', 'x', 'triage#production#2', 'triage@v1.9.0^{}');
    git(folder, 'tag', '-a', '-m', 'x', 'triage-other@v5.0.0');
    expect((await store.versions('triage')).map(({ ref, stages }) => [ref, stages])).toEqual([
      ['triage@v1.10.0', []],
      ['triage@v1.9.0', ['production']],
      ['triage@v1.0.0', []],
    ]);
  });

  it('reads a record as it was at a tag', async () => {
    const store = await openStore(makeRepository());
    await store.commit({ records: [makeRun('r1', { seconds: 1 })], message: 'One', tags: { 'x@v1.0.0': 'x' } });
    await store.commit({ records: [makeRun('r1', { seconds: 2 })], message: 'Two' });
    expect((await store.read('run', 'r1', { at: 'x@v1.0.0' }))?.seconds).toBe(1);
    expect((await store.read('run', 'r1'))?.seconds).toBe(2);
    expect(await store.read('run', 'r1', { at: 'no-such-tag' })).toBeUndefined();
    expect(await store.names('run')).toEqual(['r1']);
  });
});

/** The user's own work: index entries, work tree contents and status, without what lies under llmops/. */
function snapshot(folder: string): unknown {
  const files = ['a.txt', 'b.txt', 'gone.txt', 'new.txt', 'untracked.txt'];
  return {
    index: git(folder, 'ls-files', '--stage', '--', ':!llmops'),
    status: git(folder, 'status', '--porcelain', '--', ':!llmops'),
    contents: files.map((file) => readFileSync(path.join(folder, file), 'utf8')),
  };
}

/** A repository where merging or rebasing has stopped at a conflict in one file. */
function conflictedRepository(operation: 'merge' | 'rebase', file = 'a.txt'): string {
  const folder = makeRepository();
  const commitText = (text: string) => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
    git(folder, 'add', file);
    git(folder, 'commit', '--quiet', '-m', text.trim());
  };
  commitText('base\n');
  git(folder, 'checkout', '--quiet', '-b', 'other');
  commitText('other\n');
  git(folder, 'checkout', '--quiet', 'main');
  commitText('main\n');
  expect(() => git(folder, operation, 'other')).toThrow();
  return folder;
}
