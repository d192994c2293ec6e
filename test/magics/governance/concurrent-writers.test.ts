import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../magics/governance/open-store.ts';
import { git, makeRepository, makeRun } from './repository-fixture.ts';
import { buildWriter, startWriter, type Told, type Writer } from './writer-process.ts';

const isSoak = process.env.LLMOPS_SOAK !== undefined;
let program: string;

beforeAll(async () => {
  program = await buildWriter();
});

describe('concurrent writers', { timeout: isSoak ? 1_800_000 : 180_000 }, () => {
  it('lose nothing: 4 processes, 12 commits each, on one branch and one index', async () => {
    const folder = makeRepository();
    const writers = ['a', 'b', 'c', 'd'].map((prefix) => startWriter(program, folder, prefix, 12));
    for (const writer of writers) expect(await writer.ended()).toBe(0);

    const names = writers.flatMap((writer) => writer.told().map(({ id }) => id));
    expect(names).toHaveLength(48);
    expect((await (await openStore(folder)).names('run')).sort()).toEqual(names.sort());
    expect(git(folder, 'rev-list', '--count', 'HEAD')).toBe('49');
    expect(git(folder, 'tag').split('\n')).toHaveLength(48);
    expectSound(folder);
    expect(git(folder, 'status', '--porcelain')).toBe('');
  });

  it('killed at any moment lose no record that was reported, tear none, and change nothing of the user', async () => {
    const folder = makeRepository();
    writeFileSync(path.join(folder, 'kept.txt'), 'committed\n');
    git(folder, 'add', 'kept.txt');
    git(folder, 'commit', '--quiet', '-m', 'Kept');
    writeFileSync(path.join(folder, 'kept.txt'), 'edited\n');
    writeFileSync(path.join(folder, 'staged.txt'), 'staged\n');
    git(folder, 'add', 'staged.txt');
    const before = git(folder, 'ls-files', '--stage');

    const told = await killWriters(folder, isSoak ? 500 : 25);
    const store = await openStore(folder);
    await store.commit({ records: [makeRun('after')], message: 'After the kills' });

    const reachable = new Set(git(folder, 'rev-list', 'HEAD').split('\n'));
    expect(told.filter(({ commit }) => !reachable.has(commit))).toEqual([]);
    const asked = told.map(({ id, commit }) => ({ name: id, at: commit }));
    const jobs = (await store.readMany('run', asked)).map((record) => record?.job);
    expect(jobs).toEqual(told.map(({ job }) => job));
    expect((await store.list('run')).length).toBeGreaterThan(4);
    expect(git(folder, 'ls-files', '--stage', '--', ':!llmops')).toBe(before);
    expect(git(folder, 'status', '--porcelain')).toBe(' M kept.txt\nA  staged.txt');
    expectSound(folder);
  });
});

/** Keeps 4 writers at work, kills one of them at a random moment, and starts another, `kills` times. */
async function killWriters(folder: string, kills: number): Promise<Told[]> {
  const start = (slot: number) => startWriter(program, folder, `slot${slot}`, 100_000, 5);
  const writers: Writer[] = [0, 1, 2, 3].map(start);
  const told: Told[] = [];
  const kill = async (slot: number) => {
    const writer = writers[slot]!;
    expect(writer.process.exitCode).toBeNull();
    writer.process.kill('SIGKILL');
    await writer.ended();
    told.push(...writer.told());
  };
  for (let i = 0; i < kills; i++) {
    const slot = i % 4;
    await writers[slot]!.begun;
    await sleep(Math.random() * 60);
    await kill(slot);
    writers[slot] = start(slot);
  }
  for (const slot of [0, 1, 2, 3]) await kill(slot);
  return told;
}

function expectSound(folder: string): void {
  expect(git(folder, 'fsck', '--strict', '--no-dangling')).toBe('');
  expect(readdirSync(path.join(folder, '.git')).filter((name) => /\.lock$|^llmops-(index|journal)/.test(name))).toEqual(
    [],
  );
}
