import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import * as vscode from 'vscode';
import { errorText, finished, openNotebook, outputs, runCell, startCell, until } from './notebook.ts';

const chart = (value: number) =>
  `{ 'application/vnd.vegalite.v5+json': { mark: 'bar', datasets: { rows: [{ a: ${value} }] } }, 'text/plain': 'chart ${value}' }`;

describe('a notebook of our kernel', () => {
  let notebook: vscode.NotebookDocument;
  const cells = [
    'const answer = 6 * 7;\nanswer',
    'console.log("one"); console.error("two"); console.log("three");',
    'answer.toUpperCase()',
    'while (true) {}',
    'answer + 1',
    'process.kill(process.pid, "SIGKILL"); await new Promise(() => {});',
    'typeof answer',
    'for (let i = 0; i < 100; i++) console.log("x".repeat(1_000_000));',
  ];

  before(async () => {
    notebook = await openNotebook(cells);
  });

  it('opens as a Jupyter notebook with our kernel and TypeScript cells', () => {
    assert.equal(notebook.notebookType, 'jupyter-notebook');
    assert.equal(notebook.cellAt(0).document.languageId, 'typescript');
  });

  it('runs a cell and shows its value, order and time', async () => {
    assert.equal(await runCell(notebook, 0), true);
    assert.deepEqual(outputs(notebook.cellAt(0), 'text/plain'), ['42']);
    assert.equal(notebook.cellAt(0).executionSummary?.executionOrder, 1);
    assert.ok(notebook.cellAt(0).executionSummary?.timing !== undefined);
  });

  it('keeps stdout and stderr apart and in order', async () => {
    await runCell(notebook, 1);
    const texts = notebook.cellAt(1).outputs.map((output) => Buffer.from(output.items[0]!.data).toString().trim());
    assert.deepEqual(texts.join(' ').split(/\s+/).sort(), ['one', 'three', 'two']);
    assert.deepEqual(outputs(notebook.cellAt(1), 'stderr').join('').trim(), 'two');
  });

  it('shows an error with the line of the cell that made it', async () => {
    assert.equal(await runCell(notebook, 2), false);
    assert.match(errorText(notebook.cellAt(2)), /toUpperCase/);
  });

  it('interrupts an endless loop and keeps the variables', async () => {
    startCell(notebook, 3);
    const loop = notebook.cellAt(3);
    await until(() => loop.executionSummary?.executionOrder !== undefined);
    await vscode.commands.executeCommand('notebook.cancelExecution', {
      ranges: [{ start: 3, end: 4 }],
      document: notebook.uri,
    });
    assert.equal(await finished(loop), false);
    assert.equal(await runCell(notebook, 4), true);
    assert.deepEqual(outputs(notebook.cellAt(4), 'text/plain'), ['43']);
  });

  it('says so when the kernel is killed, and starts a new one for the next cell', async () => {
    assert.equal(await runCell(notebook, 5), false);
    assert.match(errorText(notebook.cellAt(5)), /kernel process was killed \(SIGKILL.*its variables are gone/);
    assert.equal(await runCell(notebook, 6), true);
    assert.deepEqual(outputs(notebook.cellAt(6), 'text/plain'), ["'undefined'"]);
  });

  it('forgets variables when it is restarted', async () => {
    await runCell(notebook, 0);
    await vscode.commands.executeCommand('llmops.restartKernel');
    await runCell(notebook, 6);
    assert.deepEqual(outputs(notebook.cellAt(6), 'text/plain'), ["'undefined'"]);
  });

  it('stays quick while a cell prints 100 MB', async () => {
    const start = Date.now();
    assert.equal(await runCell(notebook, 7), true);
    const shown = outputs(notebook.cellAt(7), 'stdout').join('');
    assert.ok(shown.length < 2_000_000, `${shown.length} characters shown`);
    const [, log = ''] = /MB left out; all of it: (.*)\]/.exec(outputs(notebook.cellAt(7), 'stderr').join('')) ?? [];
    assert.equal(statSync(log).size, 100 * 1_000_001);
    assert.ok(Date.now() - start < 20_000, `took ${Date.now() - start} ms`);
  });
});

describe('displays', () => {
  it('update in place, from later cells and from timers too', async () => {
    const notebook = await openNotebook([
      `const shown = display(${chart(1)});`,
      `shown.update(${chart(2)});`,
      `setTimeout(() => shown.update(${chart(3)}), 200);`,
    ]);
    await runCell(notebook, 0);
    const cell = notebook.cellAt(0);
    assert.deepEqual(outputs(cell, 'text/plain'), ['chart 1']);
    const id = cell.outputs[0]!.metadata;
    await runCell(notebook, 1);
    await until(() => outputs(cell, 'text/plain')[0] === 'chart 2');
    await runCell(notebook, 2);
    await until(() => outputs(cell, 'text/plain')[0] === 'chart 3');
    assert.equal(cell.outputs.length, 1);
    assert.deepEqual(cell.outputs[0]!.metadata, id);
  });
});
