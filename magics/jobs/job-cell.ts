import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../governance/write-file-atomic.ts';
import { jobFile } from './job-folder.ts';

/** The cell that shows a job: a client that opens the notebook again finds it by its text. */
export const jobCell = z.strictObject({
  notebook: z.string().describe('absolute path'),
  code: z.string().describe("the cell's text"),
});
export type JobCell = z.output<typeof jobCell>;

/** Remembers which cell shows the job. */
export function writeJobCell(jobFolder: string, cell: JobCell): Promise<void> {
  return writeFileAtomic(path.join(jobFolder, jobFile.cell), JSON.stringify(cell));
}

/** The cell that showed the job last; undefined when no client has said so. */
export async function readJobCell(jobFolder: string): Promise<JobCell | undefined> {
  const text = await readFile(path.join(jobFolder, jobFile.cell), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : jobCell.safeParse(JSON.parse(text)).data;
}
