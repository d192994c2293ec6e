import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { KernelEvent } from '../kernel/protocol.ts';
import type { KernelExit } from './errors.ts';
import type { KernelClient } from './kernel-client.ts';
import { launchKernel } from './launch-kernel.ts';

/** The kernels of all open notebooks: one process each, started when it is first needed. */
export interface Kernels extends vscode.Disposable {
  /** The notebook's kernel, started when there is none. Rejects with `kernelNotStarted`. */
  start(notebook: vscode.NotebookDocument): Promise<KernelClient>;
  /** The notebook's kernel if it is running or starting. */
  running(notebook: vscode.NotebookDocument): Promise<KernelClient> | undefined;
  stop(notebook: vscode.NotebookDocument): Promise<void>;
  /** Fires when a kernel has gone that nobody asked to stop. */
  readonly onDidDie: vscode.Event<{ notebook: vscode.NotebookDocument; exit: KernelExit }>;
  /** Fires whenever a kernel has gone, asked or not: its displays and timers are no more. */
  readonly onDidEnd: vscode.Event<vscode.NotebookDocument>;
  readonly onLateEvent: vscode.Event<{ notebook: vscode.NotebookDocument; event: KernelEvent }>;
}

/** `log` gets what the processes write by themselves. */
export function createKernels(distFolder: string, log: vscode.LogOutputChannel): Kernels {
  const kernels = new Map<vscode.NotebookDocument, Promise<KernelClient>>();
  const died = new vscode.EventEmitter<{ notebook: vscode.NotebookDocument; exit: KernelExit }>();
  const ended = new vscode.EventEmitter<vscode.NotebookDocument>();
  const late = new vscode.EventEmitter<{ notebook: vscode.NotebookDocument; event: KernelEvent }>();

  function launch(notebook: vscode.NotebookDocument): Promise<KernelClient> {
    return launchKernel(distFolder, log, {
      folder: folderOf(notebook),
      notebook: notebook.isUntitled ? undefined : notebook.uri.fsPath,
      onLateEvent: (event) => late.fire({ notebook, event }),
    });
  }

  function start(notebook: vscode.NotebookDocument): Promise<KernelClient> {
    const existing = kernels.get(notebook);
    if (existing !== undefined) return existing;
    const starting = launch(notebook);
    kernels.set(notebook, starting);
    starting.then(
      (kernel) => kernel.exited.then((exit) => forget(notebook, starting, exit)),
      (error) => {
        log.error(error);
        forget(notebook, starting);
      },
    );
    return starting;
  }

  /** A kernel that is still in the list was not asked to stop. */
  function forget(notebook: vscode.NotebookDocument, kernel: Promise<KernelClient>, exit?: KernelExit): void {
    ended.fire(notebook);
    if (kernels.get(notebook) !== kernel) return;
    kernels.delete(notebook);
    if (exit !== undefined) died.fire({ notebook, exit });
  }

  async function stop(notebook: vscode.NotebookDocument): Promise<void> {
    const kernel = kernels.get(notebook);
    kernels.delete(notebook);
    await kernel?.then((running) => running.stop()).catch(() => {});
  }

  const closing = vscode.workspace.onDidCloseNotebookDocument((notebook) => void stop(notebook));
  return {
    start,
    stop,
    running: (notebook) => kernels.get(notebook),
    onDidDie: died.event,
    onDidEnd: ended.event,
    onLateEvent: late.event,
    dispose: () => {
      closing.dispose();
      for (const notebook of [...kernels.keys()]) void stop(notebook);
    },
  };
}

/** Where relative paths of a notebook start: its folder, else the workspace's. */
export function folderOf(notebook: vscode.NotebookDocument): string {
  if (!notebook.isUntitled && notebook.uri.scheme === 'file') return path.dirname(notebook.uri.fsPath);
  return vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
}
