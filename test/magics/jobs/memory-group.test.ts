import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMemoryGroup } from '../../../magics/jobs/memory-group.ts';
import { makeFolder } from '../governance/repository-fixture.ts';

/** A file tree like that of the kernel: the groups with the controllers that each hands on. */
function makeGroups(own: string, groups: Record<string, string>): { root: string; ownGroups: string } {
  const root = makeFolder();
  for (const [group, controllers] of Object.entries(groups)) {
    mkdirSync(path.join(root, group), { recursive: true });
    writeFileSync(path.join(root, group, 'cgroup.subtree_control'), controllers);
  }
  const ownGroups = path.join(root, 'own');
  writeFileSync(ownGroups, own);
  return { root, ownGroups };
}

describe('a memory group', () => {
  it('lies beside the own one in version 2, where processes may be in leaves alone', () => {
    const effects = makeGroups('0::/user/app/code.scope\n', {
      user: 'cpu memory',
      'user/app': 'memory',
      'user/app/code.scope': '',
    });
    const group = createMemoryGroup('llmops-1', 300_000_000, effects)!;
    const folder = path.join(effects.root, 'user/app/llmops-1');
    expect(readFileSync(path.join(folder, 'memory.max'), 'utf8')).toBe('300000000');
    group.add(77);
    expect(readFileSync(path.join(folder, 'cgroup.procs'), 'utf8')).toBe('77');
    expect(group.isExceeded()).toBe(false);
    writeFileSync(path.join(folder, 'memory.events'), 'low 0\noom 1\noom_kill 1\n');
    expect(group.isExceeded()).toBe(true);
  });

  it('is not made where nobody hands out memory, and nowhere but on Linux', () => {
    const effects = makeGroups('0::/a/b\n', { a: 'cpu', 'a/b': '' });
    expect(createMemoryGroup('llmops-1', 1e9, effects)).toBeUndefined();
    expect(readdirSync(path.join(effects.root, 'a'))).toEqual(['b', 'cgroup.subtree_control']);
    expect(createMemoryGroup('llmops-1', 1e9, { root: '/nowhere', ownGroups: '/nowhere/own' })).toBeUndefined();
  });

  it('of this machine, where one can be made, ends a process that needs too much', async () => {
    const group = createMemoryGroup(`llmops-test-${process.pid}`, 60_000_000);
    // Needs root, or a group that systemd has handed to the user.
    if (group === undefined) return;
    const greedy = `const kept = []; setInterval(() => kept.push(Buffer.alloc(5e6, 1)), 5)`;
    const child = spawn(process.execPath, ['-e', `setTimeout(() => { ${greedy} }, 200)`]);
    const ended = new Promise<string | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    group.add(child.pid!);
    expect(await ended).toBe('SIGKILL');
    expect(group.isExceeded()).toBe(true);
    group.remove();
    expect(createMemoryGroup(`llmops-test-${process.pid}`, 60_000_000)?.remove()).toBeUndefined();
  });
});
