import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { openNotebook, runCell, until } from './notebook.ts';

describe('the language service in cells', () => {
  let notebook: vscode.NotebookDocument;
  const uri = (index: number) => notebook.cellAt(index).document.uri;
  const positionOf = (index: number, text: string) => {
    const { document } = notebook.cellAt(index);
    return document.positionAt(document.getText().indexOf(text) + text.length);
  };
  const placesOf = (found: readonly vscode.Location[]) =>
    found.map(({ uri: { fragment }, range }) => `${fragment} ${range.start.line}:${range.start.character}`);

  before(async () => {
    notebook = await openNotebook([
      'const add = (left: number, right: number) => left + right;',
      'add(1, 2)',
      'const  spaced=add( 1,2 )\n%who',
      'readFileSync("x")',
    ]);
    await runCell(notebook, 0);
  });

  it('finds the definition in another cell', async () => {
    const found = await until(async () => {
      const command = 'vscode.executeDefinitionProvider';
      const all = await vscode.commands.executeCommand<vscode.Location[]>(command, uri(1), positionOf(1, 'ad'));
      const ours = all.filter((location) => location.uri.toString() === uri(0).toString());
      return ours.length > 0 ? ours : undefined;
    });
    assert.deepEqual(placesOf(found), [`${uri(0).fragment} 0:6`]);
  });

  it('finds references and renames across cells', async () => {
    const command = 'vscode.executeReferenceProvider';
    const found = await vscode.commands.executeCommand<vscode.Location[]>(command, uri(0), positionOf(0, 'const ad'));
    const cells = new Set(found.map((location) => location.uri.toString()));
    assert.deepEqual([...cells].sort(), [uri(0), uri(1), uri(2)].map(String).sort());
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>(
      'vscode.executeDocumentRenameProvider',
      uri(1),
      positionOf(1, 'ad'),
      'plus',
    );
    assert.equal(edit.entries().length, 3);
  });

  it('shows the signature of a call', async () => {
    const help = await vscode.commands.executeCommand<vscode.SignatureHelp>(
      'vscode.executeSignatureHelpProvider',
      uri(1),
      positionOf(1, 'add(1, '),
    );
    assert.match(help.signatures[help.activeSignature]!.label, /add\(left: number, right: number\): number/);
    assert.equal(help.activeParameter, 1);
  });

  it('formats TypeScript and leaves magics alone', async () => {
    const edits = await vscode.commands.executeCommand<vscode.TextEdit[]>(
      'vscode.executeFormatDocumentProvider',
      uri(2),
      { tabSize: 2, insertSpaces: true },
    );
    const change = new vscode.WorkspaceEdit();
    change.set(uri(2), edits);
    await vscode.workspace.applyEdit(change);
    assert.equal(notebook.cellAt(2).document.getText(), 'const spaced = add(1, 2)\n%who');
  });

  it('offers the import that is missing', async () => {
    const range = new vscode.Range(0, 0, 0, 12);
    await until(() => vscode.languages.getDiagnostics(uri(3)).some(({ source }) => source === 'llmops'));
    const actions = await until(async () => {
      const command = 'vscode.executeCodeActionProvider';
      const all = await vscode.commands.executeCommand<vscode.CodeAction[]>(command, uri(3), range);
      const imports = all.filter(({ title }) => /import/i.test(title));
      return imports.length > 0 ? imports : undefined;
    });
    assert.ok(actions.length > 0);
  });

  it('underlines nothing in the sample notebooks', async function () {
    this.timeout(300_000);
    // In a folder of their own, as the quickstart puts them there.
    const { extensionPath } = vscode.extensions.getExtension('llmops-notebook.llmops-notebook')!;
    const samples = path.join(extensionPath, 'sample-notebooks');
    const folder = mkdtempSync(path.join(tmpdir(), 'llmops-samples-'));
    cpSync(path.join(samples, 'schedules'), path.join(folder, 'schedules'), { recursive: true });
    for (const name of readdirSync(samples).filter((file) => file.endsWith('.ipynb'))) {
      cpSync(path.join(samples, name), path.join(folder, name));
      const sample = await vscode.workspace.openNotebookDocument(vscode.Uri.file(path.join(folder, name)));
      await vscode.window.showNotebookDocument(sample);
      // VS Code selects the suggested kernel at a keystroke; this one comes before it suggests.
      await vscode.commands.executeCommand('notebook.selectKernel', {
        id: 'llmops',
        extension: 'llmops-notebook.llmops-notebook',
      });
      const cells = sample.getCells().filter(({ kind }) => kind === vscode.NotebookCellKind.Code);
      const errorsOf = ({ document }: vscode.NotebookCell) =>
        vscode.languages
          .getDiagnostics(document.uri)
          .filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error)
          .map(({ message }) => message);
      const type = async (cell: vscode.NotebookCell, text: string) => {
        const typed = new vscode.WorkspaceEdit();
        typed.insert(cell.document.uri, new vscode.Position(cell.document.lineCount, 0), text);
        await vscode.workspace.applyEdit(typed);
      };
      const last = cells.at(-1)!;
      await type(last, '\nnotDeclaredAnywhere');
      await type(cells[0]!, '\n');
      // The last is checked last: once its wrong name is underlined, all cells have been looked at.
      await until(() => errorsOf(last).some((message) => /notDeclaredAnywhere/.test(message)), 120_000).catch(
        (cause) => {
          throw new Error(`${name}: the wrong name in its last cell was not underlined within two minutes.`, { cause });
        },
      );
      assert.deepEqual(cells.slice(0, -1).flatMap(errorsOf), []);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  });
});

describe('cells that use our kernel', () => {
  it('%load puts a file into the cell', async () => {
    const notebook = await openNotebook([
      "require('node:fs').writeFileSync('part.ts', 'const part = 1;')",
      '%load part.ts',
    ]);
    await runCell(notebook, 0);
    await runCell(notebook, 1);
    await until(() => notebook.cellAt(1).document.getText() === 'const part = 1;');
  });

  it('show tables with their renderer’s type first', async () => {
    const notebook = await openNotebook(['aq.table({ a: [1, 2, 3] })']);
    await runCell(notebook, 0);
    const [output] = notebook.cellAt(0).outputs;
    assert.ok(output!.items.some(({ mime }) => mime === 'application/vnd.dataresource+json'));
  });

  it('stop in every kind of loop and keep their variables', async () => {
    const loops = [
      'for (;;) {}',
      'for (;;) await null;',
      'for (;;) await new Promise((resolve) => setTimeout(resolve, 1));',
      'await new Promise(() => {});',
      'setTimeout(() => { for (;;) {} }, 0); await new Promise(() => {});',
      '/(a+)+$/.test("a".repeat(40) + "!")',
    ];
    const notebook = await openNotebook(['const kept = 7;', ...loops, 'kept']);
    await runCell(notebook, 0);
    for (const [i] of loops.entries()) {
      const cell = notebook.cellAt(i + 1);
      const running = runCell(notebook, i + 1);
      await until(() => cell.executionSummary?.executionOrder !== undefined);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const ranges = [{ start: i + 1, end: i + 2 }];
      await vscode.commands.executeCommand('notebook.cancelExecution', { ranges, document: notebook.uri });
      assert.equal(await running, false, loops[i]);
    }
    assert.equal(await runCell(notebook, loops.length + 1), true);
    assert.equal(Buffer.from(notebook.cellAt(loops.length + 1).outputs[0]!.items[0]!.data).toString(), '7');
  });
});
