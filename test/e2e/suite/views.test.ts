import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Views } from '../../../extension/views/register-views.ts';
import type { TreeNode } from '../../../extension/views/tree-node.ts';
import type { TreeView } from '../../../extension/views/tree-view.ts';
import { addVersion } from '../vscode/sample-repository.ts';
import { until } from './notebook.ts';

describe('the side bar of a repository', () => {
  let views: Views;
  const names = (nodes: readonly TreeNode[]) => nodes.map((node) => node.label);
  const open = (node: TreeNode | undefined) => vscode.commands.executeCommand('llmops.openRecord', node);
  const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => tab.label));

  before(async () => {
    const extension = vscode.extensions.getExtension<Views>('llmops-notebook.llmops-notebook');
    views = await extension!.activate();
  });

  it('lists models and runs with no kernel running', async () => {
    assert.deepEqual(names(await views.models.roots()), ['cron-lora', 'triage']);
    assert.deepEqual(names(await views.runs.roots()), ['triage', 'cron-lora']);
  });

  it('shows where jobs will appear', async () => {
    assert.deepEqual(await views.jobs.roots(), []);
    await vscode.commands.executeCommand('llmops.jobs.focus');
  });

  it('opens a model version and a run as pages', async () => {
    const [, triage] = await views.models.roots();
    const [version] = await triage!.children!();
    await open(version);
    await until(() => tabs().includes('triage@v1.1.0'));
    const [group] = await views.runs.roots();
    const runs = await group!.children!();
    await open(runs[1]);
    await until(() => tabs().includes('triage-run-1-1-0'));
  });

  it('copies references', async () => {
    const [, triage] = await views.models.roots();
    const [version] = await triage!.children!();
    await vscode.commands.executeCommand('llmops.copyReference', version);
    assert.equal(await vscode.env.clipboard.readText(), 'triage@v1.1.0');
  });

  it('refreshes by itself when a version is committed', async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    const refreshed = nextRefresh(views.models);
    await addVersion(folder, 'triage', 'v2.0.0', 0.95, new Date().toISOString());
    await refreshed;
    await until(async () => {
      const models = await views.models.roots();
      return models.find((model) => model.label === 'triage')?.description === 'v2.0.0';
    });
  });

  it('refreshes by itself when a job starts, though its folder is made at once within new ones', async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    const job = path.join(folder, '.llmops/jobs/finetune-20260303120000-1a2b3c4d');
    const refreshed = nextRefresh(views.runs);
    mkdirSync(job, { recursive: true });
    writeFileSync(path.join(job, 'events.jsonl'), '');
    await refreshed;
    rmSync(job, { recursive: true });
  });
});

function nextRefresh(view: TreeView): Promise<void> {
  return new Promise((resolve) => {
    const subscription = view.onDidRefresh(() => {
      subscription.dispose();
      resolve();
    });
  });
}
