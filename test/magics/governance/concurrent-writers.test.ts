import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../magics/governance/open-store.ts';
import { git, makeFolder, makeRepository, makeRun } from './repository-fixture.ts';

const program = path.join(makeFolder(), 'writer.mjs');
const isSoak = process.env.LLMOPS_SOAK !== undefined;

beforeAll(async () => {
  await build({
    entryPoints: ['test/magics/governance/writer.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
});

describe('concurrent writers', { timeout: isSoak ? 1_800_000 : 180_000 }, () => {
  it('lose nothing: 4 processes, 25 commits each, on one branch and one index', async () => {
    const folder = makeRepository();
    const writers = ['a', 'b', 'c', 'd'].map((prefix) => startWriter(folder, prefix, 25));
    for (const writer of writers) expect(await ended(writer.process)).toBe(0);

    const names = writers.flatMap((writer) => writer.done().map((line) => line.split(' ')[0]!));
    expect(names).toHaveLength(100);
    expect((await (await openStore(folder)).names('run')).sort()).toEqual(names.sort());
    expect(git(folder, 'rev-list', '--count', 'HEAD')).toBe('101');
    expect(git(folder, 'tag').split('\n')).toHaveLength(100);
    expectSound(folder);
    expect(git(folder, 'status', '--porcelain')).toBe('');
  });

  it('killed at any moment leave a sound repository with every commit that was reported', async () => {
    const folder = makeRepository();
    writeFileSync(path.join(folder, 'work.txt'), 'staged work\n');
    git(folder, 'add', 'work.txt');
    const reported: string[] = [];
    const kills = isSoak ? 500 : 20;
    for (let i = 0; i < kills; i++) {
      const writer = startWriter(folder, `k${i}`, 1000);
      await Promise.race([once(writer.process.stdout!, 'data'), once(writer.process, 'exit')]);
      expect(writer.process.exitCode).toBeNull();
      await sleep((i * 7) % 60);
      writer.process.kill('SIGKILL');
      await ended(writer.process);
      reported.push(...writer.done());
    }
    await sleep(200);
    await (await openStore(folder)).commit({ records: [makeRun('after')], message: 'After the kills' });

    for (const line of reported) {
      const [id, commit] = line.split(' ') as [string, string];
      expect(git(folder, 'merge-base', '--is-ancestor', commit, 'HEAD')).toBe('');
      expect(git(folder, 'cat-file', '-t', `HEAD:llmops/runs/${id}.json`)).toBe('blob');
    }
    expectSound(folder);
    expect(git(folder, 'diff', '--cached', '--name-only', '--', ':!llmops')).toBe('work.txt');
  });
});

function expectSound(folder: string): void {
  expect(git(folder, 'fsck', '--strict', '--no-dangling')).toBe('');
  expect(readdirSync(path.join(folder, '.git')).filter((name) => name.endsWith('.lock'))).toEqual([]);
}

function startWriter(folder: string, prefix: string, count: number): { process: ChildProcess; done(): string[] } {
  const child = spawn(process.execPath, [program, folder, prefix, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  return { process: child, done: () => output.split('\n').slice(0, -1) };
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
