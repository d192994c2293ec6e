// `npm test`: every suite, one after the other, then one line `N passed, N failed`.
// What a suite needs is installed where that may be done; a suite that cannot run here is named, and under CI that is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { prepareMachine } from './machine.mjs';

const results = path.resolve('test/.cache/results');
const vitest = (project, ...args) => [
  'node_modules/vitest/vitest.mjs',
  'run',
  ...args,
  `--project=${project}`,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${resultsOf(project)}`,
];

/** Each suite is a Node program; it writes vitest's JSON counts to its results file, or counts as one test by its exit code. */
const suites = [
  { name: 'types, lint and format', run: () => npm('run', '-s', 'check') },
  { name: 'unit', run: () => node(vitest('unit')), results: resultsOf('unit') },
  { name: 'journeys', run: () => node(vitest('journeys')), results: resultsOf('journeys') },
  {
    name: 'VS Code',
    needs: 'VS Code in a browser',
    run: () => node(['test/run.mjs', 'test/e2e/main.ts', resultsOf('vscode')]),
    results: resultsOf('vscode'),
  },
];

if (!existsSync('node_modules')) npm('ci', '--no-audit', '--no-fund');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const cannotRun = prepareMachine();
const total = { passed: 0, failed: 0 };
const leftOut = [];
for (const suite of suites) {
  if (cannotRun.includes(suite.needs)) {
    leftOut.push(`${suite.name}: this machine lacks what "${suite.needs}" needs`);
    continue;
  }
  console.log(`\n── ${suite.name}`);
  const succeeded = suite.run().status === 0;
  const counts = countsOf(suite, succeeded);
  total.passed += counts.passed;
  total.failed += counts.failed;
  leftOut.push(...counts.leftOut.map((title) => `${suite.name}: ${title}`));
}

for (const title of leftOut) console.log(`Left out: ${title}`);
if (process.env.CI && leftOut.length > 0) {
  console.log('Under CI nothing may be left out: each counts as failed.');
  total.failed += leftOut.length;
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function countsOf(suite, succeeded) {
  if (suite.results === undefined) return { passed: Number(succeeded), failed: Number(!succeeded), leftOut: [] };
  if (!existsSync(suite.results)) return { passed: 0, failed: 1, leftOut: [] };
  const report = JSON.parse(readFileSync(suite.results, 'utf8'));
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const failed = tests.filter((test) => test.status === 'failed').length;
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    // A suite that broke outside its tests (an import, a hook) has failed too.
    failed: succeeded ? failed : Math.max(failed, 1),
    leftOut: tests.filter((test) => !['passed', 'failed'].includes(test.status)).map((test) => test.fullName),
  };
}

function resultsOf(name) {
  return path.join(results, `${name}.json`);
}

function node(args) {
  return spawnSync(process.execPath, args, { stdio: 'inherit' });
}

function npm(...args) {
  return spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' });
}
