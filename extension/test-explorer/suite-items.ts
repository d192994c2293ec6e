import path from 'node:path';
import * as vscode from 'vscode';
import type { ItemPlace } from './item-place.ts';
import type { ShownSuite } from './shown-suite.ts';
import type { TaskOutline } from './suite-outline.ts';

/** Shows suites, their tasks and the gates of these. Items of what is still there stay the same, with their states. */
export function showSuites(controller: vscode.TestController, suites: readonly ShownSuite[]): void {
  const make = (parent: vscode.TestItemCollection, id: string, label: string, file: string, line: number) => {
    const item = parent.get(id) ?? controller.createTestItem(id, label, vscode.Uri.file(file));
    item.label = label;
    item.range = lineRange(line);
    return item;
  };
  const taskItem = (parent: vscode.TestItem, { file, outcomes }: ShownSuite, task: TaskOutline, index: number) => {
    const item = make(parent.children, task.name, task.name, file, task.line);
    const outcome = outcomes.get(task.name);
    item.sortText = order(index);
    item.description = outcome?.description;
    const gates = task.gates.map(({ gate, line }, i) => {
      const gateItem = make(item.children, gate, gate, file, line);
      gateItem.sortText = order(i);
      gateItem.description = outcome?.gates.get(gate)?.figure;
      return gateItem;
    });
    item.children.replace(gates);
    return item;
  };
  const items = suites.map((suite) => {
    const { file, workspace, outline } = suite;
    const item = make(controller.items, file, outline.name, file, outline.problem?.line ?? 1);
    item.description = path.relative(workspace, file);
    item.error = outline.problem?.message;
    item.children.replace(suite.tasks.map((task, i) => taskItem(item, suite, task, i)));
    return item;
  });
  controller.items.replace(items);
}

/** The item of a task, where it is shown. */
export function itemOf(controller: vscode.TestController, { file, task }: ItemPlace): vscode.TestItem | undefined {
  const suite = controller.items.get(file);
  return task === undefined ? suite : suite?.children.get(task);
}

/** The whole of a line, counted from 1. */
export function lineRange(line: number): vscode.Range {
  return new vscode.Range(line - 1, 0, line - 1, Number.MAX_SAFE_INTEGER);
}

/** The order in the file, for a tree that sorts by text. */
function order(index: number): string {
  return String(index).padStart(6, '0');
}
