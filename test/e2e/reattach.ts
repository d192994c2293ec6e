import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { ownMetadata } from '../../extension/notebook-metadata.ts';
import { openJob } from '../../magics/jobs/index.ts';
import { makeTrainingRepository, trainingCell } from '../magics/finetune/notebook-fixture.ts';
import { openBrowser } from './vscode/browser.ts';
import type { VscodeWeb } from './vscode/install.ts';
import type { TestResult } from './vscode/results.ts';
import { serveVscode } from './vscode/serve.ts';

const shots = path.resolve('test/.cache/screenshots');
const minutesMs = 120_000;
const title =
  'a fine-tune whose VS Code was closed and whose kernel was killed is shown again by its cell, and finishes';

/** Closes VS Code in the middle of a training and opens it again: the cell goes on by itself. */
export async function runReattach(vscode: VscodeWeb, chromium: string, extension: string): Promise<TestResult[]> {
  const folder = await makeNotebook();
  const start = Date.now();
  await mkdir(shots, { recursive: true });
  try {
    const job = await inVscode(vscode, chromium, { extension, folder }, trainAndLeave);
    await inVscode(vscode, chromium, { extension, folder }, (page) => comeBack(page, folder, job));
    return [{ title, passed: true, durationMs: Date.now() - start }];
  } catch (error) {
    return [{ title, passed: false, durationMs: Date.now() - start, error: String(error) }];
  } finally {
    for (const left of processesOf('worker.js', folder)) process.kill(left, 'SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

interface Place {
  extension: string;
  folder: string;
}

/** Opens the notebook in a VS Code and a browser of its own, and closes both afterwards. */
async function inVscode<T>(
  vscode: VscodeWeb,
  chromium: string,
  { extension, folder }: Place,
  work: (page: Page, folder: string) => Promise<T>,
): Promise<T> {
  const server = await serveVscode(vscode, { extension, env: { LLMOPS_QUEUE: '.llmops/queue' } });
  const browser = await openBrowser(chromium, { width: 1300, height: 900 });
  try {
    await browser.page.goto(server.address({ folder, file: path.join(folder, 'train.ipynb') }));
    return await work(browser.page, folder);
  } catch (error) {
    await browser.page.screenshot({ path: path.join(shots, 'reattach-failed.png') });
    throw error;
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Runs all cells, and halts the worker once the chart has its first points; gives the job and the worker's pid. */
async function trainAndLeave(page: Page, folder: string): Promise<{ id: string; worker: number }> {
  await page.locator('.kernel-label', { hasText: 'TypeScript (LLMOps)' }).first().waitFor({ timeout: minutesMs });
  await page
    .getByRole('button', { name: /^Run All/ })
    .first()
    .click();
  await chartOf(page).waitFor({ timeout: minutesMs });
  const [id = ''] = readdirSync(path.join(folder, '.llmops/jobs'));
  const { pid } = JSON.parse(readFileSync(path.join(folder, '.llmops/jobs', id, 'worker.pid'), 'utf8'));
  process.kill(pid, 'SIGSTOP');
  for (const kernel of processesOf('kernel.js', folder)) process.kill(kernel, 'SIGKILL');
  return { id, worker: pid };
}

/** Nothing is clicked: the cell shows its chart, moves it when the training goes on, ends well, and is saved. */
async function comeBack(page: Page, folder: string, { id, worker }: { id: string; worker: number }): Promise<void> {
  const chart = chartOf(page);
  await chart.waitFor({ timeout: minutesMs });
  await page.locator('.notebookOverlay .codicon-notebook-state-executing').first().waitFor({ timeout: minutesMs });
  const before = await chart.getAttribute('d');
  await page.screenshot({ path: path.join(shots, 'reattached.png') });
  process.kill(worker, 'SIGCONT');
  for (const end = Date.now() + minutesMs; (await chart.getAttribute('d').catch(() => before)) === before; ) {
    if (Date.now() > end) throw new Error('The chart did not move after the training went on.');
    await page.waitForTimeout(200);
  }
  const file = path.join(folder, 'train.ipynb');
  for (const end = Date.now() + minutesMs; !(await readFile(file, 'utf8')).includes('tiny@v1.0.0'); ) {
    if (Date.now() > end) throw new Error('The finished cell was not saved.');
    await page.waitForTimeout(200);
  }
  await page.screenshot({ path: path.join(shots, 'reattached-finished.png') });
  const events = await (await openJob(folder, id)).events();
  const starts = events.filter(({ type }) => type === 'started').length;
  if (starts !== 1) throw new Error(`The training was started ${starts} times.`);
}

function chartOf(page: Page) {
  return page
    .frameLocator('iframe.webview')
    .frameLocator('iframe#active-frame')
    .locator('.llmops-chart svg .mark-line path')
    .first();
}

/** The processes of one of our programs that work in the folder. */
function processesOf(program: string, folder: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return command.includes(program) && command.includes(folder) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** A repository with one notebook that trains a tiny model for some seconds. */
async function makeNotebook(): Promise<string> {
  const folder = makeTrainingRepository();
  const source = trainingCell(['max_steps: 4000']);
  const cell = { cell_type: 'code', id: 'train', metadata: {}, execution_count: null, outputs: [], source };
  const notebook = { cells: [cell], metadata: ownMetadata, nbformat: 4, nbformat_minor: 5 };
  await writeFile(path.join(folder, 'train.ipynb'), JSON.stringify(notebook));
  return folder;
}
