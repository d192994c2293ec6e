import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { init } from '../../../kernel/commands/init.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import { makeModel } from '../../magics/governance/model-fixture.ts';
import { git, makeRepository } from '../../magics/governance/repository-fixture.ts';
import { runCommand } from './run-command.ts';

interface Cell {
  id: string;
  source: string;
  output?: string;
}

describe('llmops init --merge', () => {
  it('lets notebooks merge by cell: changes of both sides, outputs with their text, no markers in the JSON', async () => {
    const folder = await makeMerging();
    const base = [cell('a', 'let a = 1;\n\n\n\nlet z = 1;'), cell('b', 'b', 'old'), cell('c', 'c')];
    commitNotebook(folder, base);
    const ours = [
      cell('a', 'let a = 2;\n\n\n\nlet z = 1;', '2'),
      cell('b', 'b', 'ours'),
      cell('x', 'x'),
      cell('c', 'c'),
    ];
    const theirs = [cell('a', 'let a = 1;\n\n\n\nlet z = 3;', '3'), cell('b', 'b', 'old'), cell('y', 'y', 'y!')];
    git(folder, 'checkout', '--quiet', '-b', 'other');
    commitNotebook(folder, theirs);
    git(folder, 'checkout', '--quiet', 'main');
    commitNotebook(folder, ours);
    git(folder, 'merge', '--quiet', '-m', 'Merge', 'other');

    expect(readNotebook(folder)).toEqual([
      { id: 'a', source: 'let a = 2;\n\n\n\nlet z = 3;' },
      { id: 'b', source: 'b', output: 'ours' },
      { id: 'y', source: 'y', output: 'y!' },
      { id: 'x', source: 'x' },
    ]);
    expect(git(folder, 'status', '--porcelain')).toBe('');
    expect(git(folder, 'show', 'HEAD:n.ipynb')).not.toMatch(/"execution_count": \d/);
  });

  it('shows a conflict inside the cell, and the notebook can still be opened', async () => {
    const folder = await makeMerging();
    commitNotebook(folder, [cell('a', 'one'), cell('b', 'b')]);
    git(folder, 'checkout', '--quiet', '-b', 'other');
    commitNotebook(folder, [cell('a', 'theirs'), cell('b', 'b')]);
    git(folder, 'checkout', '--quiet', 'main');
    commitNotebook(folder, [cell('a', 'ours'), cell('b', 'b')]);
    expect(() => git(folder, 'merge', '--quiet', 'other')).toThrow();
    const [first, second] = readNotebook(folder);
    expect(first!.source).toBe('<<<<<<< ours\nours\n=======\ntheirs\n>>>>>>> theirs');
    expect(second!.source).toBe('b');
  });

  it('takes the newer of two versions of a model, with its card', async () => {
    const folder = await makeMerging();
    const store = await openStore(folder);
    const commit = (version: string) => store.commit({ records: [makeModel(version)], message: version });
    await commit('v1.0.0');
    git(folder, 'checkout', '--quiet', '-b', 'other');
    await commit('v1.10.0');
    git(folder, 'checkout', '--quiet', 'main');
    await commit('v1.9.0');
    git(folder, 'merge', '--quiet', '-m', 'Merge', 'other');
    expect((await store.read('model', 'triage'))?.version).toBe('v1.10.0');
    expect(git(folder, 'show', 'HEAD:llmops/models/triage/README.md')).toContain('# triage@v1.10.0');
  });

  it('offers itself when it is not asked for, and adds its lines once', async () => {
    const folder = makeRepository();
    expect((await runCommand(init, [], { folder })).stdout).toContain('llmops init --merge');
    writeFileSync(path.join(folder, '.gitattributes'), '*.png binary');
    for (let i = 0; i < 2; i++) await runCommand(init, ['--merge'], { folder });
    const lines = readFileSync(path.join(folder, '.gitattributes'), 'utf8').split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe('*.png binary');
  });
});

async function makeMerging(): Promise<string> {
  const folder = makeRepository();
  await runCommand(init, ['--merge'], { folder, distFolder: path.resolve('dist') });
  git(folder, 'add', '.gitattributes');
  git(folder, 'commit', '--quiet', '-m', 'Attributes');
  return folder;
}

const cell = (id: string, source: string, output?: string): Cell => ({ id, source, output });

let runs = 0;

/** Each run of a notebook gives its cells new numbers, as in life. */
function commitNotebook(folder: string, cells: readonly Cell[]): void {
  const notebook = {
    cells: cells.map(({ id, source, output }) => ({
      id,
      cell_type: 'code',
      source: source.split(/(?<=\n)/),
      metadata: { execution: { started: ++runs } },
      execution_count: ++runs,
      outputs: output === undefined ? [] : [{ output_type: 'stream', name: 'stdout', text: [output] }],
    })),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
  writeFileSync(path.join(folder, 'n.ipynb'), JSON.stringify(notebook, null, 1));
  git(folder, 'add', 'n.ipynb');
  git(folder, 'commit', '--quiet', '-m', 'Notebook');
}

function readNotebook(folder: string): Cell[] {
  const { cells } = JSON.parse(readFileSync(path.join(folder, 'n.ipynb'), 'utf8'));
  return cells.map(({ id, source, outputs }: { id: string; source: string[]; outputs: { text: string[] }[] }) => {
    const output = outputs[0]?.text[0];
    return { id, source: source.join(''), ...(output === undefined ? {} : { output }) };
  });
}
