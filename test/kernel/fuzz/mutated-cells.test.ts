import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readNotebook, sourceOf } from '../../../kernel/notebook/notebook.ts';
import { compileMutations } from './mutations.ts';
import { isSoak } from './runs.ts';

const count = isSoak ? 42_500 : 875;

it(`${count} mutations of real cells are refused or compiled, none crashes or hangs`, async () => {
  const cells = await realCells();
  // Else the cells are all nonsense and nothing was tested.
  expect(compileMutations(count, (random) => random.pick(cells), cells)).toBeGreaterThan(count / 10);
});

/** Cells of the sample notebooks and of other tests. */
async function realCells(): Promise<string[]> {
  const notebooks = readdirSync('sample-notebooks').filter((name) => name.endsWith('.ipynb'));
  const cells = await Promise.all(
    notebooks.map(async (name) => (await readNotebook(path.join('sample-notebooks', name))).cells),
  );
  const written = readdirSync('test/cells/input').flatMap((name) =>
    readFileSync(path.join('test/cells/input', name), 'utf8').split('\n-----\n'),
  );
  const code = cells.flat().filter((cell) => cell.cell_type === 'code');
  return [
    ...code.map(sourceOf),
    ...written,
    '%train load a.csv --as t',
    '%%train x --steps 3\nrate: 0.5\nmetrics: [loss]',
  ];
}
