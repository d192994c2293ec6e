import path from 'node:path';
import * as vscode from 'vscode';
import { kernelDied } from '../errors.ts';
import type { Kernels } from '../kernels.ts';

/** Registers the restart command, and says so when a kernel dies or no longer answers. */
export function registerKernelCommands(kernels: Kernels, log: vscode.LogOutputChannel): vscode.Disposable {
  const restart = async (notebook = vscode.window.activeNotebookEditor?.notebook) => {
    if (notebook === undefined) return;
    await kernels.stop(notebook);
    await kernels.start(notebook);
  };
  const offerRestart = async (notebook: vscode.NotebookDocument, message: string) => {
    const choice = await vscode.window.showErrorMessage(message, 'Restart Kernel', 'Show Log');
    if (choice === 'Restart Kernel') await restart(notebook);
    if (choice === 'Show Log') log.show();
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand('llmops.restartKernel', () => restart()),
    kernels.onDidDie(({ notebook, exit }) => {
      log.error(`The kernel of ${notebook.uri.fsPath} ended (code ${exit.code}, signal ${exit.signal}).\n${exit.log}`);
      void offerRestart(notebook, `${path.basename(notebook.uri.fsPath)}: ${kernelDied(exit).message}`);
    }),
    kernels.onLateEvent(({ notebook, event }) => {
      if (event.type === 'unresponsive') void offerRestart(notebook, `The kernel does not stop: ${event.reason}`);
    }),
  );
}
