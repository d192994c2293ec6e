import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { type Browser, findChromium, openBrowser } from '../e2e/vscode/browser.ts';
import { type InstalledKernel, installKernel } from './installed-kernel.ts';
import { type JupyterLab, startJupyterLab } from './jupyterlab.ts';
import { makeFirstHalf } from './notebooks.ts';

const shots = path.resolve('test/.cache/screenshots');

describe('JupyterLab', () => {
  let kernel: InstalledKernel;
  let lab: JupyterLab;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    kernel = await installKernel();
    const folder = path.join(kernel.prefix, 'quickstart');
    makeFirstHalf(folder);
    lab = await startJupyterLab(kernel, folder);
    browser = await openBrowser(findChromium()!, { width: 1500, height: 1000 });
    page = browser.page;
    page.setDefaultTimeout(20_000);
    await page.goto(lab.address('first-half.ipynb'));
    await page.locator('.jp-Notebook .jp-CodeCell').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'No', exact: true }).click();
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
    kernel.remove();
  });

  beforeEach(() => {
    onTestFailed(async () => void (await page.screenshot({ path: path.join(shots, 'jupyterlab-failed.png') })));
  });

  it('runs the first half of the quickstart without an error', async () => {
    await page.locator('.jp-StatusBar-Right-item, .jp-StatusBar-TextItem', { hasText: '| Idle' }).first().waitFor();
    await menu('Run', 'Run All Cells');
    await prompt(6).waitFor({ timeout: 60_000 });
    expect(await page.locator('.jp-OutputArea-output[data-mime-type*="stderr"]').count()).toBe(0);
    expect(await page.locator('.jp-OutputArea-output table').count()).toBeGreaterThan(2);
  });

  it('draws the chart', async () => {
    const chart = page.locator('.jp-OutputArea .vega-embed svg, .jp-OutputArea .vega-embed canvas').first();
    await chart.scrollIntoViewIfNeeded();
    await chart.waitFor();
    const box = await chart.boundingBox();
    expect(box!.width).toBeGreaterThan(200);
    expect(box!.height).toBeGreaterThan(100);
    await page.screenshot({ path: path.join(shots, 'jupyterlab.png') });
  });

  it('completes a member of an earlier cell’s variable', async () => {
    const cell = page.locator('.jp-Notebook .jp-CodeCell').last();
    await cell.locator('.cm-content').click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('b');
    await page.keyboard.press('Enter');
    await page.keyboard.type('unseen.');
    const offered = page.locator('.jp-Completer-item', { hasText: 'rows' }).first();
    // JupyterLab drops an answer that takes a second, as the first may on a busy machine.
    await expect.poll(() => askedFor(offered), { timeout: 30_000, interval: 2000 }).toBe(true);
    await page.screenshot({ path: path.join(shots, 'jupyterlab-completion.png') });
    await offered.click();
    await page.keyboard.type('().length');
    await page.keyboard.press('Shift+Enter');
    await page.locator('.jp-OutputArea-output', { hasText: '600' }).last().waitFor({ timeout: 30_000 });
  });

  /** Whether the completion is in view; presses Tab when it is not. */
  async function askedFor(offered: Locator): Promise<boolean> {
    if (await offered.isVisible()) return true;
    await page.keyboard.press('Tab');
    return false;
  }

  /** The prompt of the code cell that ran as number `count`. */
  function prompt(count: number) {
    return page.locator('.jp-InputPrompt', { hasText: `[${count}]:` }).first();
  }

  async function menu(title: string, item: string): Promise<void> {
    await page.locator('.lm-MenuBar-item', { hasText: new RegExp(`^${title}$`) }).click();
    await page
      .locator('.lm-Menu-item', { hasText: new RegExp(`^${item}`) })
      .first()
      .click();
  }
});
