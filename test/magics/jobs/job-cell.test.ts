import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readJobCell, writeJobCell } from '../../../magics/jobs/job-cell.ts';
import { makeFolder } from '../governance/repository-fixture.ts';

it('a job folder remembers the cell that shows the job; one of another version counts as none', async () => {
  const folder = makeFolder();
  expect(await readJobCell(folder)).toBeUndefined();
  const cell = { notebook: '/notebooks/a.ipynb', code: '%%finetune\nname: tiny' };
  await writeJobCell(folder, cell);
  expect(await readJobCell(folder)).toEqual(cell);
  writeFileSync(path.join(folder, 'cell.json'), '{"cell":1}');
  expect(await readJobCell(folder)).toBeUndefined();
});
