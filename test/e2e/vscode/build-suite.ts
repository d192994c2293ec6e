import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/** Bundles the tests that run inside VS Code into `folder`; returns the file that runs them. */
export async function buildSuite(folder: string): Promise<string> {
  const target = path.resolve(folder);
  await rm(target, { recursive: true, force: true });
  const files = (await readdir('test/e2e/suite')).filter((name) => name.endsWith('.ts'));
  await build({
    entryPoints: files.map((name) => path.join('test/e2e/suite', name)),
    outdir: target,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
  });
  return path.join(target, 'index.cjs');
}
