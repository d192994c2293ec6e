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
  '--reporter=./test/flaky-reporter.ts',
  `--outputFile.json=${resultsOf(project)}`,
];

/** Each suite is a Node program; it writes vitest's JSON counts to its results file, or counts as one test by its exit code. */
const suites = [
  { name: 'types, lint and format', run: () => npm('run', '-s', 'check') },
  { name: 'unit', run: () => node(vitest('unit')), results: resultsOf('unit') },
  {
    name: 'Jupyter clients',
    needs: 'Jupyter clients',
    run: () => node(vitest('jupyter')),
    results: resultsOf('jupyter'),
  },
  {
    name: 'Object stores',
    needs: 'Object stores',
    run: () => node(vitest('object-stores')),
    results: resultsOf('object-stores'),
  },
  { name: 'MLflow', needs: 'MLflow', run: () => node(vitest('mlflow')), results: resultsOf('mlflow') },
  { name: 'Ray', needs: 'Ray', run: () => node(vitest('ray')), results: resultsOf('ray') },
  { name: 'Slurm', needs: 'Slurm', run: () => node(vitest('slurm')), results: resultsOf('slurm') },
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
const failures = [];
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
  failures.push(...counts.failures.map((failure) => `${suite.name}: ${failure}`));
}

// Again at the end, since who reads a long log begins there.
if (failures.length > 0) console.log(`\n── Failed\n${failures.join('\n\n')}`);

const flaky = path.join(results, 'flaky.txt');
if (existsSync(flaky))
  console.log(`\n── Failed at first, and passed when tried again: each is a bug\n${readFileSync(flaky, 'utf8')}`);

for (const title of leftOut) console.log(`Left out: ${title}`);
if (process.env.CI && leftOut.length > 0) {
  console.log('Under CI nothing may be left out: each counts as failed.');
  total.failed += leftOut.length;
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function countsOf(suite, succeeded) {
  if (suite.results === undefined && succeeded) return { passed: 1, failed: 0, leftOut: [], failures: [] };
  if (suite.results === undefined || !existsSync(suite.results)) {
    return { passed: 0, failed: 1, leftOut: [], failures: ['see its output above'] };
  }
  const report = JSON.parse(readFileSync(suite.results, 'utf8'));
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const failures = tests
    .filter((test) => test.status === 'failed')
    .map((test) => [test.fullName, ...(test.failureMessages ?? [])].join('\n'));
  // A suite that broke outside its tests (an import, a hook, a process that ended) has failed too.
  if (!succeeded && failures.length === 0) {
    const broken = report.testResults.filter((file) => file.status === 'failed');
    failures.push(...broken.map((file) => [file.name, file.message].join('\n')));
    if (failures.length === 0) failures.push('failed outside its tests: see its output above');
  }
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed: failures.length,
    leftOut: tests.filter((test) => !['passed', 'failed'].includes(test.status)).map((test) => test.fullName),
    failures,
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
