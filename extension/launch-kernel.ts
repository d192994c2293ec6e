import path from 'node:path';
import * as vscode from 'vscode';
import { type KernelClient, type KernelClientOptions, startKernel } from './kernel-client.ts';
import { findNode } from './node-program.ts';

/** Starts a kernel with the Node of the settings; `log` gets what the process writes by itself. Rejects with `kernelNotStarted`. */
export async function launchKernel(
  distFolder: string,
  log: vscode.LogOutputChannel,
  options: Pick<KernelClientOptions, 'folder' | 'notebook' | 'onLateEvent'>,
): Promise<KernelClient> {
  const node = await findNode(vscode.workspace.getConfiguration('llmops').get('nodePath', ''));
  log.info(`Starting a kernel with ${node.command} ${node.version} in ${options.folder}`);
  return startKernel({
    ...options,
    node: [node.command],
    env: node.env,
    kernelFile: path.join(distFolder, 'kernel.js'),
    onLog: (text) => log.warn(text.trimEnd()),
  });
}
