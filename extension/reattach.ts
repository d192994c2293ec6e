import * as vscode from 'vscode';
import { openStore } from '../magics/governance/open-store.ts';
import type { RecordStore } from '../magics/governance/store.ts';
import { type Job, listJobs, openJob } from '../magics/jobs/index.ts';
import { readJobCell, writeJobCell } from '../magics/jobs/job-cell.ts';
import type { CellProgress } from './cell-progress.ts';
import type { Controller } from './controller.ts';
import { folderOf } from './kernels.ts';
import { isOurs } from './notebook-metadata.ts';

/**
 * Lets cells follow their trainings again when a notebook is opened anew: those that still run, and those that ended
 * while nobody was there. Nothing is started again; the outputs are saved when nothing else waits to be.
 */
export function registerReattach(
  controller: Controller,
  progress: CellProgress,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const seen = new WeakSet<vscode.NotebookDocument>();
  const remember = async (cell: vscode.NotebookCell, id: string) => {
    const { folder } = await openStore(folderOf(cell.notebook));
    const job = await openJob(folder, id);
    const known = await readJobCell(job.folder);
    const text = { notebook: cell.notebook.uri.fsPath, code: cell.document.getText() };
    if (known?.notebook !== text.notebook || known.code !== text.code) await writeJobCell(job.folder, text);
  };
  const attach = async (editor: vscode.NotebookEditor) => {
    const { notebook } = editor;
    const isOther = notebook.isUntitled || !(controller.isSelected(notebook) || isOurs(notebook.metadata));
    if (seen.has(notebook) || isOther || !vscode.workspace.isTrusted) return;
    seen.add(notebook);
    const left = await unfinishedCells(notebook);
    if (left.length === 0) return;
    const wasSaved = !notebook.isDirty;
    await controller.select(editor);
    for (const { cell, job } of left) {
      log.info(`Cell ${cell.index + 1} of ${notebook.uri.fsPath} follows ${job.id} again.`);
      await controller.runInstead(cell, attachCode(cell.document.getText(), job.id));
    }
    if (wasSaved) await notebook.save();
  };
  const logged = (work: Promise<void>) => void work.catch((error) => log.error(error));
  const attachAll = (editors: readonly vscode.NotebookEditor[]) =>
    editors.forEach((editor) => void logged(attach(editor)));
  attachAll(vscode.window.visibleNotebookEditors);
  return vscode.Disposable.from(
    progress.onDidShowJob(({ cell, job }) => logged(remember(cell, job))),
    vscode.window.onDidChangeVisibleNotebookEditors(attachAll),
  );
}

/** The cells whose newest training runs, or has ended without a record, and that training. None outside a repository. */
async function unfinishedCells(notebook: vscode.NotebookDocument): Promise<{ cell: vscode.NotebookCell; job: Job }[]> {
  const store = await openStore(folderOf(notebook)).catch(() => undefined);
  if (store === undefined) return [];
  const found = new Map<vscode.NotebookCell, Job>();
  for (const job of await listJobs(store.folder)) {
    const shown = await readJobCell(job.folder);
    if (shown?.notebook !== notebook.uri.fsPath) continue;
    const cell = notebook.getCells().find(({ document }) => document.getText() === shown.code);
    if (cell !== undefined && !found.has(cell)) found.set(cell, job);
  }
  const open = await Promise.all(
    [...found].map(async ([cell, job]) => ((await isUnfinished(job, store)) ? [{ cell, job }] : [])),
  );
  return open.flat().sort((a, b) => a.cell.index - b.cell.index);
}

async function isUnfinished(job: Job, store: RecordStore): Promise<boolean> {
  const status = await job.status();
  if (status === 'running' || status === 'queued') return true;
  return status !== 'cancelled' && !(await store.list('run')).some((run) => run.job === job.id);
}

/** `%finetune attach ID --as NAME`, with the variable of the cell's own text. */
function attachCode(cellText: string, job: string): string {
  const name = /(?:--as[ =]+|^as:\s*)([A-Za-z_$][\w$]*)/m.exec(cellText)?.[1];
  return `%finetune attach ${job}${name === undefined ? '' : ` --as ${name}`}`;
}
