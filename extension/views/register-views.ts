import * as vscode from 'vscode';
import type { RecordStore } from '../../magics/governance/store.ts';
import { createLiveJobsReader } from './live-jobs.ts';
import { modelNodes } from './model-nodes.ts';
import { openStores } from './repositories.ts';
import { runNodes } from './run-nodes.ts';
import { problemNode, type TreeNode } from './tree-node.ts';
import { registerTreeView, type TreeView } from './tree-view.ts';
import { watchRecords } from './watch-records.ts';

export interface Views {
  models: TreeView;
  runs: TreeView;
}

/** Registers Models and Runs: read from git and the job folders, refreshed when these change. */
export function registerViews(): Views & vscode.Disposable {
  const readJobs = createLiveJobsReader();
  const models = registerTreeView('llmops.models', () => fromEachStore(modelNodes));
  const runs = registerTreeView('llmops.runs', () =>
    fromEachStore(async (store) => runNodes(store, await readJobs(store.folder))),
  );
  const refresh = () => {
    models.refresh();
    runs.refresh();
  };
  const parts = [models, runs, watchRecords(refresh), vscode.commands.registerCommand('llmops.refresh', refresh)];
  return { models, runs, dispose: () => vscode.Disposable.from(...parts).dispose() };
}

/** The entries of all open repositories; one that cannot be read says why in place of its entries. */
async function fromEachStore(load: (store: RecordStore) => Promise<TreeNode[]>): Promise<TreeNode[]> {
  const stores = await openStores();
  const parts = stores.map((store) => load(store).catch((error) => [problemNode(store.folder, error)]));
  return (await Promise.all(parts)).flat();
}
