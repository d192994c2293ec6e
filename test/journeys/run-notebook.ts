import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cli = path.resolve('dist/cli.js');

interface Cell {
  readonly id: string;
  readonly outputs?: readonly {
    readonly output_type: string;
    readonly text?: string | string[];
    readonly data?: Record<string, string | string[]>;
  }[];
}

/** A sample notebook that was run. */
export interface RunNotebook {
  /** Outputs that are errors. */
  readonly errors: readonly unknown[];
  /** What a cell printed and showed, as plain text. */
  textOf(id: string): string;
  remove(): Promise<void>;
}

/** Runs a sample notebook from top to bottom in a repository of its own; `parts`: files and folders beside it that it needs. */
export async function runNotebook(notebook: string, parts: readonly string[]): Promise<RunNotebook> {
  const workspace = await mkdtemp(path.join(tmpdir(), 'llmops-journey-'));
  for (const part of [...parts, notebook])
    await cp(path.join('sample-notebooks', part), path.join(workspace, part), { recursive: true });
  await run('git', ['init', '-q'], { cwd: workspace });
  await run('git', ['config', 'user.email', 'a@b.example'], { cwd: workspace });
  await run('git', ['config', 'user.name', 'Ada'], { cwd: workspace });
  await run(process.execPath, [cli, 'run', notebook, '-o', 'out.ipynb'], { cwd: workspace });
  const { cells } = JSON.parse(await readFile(path.join(workspace, 'out.ipynb'), 'utf8')) as { cells: Cell[] };
  const outputsOf = ({ outputs = [] }: Cell) => outputs;
  return {
    errors: cells.flatMap(outputsOf).filter((output) => output.output_type === 'error'),
    textOf: (id) =>
      cells
        .filter((cell) => cell.id === id)
        .flatMap(outputsOf)
        .map(({ text, data }) => [text ?? data?.['text/plain'] ?? ''].flat().join(''))
        .join('\n'),
    remove: () => rm(workspace, { recursive: true, force: true }),
  };
}
