import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { digestFile } from './objects.ts';
import type { Environment } from './record-parts.ts';
import { findRepository } from './repository.ts';

const packages = ['onnxruntime-node', '@huggingface/tokenizers', 'arquero', '@duckdb/node-api', 'typescript', 'zod'];

/** What the work runs on: Node, machine, package versions, lock file, and the state of the work tree. `extra` is put in last. */
export async function captureEnvironment(folder: string, extra: Partial<Environment> = {}): Promise<Environment> {
  return {
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    cpu: os.cpus()[0]?.model.trim() || undefined,
    packages: packageVersions(),
    ...(await workTreeState(folder)),
    ...extra,
  };
}

async function workTreeState(folder: string): Promise<Pick<Environment, 'commit' | 'dirty' | 'lockDigest'>> {
  const { git, folder: top } = await findRepository(folder);
  const [status, lockDigest] = await Promise.all([
    git(['status', '--porcelain=v2', '--branch', '--untracked-files=no']),
    digestFile(path.join(top, 'package-lock.json')).catch(() => undefined),
  ]);
  const commit = /^# branch\.oid ([0-9a-f]{40,})$/m.exec(status)?.[1];
  return { commit, dirty: /^[^#\n]/m.test(status), lockDigest };
}

/** Versions of the packages that decide results, as installed beside this program. */
function packageVersions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const entries = packages.map((name) => [name, versionOf(require, name)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function versionOf(require: NodeJS.Require, name: string): string | undefined {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return (require(path.join(folder, name, 'package.json')) as { version: string }).version;
    } catch {
      // Not in this folder: look in the one above.
    }
  }
  return undefined;
}
