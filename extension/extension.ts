import path from 'node:path';
import * as vscode from 'vscode';
import { registerCellProgress } from './cell-progress.ts';
import { registerKernelCommands } from './commands/kernel.ts';
import { registerController } from './controller.ts';
import { createKernels } from './kernels.ts';

/** Called by VS Code when a notebook is opened, a view is shown or a command runs. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('LLMOps', { log: true });
  const distFolder = path.join(context.extensionPath, 'dist');
  const kernels = createKernels(distFolder, log);
  const progress = registerCellProgress();
  context.subscriptions.push(log, kernels, progress, registerController(kernels, progress));
  context.subscriptions.push(registerKernelCommands(kernels, log));
}
