// `npm run test:soak`: the long count of kills, in a test that runs shorter under `npm test`.
import { spawnSync } from 'node:child_process';

const tests = ['test/magics/governance/concurrent-writers.test.ts'];
const args = ['node_modules/vitest/vitest.mjs', 'run', '--project=unit', '--testTimeout=7200000', ...tests];
process.exitCode =
  spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, LLMOPS_SOAK: '1' } }).status ?? 1;
