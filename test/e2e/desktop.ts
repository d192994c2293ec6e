import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { buildSuite } from './vscode/build-suite.ts';
import { printResults, type TestResult } from './vscode/results.ts';
import { addTinyModel } from './vscode/sample-model.ts';
import { makeSampleRepository } from './vscode/sample-repository.ts';
import { addSampleSuites } from './vscode/sample-suite.ts';

/**
 * npm run test:desktop: the in-host suite in desktop VS Code.
 * VSCODE_EXECUTABLE names the one to use; without it VS Code is downloaded, unless an earlier run did.
 */
const tests = await buildSuite('test/.cache/desktop-suite');
const results = path.join(path.dirname(tests), 'results.json');
await rm(results, { force: true });
const folder = await makeSampleRepository();
await addSampleSuites(folder);
await addTinyModel(folder);
const failure = await runTests({
  vscodeExecutablePath: process.env.VSCODE_EXECUTABLE,
  extensionDevelopmentPath: process.cwd(),
  extensionTestsPath: tests,
  extensionTestsEnv: { LLMOPS_SUITE_RESULTS: results },
  launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust', '--no-sandbox'],
}).then(
  () => undefined,
  (error: Error) => error,
);
await rm(folder, { recursive: true, force: true });
const done: TestResult[] | undefined = await readFile(results, 'utf8').then(JSON.parse, () => undefined);
if (done === undefined) {
  process.stdout.write(`Desktop VS Code ran no test: ${failure?.message ?? 'it ended without results'}.\n`);
  process.stdout.write('Set VSCODE_EXECUTABLE to an installed VS Code, or let it be downloaded.\n');
}
printResults(done ?? []);
const failed = (done ?? []).filter((result) => !result.passed).length;
const passed = (done ?? []).length - failed;
process.stdout.write(`VS Code desktop: ${passed} passed, ${failed} failed\n`);
process.exitCode = failure === undefined && failed === 0 && passed > 0 ? 0 : 1;
