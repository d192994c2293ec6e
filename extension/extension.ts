import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import { registerCellProgress } from './cell-progress.ts';
import { registerCheckSetup } from './commands/check-setup.ts';
import { registerKernelCommands } from './commands/kernel.ts';
import { registerNotebookCommands } from './commands/notebooks.ts';
import { registerRecordCommands } from './commands/records.ts';
import { registerReport } from './commands/report.ts';
import { registerController } from './controller.ts';
import { createKernels } from './kernels.ts';
import { registerLanguage } from './language.ts';
import { registerReattach } from './reattach.ts';
import { registerTablePages } from './table-pages.ts';
import { registerTestExplorer, type TestExplorer } from './test-explorer/register-test-explorer.ts';
import type { DrawChart } from './views/open-record.ts';
import { createPages } from './views/pages.ts';
import { registerViews, type Views } from './views/register-views.ts';

/** What the extension offers to others: what it shows. */
export interface Shown extends Views {
  suites: TestExplorer;
}

/** Called by VS Code when a notebook or a folder with records is opened, a view is shown or a command runs. */
export function activate(context: vscode.ExtensionContext): Shown {
  const log = vscode.window.createOutputChannel('LLMOps', { log: true });
  const distFolder = path.join(context.extensionPath, 'dist');
  const kernels = createKernels(distFolder, log);
  const progress = registerCellProgress();
  const controller = registerController(kernels, progress);
  const pages = createPages();
  const views = registerViews();
  const suites = registerTestExplorer(distFolder, log, views.onDidChangeRecords);
  context.subscriptions.push(log, kernels, progress, controller, pages, views, suites);
  context.subscriptions.push(
    registerLanguage(kernels, controller),
    registerTablePages(kernels),
    registerReattach(controller, progress, log),
    registerKernelCommands(kernels, log),
    registerNotebookCommands(context),
    registerCheckSetup(pages, context.extensionPath),
    registerReport(pages, distFolder),
    registerRecordCommands(pages, (points) => drawChart(distFolder, points), distFolder),
  );
  return { ...views, suites };
}

/** Draws with a bundle of its own, loaded when the first chart is asked for. */
async function drawChart(distFolder: string, points: Parameters<DrawChart>[0]): ReturnType<DrawChart> {
  const { runChart } = await import(pathToFileURL(path.join(distFolder, 'run-chart.js')).href);
  return runChart(points);
}
