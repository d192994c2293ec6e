import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { openBrowser } from './vscode/browser.ts';
import type { VscodeWeb } from './vscode/install.ts';
import type { TestResult } from './vscode/results.ts';
import { serveVscode } from './vscode/serve.ts';

const shots = path.resolve('test/.cache/screenshots');
const minutesMs = 120_000;

/** Goes through the quickstart as a user does, in the packaged extension, and takes pictures of it in test/.cache/screenshots. */
export async function runQuickstart(vscode: VscodeWeb, chromium: string, extension: string): Promise<TestResult[]> {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'llmops-quickstart-')), 'quickstart');
  execFileSync(process.execPath, ['sample-notebooks/run-quickstart.mjs', '--prepare', '--workspace', folder]);
  await mkdir(shots, { recursive: true });
  const settings = { 'workbench.colorTheme': 'Default Light Modern' };
  const server = await serveVscode(vscode, { extension, settings });
  const browser = await openBrowser(chromium, { width: 1500, height: 1000 });
  const { page } = browser;
  const results: TestResult[] = [];
  try {
    await page.goto(server.address({ folder, file: path.join(folder, 'quickstart.ipynb') }));
    for (const [title, step] of steps) {
      const result = await runStep(page, title, step);
      results.push(result);
      if (!result.passed) break;
    }
    return results;
  } finally {
    await browser.close();
    await server.close();
    await rm(path.dirname(folder), { recursive: true, force: true });
  }
}

type Step = (page: Page) => Promise<void>;
const steps: [title: string, step: Step][] = [
  ['opens with our kernel selected', openWithKernel],
  ['moves the loss chart while the model trains', watchTraining],
  ['runs all cells without an error', finish],
  ['fills the trees and opens the model as a page', showRecords],
  ['looks well in the dark and in a narrow window', takePictures],
];

async function runStep(page: Page, title: string, step: Step): Promise<TestResult> {
  const start = Date.now();
  const result = { title: `the quickstart in VS Code ${title}`, passed: true };
  try {
    await step(page);
    return { ...result, durationMs: Date.now() - start };
  } catch (error) {
    await page.screenshot({ path: path.join(shots, 'failed.png') });
    return { ...result, passed: false, durationMs: Date.now() - start, error: String(error) };
  }
}

async function openWithKernel(page: Page): Promise<void> {
  await page.locator('.notebookOverlay .cell-list-container').first().waitFor({ timeout: minutesMs });
  await page.locator('.kernel-label', { hasText: 'TypeScript (LLMOps)' }).first().waitFor({ timeout: minutesMs });
  await page.locator('.activitybar .action-label[aria-label*="LLMOps"]').first().click();
  await page.getByText('No models yet').first().waitFor();
}

async function watchTraining(page: Page): Promise<void> {
  await page
    .locator('.notebookOverlay .cell-list-container')
    .first()
    .click({ position: { x: 10, y: 10 } });
  await page
    .getByRole('button', { name: /^Run All/ })
    .first()
    .click();
  await page
    .locator('.pane-body .monaco-list-row', { hasText: 'cron-lora' })
    .first()
    .waitFor({ timeout: 3 * minutesMs });
  const line = outputs(page).locator('.llmops-chart svg .mark-line path').first();
  const seen = new Set<string>();
  const end = Date.now() + 5 * minutesMs;
  while (seen.size < 4 && Date.now() < end) {
    await showCell(page, '%%finetune');
    const drawn = await line.getAttribute('d', { timeout: 5000 }).catch(() => null);
    if (drawn !== null) seen.add(drawn);
    if (seen.size === 3) await page.screenshot({ path: path.join(shots, 'training-light.png') });
    await page.waitForTimeout(500);
  }
  if (seen.size < 4) throw new Error(`The loss chart showed ${seen.size} states while training.`);
}

async function finish(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Run All/ })
    .first()
    .waitFor({ timeout: 8 * minutesMs });
  const failed = page.locator('.notebookOverlay .cell-status-item .codicon-notebook-state-error');
  if ((await failed.count()) > 0) throw new Error('A cell ended with an error.');
}

async function showRecords(page: Page): Promise<void> {
  const version = page.locator('.pane-body .monaco-list-row[aria-level="2"]', { hasText: 'v1.0.0' });
  await version.first().waitFor({ timeout: minutesMs });
  await page.screenshot({ path: path.join(shots, 'finished-light.png') });
  await version.first().click();
  await page.locator('.tab', { hasText: 'cron-lora@v1.0.0' }).first().waitFor({ timeout: minutesMs });
  await page.waitForTimeout(2000);
  await page.screenshot({ path: path.join(shots, 'model-light.png') });
}

async function takePictures(page: Page): Promise<void> {
  await command(page, 'Preferences: Toggle between Light/Dark Themes');
  await page.waitForTimeout(2000);
  await page.screenshot({ path: path.join(shots, 'model-dark.png') });
  await page.locator('.tab', { hasText: 'quickstart.ipynb' }).first().click();
  await scrollToCell(page, '%%finetune');
  await page.waitForTimeout(2000);
  await page.screenshot({ path: path.join(shots, 'finished-dark.png') });
  await page.setViewportSize({ width: 900, height: 900 });
  await page.waitForTimeout(2000);
  await page.screenshot({ path: path.join(shots, 'narrow-dark.png') });
  const width = await outputs(page)
    .locator('.llmops-chart')
    .first()
    .evaluate((chart) => chart.scrollWidth - chart.clientWidth);
  if (width > 2) throw new Error(`The chart is ${width} pixels wider than its cell.`);
}

function outputs(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
}

/** Scrolls to the cell with this text where charts of cells above it, drawn late, have moved it away: VS Code draws what is out of view only when idle. */
async function showCell(page: Page, text: string): Promise<void> {
  const cell = page.locator('.notebookOverlay .code-cell-row', { hasText: text }).first();
  const place = (await cell.isVisible()) ? await cell.boundingBox() : null;
  if (place === null || place.y < 0 || place.y > 300) await scrollToCell(page, text);
}

/** Scrolls the notebook until the cell with this text is at its top, so that its outputs are in view. */
async function scrollToCell(page: Page, text: string): Promise<void> {
  await page.locator('.notebookOverlay .cell-list-container').first().hover();
  await page.mouse.wheel(0, -20_000);
  const cell = page.locator('.notebookOverlay .code-cell-row', { hasText: text }).first();
  for (let i = 0; i < 200; i++) {
    const place = (await cell.isVisible()) ? await cell.boundingBox() : null;
    if (place !== null && place.y < 300) return;
    await page.mouse.wheel(0, 200);
    await page.waitForTimeout(150);
  }
  throw new Error(`No cell with ${text} came into view.`);
}

async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').first().fill(`>${title}`);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click();
}
