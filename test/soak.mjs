// `npm run test:soak`: the long counts, in tests that run shorter under `npm test`. With names, only those that match.
import { spawnSync } from 'node:child_process';

const soaks = [
  ['500 kills of processes that commit', 'test/magics/governance/concurrent-writers.test.ts'],
  ['210 interrupts of 21 kinds of cells, on an idle and on a busy machine', 'test/kernel/interrupt-matrix.test.ts'],
  ['25 interrupts of a training while the machine is busy', 'test/kernel/interrupt-training.test.ts'],
  ['100,000 generated and mutated cells', 'test/kernel/fuzz'],
  ['25 kills of a training', 'test/magics/finetune/resume.test.ts'],
  ['50,000 damaged data files', 'test/magics/dataset/formats-fuzz.test.ts'],
];

const wanted = process.argv.slice(2);
const chosen = soaks.filter(([, file]) => wanted.length === 0 || wanted.some((name) => file.includes(name)));
const env = { ...process.env, LLMOPS_SOAK: '1' };
let failed = 0;
for (const [i, [what, file]] of chosen.entries()) {
  console.log(`\n── ${i + 1} of ${chosen.length}: ${what}`);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project=unit', '--testTimeout=7200000', file];
  if (spawnSync(process.execPath, args, { stdio: 'inherit', env }).status !== 0) failed++;
}
console.log(`\n${chosen.length - failed} of ${chosen.length} passed`);
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
