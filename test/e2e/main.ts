import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { useTemporaryFolder } from '../temporary-folder.ts';
import { runQuickstart } from './quickstart.ts';
import { runReattach } from './reattach.ts';
import { findChromium } from './vscode/browser.ts';
import { installVscodeWeb, whyNoVscodeWeb } from './vscode/install.ts';
import { printResults, type TestResult, toReport } from './vscode/results.ts';
import { addTinyModel } from './vscode/sample-model.ts';
import { makeSampleRepository } from './vscode/sample-repository.ts';
import { addSampleSuites } from './vscode/sample-suite.ts';
import { runSuite } from './vscode/suite.ts';

/** Runs everything that needs a real VS Code: node test/run.mjs test/e2e/main.ts [RESULTS.json]. */
const [resultsFile] = process.argv.slice(2);
const chromium = findChromium();
const leftOut = whyNoVscodeWeb() ?? (chromium === undefined ? 'there is no Chromium on the PATH' : undefined);
if (leftOut === undefined) await runAll(chromium!);
else {
  process.stdout.write(`Left out: the VS Code suites, because ${leftOut}.\n`);
  process.exitCode = process.env.CI === undefined ? 0 : 1;
}

async function runAll(browser: string): Promise<void> {
  const vscode = await installVscodeWeb();
  execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
  const removeTemporaryFolder = useTemporaryFolder();
  const folder = await makeSampleRepository();
  await addSampleSuites(folder);
  await addTinyModel(folder);
  const results: TestResult[] = [];
  const suites = [
    () => runSuite(vscode, browser, folder),
    () => runReattach(vscode, browser, process.cwd()),
    async () => runQuickstart(vscode, browser, packageExtension()),
  ];
  for (const suite of suites) {
    const part = await suite();
    printResults(part);
    results.push(...part);
  }
  removeTemporaryFolder();
  if (resultsFile !== undefined) await writeFile(resultsFile, JSON.stringify(toReport(results)));
  const failed = results.filter((result) => !result.passed).length;
  process.stdout.write(`VS Code: ${results.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 && results.length > 0 ? 0 : 1;
}

/** The VSIX as users get it. */
function packageExtension(): string {
  execFileSync(process.execPath, ['package-vsix.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
  return path.resolve(`llmops-notebook-${process.platform}-${process.arch}.vsix`);
}
