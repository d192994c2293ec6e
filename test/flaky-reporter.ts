import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Reporter, TestCase } from 'vitest/node';

/** Where `npm test` reads which tests failed at first; one per line. */
const file = path.resolve('test/.cache/results/flaky.txt');

/** Keeps the names of tests that passed only when they were tried again. */
export default class FlakyReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky !== true) return;
    const [error] = test.result().errors ?? [];
    mkdirSync(path.dirname(file), { recursive: true });
    const why = error?.message.split('\n')[0] ?? 'no error is known';
    appendFileSync(file, `${test.project.name}: ${test.fullName}: ${why}\n`);
  }
}
