import * as vscode from 'vscode';
import type { KernelClient } from '../kernel-client.ts';
import { chosenTasks } from './chosen-tasks.ts';
import { reportError } from './report-outcome.ts';
import { runTask } from './run-task.ts';
import type { ShownSuite } from './shown-suite.ts';
import { itemOf } from './suite-items.ts';
import type { SuiteTree } from './suite-tree.ts';

/** Starts a kernel in a folder. */
export type LaunchKernel = (folder: string) => Promise<KernelClient>;

/** What a run of the Test Explorer works on. */
interface RunPlace {
  controller: vscode.TestController;
  tree: SuiteTree;
  run: vscode.TestRun;
  token: vscode.CancellationToken;
}

/** Runs what is asked for, a suite after the other, each in a kernel of its own that ends with it. */
export async function runSuites(
  request: vscode.TestRunRequest,
  token: vscode.CancellationToken,
  { controller, tree }: Pick<RunPlace, 'controller' | 'tree'>,
  launch: LaunchKernel,
): Promise<void> {
  const place = { controller, tree, token, run: controller.createTestRun(request) };
  try {
    for (const [file, tasks] of chosenTasks(request, controller.items)) {
      await vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.fsPath === file)?.save();
      await tree.refresh({ files: true });
      const suite = tree.suites.find((shown) => shown.file === file);
      if (suite !== undefined) await runSuite(suite, tasks, place, launch);
    }
  } finally {
    place.run.end();
  }
}

async function runSuite(
  suite: ShownSuite,
  tasks: ReadonlySet<string>,
  place: RunPlace,
  launch: LaunchKernel,
): Promise<void> {
  const { controller, tree, run, token } = place;
  const { file, folder, outline } = suite;
  const item = itemOf(controller, { file })!;
  if (outline.problem !== undefined) return reportError(run, item, outline.problem.message);
  // A suite of another program runs as a whole.
  const names =
    outline.kind === 'suite' ? suite.tasks.flatMap(({ name }) => (tasks.has(name) ? [name] : [])) : [undefined];
  const items = names.map((task) => itemOf(controller, { file, task }) ?? item);
  for (const leaf of items.flatMap(leavesOf)) run.enqueued(leaf);
  const release = tree.hold(file);
  let done = 0;
  try {
    const kernel = await launch(folder);
    try {
      for (; done < names.length; done++) await runOne(kernel, suite, names[done], items[done]!, place);
    } finally {
      await kernel.stop();
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!token.isCancellationRequested) for (const left of items.slice(done)) reportError(run, left, text);
  } finally {
    release();
  }
}

async function runOne(
  kernel: KernelClient,
  { file }: ShownSuite,
  task: string | undefined,
  item: vscode.TestItem,
  { tree, run, token }: RunPlace,
): Promise<void> {
  const leaves = leavesOf(item);
  if (token.isCancellationRequested) return leaves.forEach((leaf) => void run.skipped(leaf));
  for (const leaf of leaves) run.started(leaf);
  const write = (text: string) => run.appendOutput(text, undefined, item);
  const end = await runTask(kernel, { file, task }, write, token);
  if (end.type === 'interrupted') return leaves.forEach((leaf) => void run.skipped(leaf));
  if (end.type === 'error') return reportError(run, item, end.message);
  await tree.refresh();
  const suite = tree.suites.find((shown) => shown.file === file);
  for (const [name, outcome] of suite?.outcomes ?? [])
    if (end.evaluations.includes(outcome.evaluation)) tree.report(run, suite!, name, outcome);
}

/** The items that have states of their own. */
function leavesOf(item: vscode.TestItem): vscode.TestItem[] {
  return item.children.size === 0 ? [item] : [...item.children].flatMap(([, child]) => leavesOf(child));
}
