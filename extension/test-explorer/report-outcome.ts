import * as vscode from 'vscode';
import type { GateOutcome, TaskOutcome } from './task-outcome.ts';

/**
 * Tells VS Code what became of a task: each gate passed or failed; a task without gates passed, for it has figures.
 * The time is that of the first gate alone, for VS Code adds them up.
 */
export function reportOutcome(run: vscode.TestRun, task: vscode.TestItem, outcome: TaskOutcome): void {
  let durationMs: number | undefined = outcome.seconds * 1000;
  if (task.children.size === 0) run.passed(task, durationMs);
  for (const [name, item] of task.children) {
    const gate = outcome.gates.get(name);
    if (gate === undefined) continue;
    if (gate.passed) run.passed(item, durationMs);
    else run.failed(item, messageOf(gate, item), durationMs);
    durationMs = undefined;
  }
}

/** A task that could not be run, or not to its end. */
export function reportError(run: vscode.TestRun, task: vscode.TestItem, text: string): void {
  const message = new vscode.TestMessage(text);
  message.location = locationOf(task);
  run.errored(task, message);
}

function messageOf({ message, expected, actual }: GateOutcome, item: vscode.TestItem): vscode.TestMessage {
  const difference = vscode.TestMessage.diff(message, expected, actual);
  difference.location = locationOf(item);
  return difference;
}

function locationOf({ uri, range }: vscode.TestItem): vscode.Location | undefined {
  return uri && range && new vscode.Location(uri, range);
}
