import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { openNotebook, runCell, until } from './notebook.ts';

describe('language features in cells', () => {
  let notebook: vscode.NotebookDocument;
  const document = (index: number) => notebook.cellAt(index).document;
  const errors = (index: number) =>
    vscode.languages
      .getDiagnostics(document(index).uri)
      .filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);

  before(async () => {
    notebook = await openNotebook([
      'const tickets = [{ text: "late", label: 1 }];',
      'tickets.map((ticket) => ticket.text)',
      '%dataset load tickets.csv --as more',
      'tickets.map((ticket) => ticket.txet)',
      'await Promise.resolve(tickets.length)',
      'tickets.',
    ]);
    await runCell(notebook, 0);
  });

  it('complete the members of a variable of an earlier cell', async () => {
    const position = document(5).positionAt('tickets.'.length);
    const list = await until(async () => {
      const found = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        document(5).uri,
        position,
        '.',
      );
      return found.items.some((item) => item.label === 'filter') ? found : undefined;
    });
    assert.ok(list.items.some((item) => item.label === 'map'));
  });

  it('explain a variable of an earlier cell', async () => {
    const hovers = await until(async () => {
      const position = document(1).positionAt(2);
      const found = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document(1).uri,
        position,
      );
      return found.length > 0 ? found : undefined;
    });
    const text = hovers.flatMap((hover) =>
      hover.contents.map((part) => (typeof part === 'string' ? part : part.value)),
    );
    assert.match(text.join('\n'), /tickets/);
  });

  it('underline a wrong property, and nothing that is right', async () => {
    await until(() => errors(3).length > 0);
    assert.match(errors(3)[0]!.message, /txet/);
    await sleep(5000);
    const shown = [0, 1, 2, 3, 4].map((index) => errors(index).map(({ source, message }) => `${source}: ${message}`));
    assert.deepEqual([shown[0], shown[1], shown[2], shown[4]], [[], [], [], []]);
    assert.equal(shown[3]!.length, 1, shown[3]!.join('\n'));
  });
});
