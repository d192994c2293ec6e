import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import type { TestResult } from '../vscode/results.ts';

/** Called by VS Code inside its extension host: runs the suite, writes the results and rejects when a test failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 120_000 });
  const wanted = process.env.LLMOPS_SUITE_FILES?.split(',');
  const isWanted = (file: string) => wanted === undefined || wanted.includes(file.replace('.test.cjs', ''));
  for (const name of readdirSync(__dirname).filter((file) => file.endsWith('.test.cjs') && isWanted(file))) {
    mocha.addFile(path.join(__dirname, name));
  }
  const results: TestResult[] = [];
  const add = (test: Mocha.Runnable, error?: Error) =>
    results.push({
      title: `in VS Code: ${test.fullTitle()}`,
      passed: error === undefined,
      durationMs: test.duration ?? 0,
      error: error?.stack,
    });
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => add(test));
    runner.on('fail', add);
  });
  writeFileSync(process.env.LLMOPS_SUITE_RESULTS ?? 'results.json', JSON.stringify(results));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
