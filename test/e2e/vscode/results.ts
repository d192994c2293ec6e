/** What became of one test. */
export interface TestResult {
  title: string;
  passed: boolean;
  durationMs: number;
  error?: string;
}

/** Prints one line for each test, and what went wrong. */
export function printResults(results: readonly TestResult[]): void {
  for (const { title, passed, durationMs, error } of results) {
    process.stdout.write(` ${passed ? '✓' : '✗'} ${title} (${Math.round(durationMs)} ms)\n`);
    if (error !== undefined) process.stdout.write(`${error.replace(/^/gm, '     ')}\n`);
  }
}

/** The counts in vitest's JSON shape, so that every suite is counted alike. */
export function toReport(results: readonly TestResult[]): unknown {
  const assertionResults = results.map(({ title, passed, error }) => ({
    fullName: title,
    status: passed ? 'passed' : 'failed',
    failureMessages: error === undefined ? [] : [error],
  }));
  return { testResults: [{ assertionResults }] };
}
