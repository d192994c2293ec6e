import * as vscode from 'vscode';
import type { RecordStore } from '../../magics/governance/store.ts';
import { jobNodes } from './job-nodes.ts';
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
  jobs: TreeView;
  /** Records, tags, branches or jobs of an open repository have changed. */
  readonly onDidChangeRecords: vscode.Event<void>;
}

/** Registers Models, Runs and Jobs: read from git and the job folders, refreshed when these change. */
export function registerViews(): Views & vscode.Disposable {
  const readJobs = createLiveJobsReader();
  const models = registerTreeView('llmops.models', () => fromEachStore(modelNodes));
  const runs = registerTreeView('llmops.runs', () =>
    fromEachStore(async (store) => runNodes(store, await readJobs(store.folder))),
  );
  const jobs = registerTreeView('llmops.jobs', () => fromEachStore((store) => jobNodes(store.folder)));
  const trees = [models, runs, jobs];
  const changed = new vscode.EventEmitter<void>();
  const refresh = () => {
    for (const tree of trees) tree.refresh();
    changed.fire();
  };
  const parts = [...trees, changed, watchRecords(refresh), vscode.commands.registerCommand('llmops.refresh', refresh)];
  const onDidChangeRecords = changed.event;
  return { models, runs, jobs, onDidChangeRecords, dispose: () => vscode.Disposable.from(...parts).dispose() };
}

/** The entries of all open repositories; one that cannot be read says why in place of its entries. */
async function fromEachStore(load: (store: RecordStore) => Promise<TreeNode[]>): Promise<TreeNode[]> {
  const stores = await openStores();
  const parts = stores.map((store) => load(store).catch((error) => [problemNode(store.folder, error)]));
  return (await Promise.all(parts)).flat();
}
