import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RunRecord } from '../../../magics/governance/records.ts';

/** Runs git in a folder and gives its trimmed stdout. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();
}

export function makeFolder(): string {
  return realpathSync(mkdtempSync(path.join(os.tmpdir(), 'llmops-test-')));
}

/** A new repository with an identity of its own and, unless told otherwise, one commit that no other repository has. */
export function makeRepository({ empty = false } = {}): string {
  const folder = makeFolder();
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'config', 'user.name', 'Ada');
  git(folder, 'config', 'user.email', 'ada@example.com');
  if (!empty) git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'Start', '-m', randomUUID());
  return folder;
}

export function makeRun(id: string, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    schemaVersion: 1,
    kind: 'run',
    createdAt: '2026-01-02T03:04:05Z',
    id,
    name: 'triage',
    job: `job-${id}`,
    status: 'succeeded',
    config: { num_epochs: 3 },
    inputs: [],
    metrics: { loss: { value: 0.5 } },
    seconds: 12,
    environment: { node: 'v20.0.0', platform: 'linux', arch: 'x64', packages: {} },
    ...changes,
  };
}
