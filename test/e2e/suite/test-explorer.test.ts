import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Shown } from '../../../extension/extension.ts';
import { recordTask } from '../vscode/sample-suite.ts';
import { until } from './notebook.ts';

describe('the Test Explorer of a repository', () => {
  let suites: Shown['suites'];
  let folder: string;
  const cron = () => suites.tree.suites.find(({ outline }) => outline.name === 'cron')!;
  const gatesOf = (task: string) =>
    [...(cron().outcomes.get(task)?.gates ?? [])].map(
      ([gate, { passed }]) => `${gate} ${passed ? 'passed' : 'failed'}`,
    );
  const tree = (items: vscode.TestItemCollection): unknown[] =>
    [...items].map(([, { label, children }]) => (children.size === 0 ? label : [label, ...tree(children)]));

  /** What is told to VS Code from now on: `passed exact_match>=0`. */
  function listen(): string[] {
    const told: string[] = [];
    const { controller } = suites;
    const create = controller.createTestRun;
    const note = (run: vscode.TestRun, state: 'passed' | 'skipped' | 'enqueued') => (item: vscode.TestItem) => {
      told.push(`${state} ${item.label}`);
      run[state](item);
    };
    controller.createTestRun = (...args) => {
      const run = create(...args);
      return {
        ...run,
        token: run.token,
        passed: note(run, 'passed'),
        skipped: note(run, 'skipped'),
        enqueued: note(run, 'enqueued'),
        failed: (item, message) => {
          const [{ message: text, location }] = [message].flat() as [vscode.TestMessage];
          told.push(`failed ${item.label}, line ${location!.range.start.line + 1}: ${text}`);
          run.failed(item, message);
        },
        appendOutput: (text) => {
          told.push(text);
          run.appendOutput(text);
        },
      };
    };
    return told;
  }

  /** Runs the task `tiny model` as its button in the editor does. */
  async function runTinyModel(): Promise<string[]> {
    const told = listen();
    const document = await vscode.workspace.openTextDocument(path.join(folder, 'suites/cron.yaml'));
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(14, 4, 14, 4);
    void vscode.commands.executeCommand('testing.runAtCursor');
    await until(() => told.includes('enqueued exact_match>=0.5'));
    return told;
  }

  before(async () => {
    folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    suites = (await vscode.extensions.getExtension<Shown>('llmops-notebook.llmops-notebook')!.activate()).suites;
    await until(() => cron());
  });

  // Its job would be seen by the tests of the side bar.
  after(() => rmSync(path.join(folder, '.llmops/jobs'), { recursive: true, force: true }));

  it('lists suites, their tasks and gates in the order of the file', () => {
    assert.deepEqual(tree(suites.controller.items), [
      'broken',
      [
        'cron',
        ['wording', 'exact_match>=0.8'],
        ['new schedules', 'exact_match>=0.9', 'token_f1>=0.85'],
        ['tiny model', 'exact_match>=0', 'exact_match>=0.5'],
      ],
    ]);
  });

  it('shows the last recorded results with no kernel running', () => {
    assert.deepEqual(gatesOf('wording'), ['exact_match>=0.8 passed']);
    assert.deepEqual(gatesOf('new schedules'), ['exact_match>=0.9 failed', 'token_f1>=0.85 passed']);
    assert.deepEqual(gatesOf('tiny model'), []);
  });

  it('shows what is wrong with a file at its line', async () => {
    const uri = vscode.Uri.file(path.join(folder, 'suites/broken.yaml'));
    const [problem] = await until(() => {
      const found = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'llmops');
      return found.length > 0 ? found : undefined;
    });
    assert.match(problem!.message, /no key "gate"/);
    assert.equal(problem!.range.start.line, 4);
    assert.match(String([...suites.controller.items].find(([, { label }]) => label === 'broken')![1].error), /"gate"/);
  });

  it('shows a result when it is committed, a failure with the gate, its limit, the figure and its line', async () => {
    const told = listen();
    await recordTask(folder, 'new schedules', 'new-schedules-3', 0.88, new Date().toISOString());
    await until(() => told.length >= 2);
    assert.deepEqual(told, [
      'failed exact_match>=0.9, line 13: exact match is 88.0% [86.1, 89.7]; the gate asks for at least 90.0%',
      'passed token_f1>=0.85',
    ]);
  });

  it('records nothing of a run that is cancelled', async () => {
    const told = await runTinyModel();
    await vscode.commands.executeCommand('testing.cancelRun');
    await until(() => told.includes('skipped exact_match>=0.5'));
    assert.deepEqual(gatesOf('tiny model'), []);
  });

  it('runs the task at the cursor in a kernel of its own, shows its output and records its result', async function () {
    this.timeout(240_000);
    const told = await runTinyModel();
    const last = 'failed exact_match>=0.5, line 23: exact match is 0.0%';
    await until(() => told.some((text) => text.startsWith(last)), 200_000);
    assert.match(told.join('\n'), /cron: 1 of 1 failed/);
    assert.deepEqual(gatesOf('tiny model'), ['exact_match>=0 passed', 'exact_match>=0.5 failed']);
    assert.equal(told.filter((text) => text === 'passed exact_match>=0').length, 1);
  });
});
