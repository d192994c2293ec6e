import { execFileSync } from 'node:child_process';
import { useTemporaryFolder } from './temporary-folder.ts';

/** Tests start real kernels and workers: build the bundles once before the first test. */
export default function setup(): () => void {
  execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
  return useTemporaryFolder();
}
