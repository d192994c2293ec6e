import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { buildSuite } from './vscode/build-suite.ts';
import { printResults, type TestResult } from './vscode/results.ts';
import { makeSampleRepository } from './vscode/sample-repository.ts';

/** npm run test:desktop: the in-host suite in desktop VS Code, which is downloaded first where it is not cached. */
execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
const tests = await buildSuite();
const results = path.join(path.dirname(tests), 'results.json');
const folder = await makeSampleRepository();
const code = await runTests({
  extensionDevelopmentPath: process.cwd(),
  extensionTestsPath: tests,
  extensionTestsEnv: { LLMOPS_SUITE_RESULTS: results },
  launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust', '--no-sandbox'],
}).catch(() => 1);
const done: TestResult[] = JSON.parse(await readFile(results, 'utf8'));
printResults(done);
const failed = done.filter((result) => !result.passed).length;
process.stdout.write(`VS Code desktop: ${done.length - failed} passed, ${failed} failed\n`);
process.exitCode = code === 0 && failed === 0 && done.length > 0 ? 0 : 1;
