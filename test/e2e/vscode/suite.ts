import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { openBrowser } from './browser.ts';
import { buildSuite } from './build-suite.ts';
import type { VscodeWeb } from './install.ts';
import type { TestResult } from './results.ts';
import { serveVscode } from './serve.ts';

const limitMs = 600_000;

/** Runs the tests of test/e2e/suite inside the extension host of VS Code's web build, with `folder` open. */
export async function runSuite(vscode: VscodeWeb, chromium: string, folder: string): Promise<TestResult[]> {
  const tests = await buildSuite('test/.cache/suite');
  const results = path.join(path.dirname(tests), 'results.json');
  await rm(results, { force: true });
  // The repository's jobs wait for no others of this machine.
  const env = { LLMOPS_SUITE_RESULTS: results, LLMOPS_QUEUE: '.llmops/queue' };
  const server = await serveVscode(vscode, { smokeTest: true, env });
  const browser = await openBrowser(chromium);
  try {
    const { page } = browser;
    const ended = new Promise<void>((resolve) => page.exposeFunction('codeAutomationExit', () => resolve()));
    const log: string[] = [];
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) =>
      log.push(args.map(String).join(' ')),
    );
    await page.goto(server.address({ folder, development: process.cwd(), tests }));
    const timer = setTimeout(() => void browser.close(), limitMs);
    await ended.finally(() => clearTimeout(timer));
    const text = await readFile(results, 'utf8').catch(() => {
      throw new Error(`The suite ended without results. VS Code wrote:\n${log.join('\n')}`);
    });
    return JSON.parse(text);
  } finally {
    await browser.close();
    await server.close();
  }
}
