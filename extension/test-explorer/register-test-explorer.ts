import * as vscode from 'vscode';
import { launchKernel } from '../launch-kernel.ts';
import { watchSuites } from './find-suites.ts';
import { runSuites } from './run-suites.ts';
import { createSuiteTree, type SuiteTree } from './suite-tree.ts';

/** The suites of the open folders in VS Code's Test Explorer. */
export interface TestExplorer {
  controller: vscode.TestController;
  tree: SuiteTree;
}

/**
 * Shows suites, tasks and gates with their last recorded results, read with no kernel running; runs them where the
 * folder is trusted.
 */
export function registerTestExplorer(
  distFolder: string,
  log: vscode.LogOutputChannel,
  onDidChangeRecords: vscode.Event<void>,
): TestExplorer & vscode.Disposable {
  const controller = vscode.tests.createTestController('llmops.suites', 'Evaluation Suites');
  const tree = createSuiteTree(controller, log);
  const launch = (folder: string) => launchKernel(distFolder, log, { folder });
  const offerRun = () =>
    controller.createRunProfile(
      'Run',
      vscode.TestRunProfileKind.Run,
      (request, token) => runSuites(request, token, { controller, tree }, launch),
      true,
    );
  controller.refreshHandler = () => tree.refresh({ files: true });
  if (vscode.workspace.isTrusted) offerRun();
  const parts = [
    controller,
    tree,
    vscode.workspace.onDidGrantWorkspaceTrust(offerRun),
    onDidChangeRecords(() => void tree.refresh()),
    watchSuites(() => void tree.refresh({ files: true })),
    vscode.workspace.onDidChangeWorkspaceFolders(() => void tree.refresh({ files: true })),
  ];
  void tree.refresh();
  return { controller, tree, dispose: () => vscode.Disposable.from(...parts).dispose() };
}
