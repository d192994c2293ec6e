import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Git } from '../git.ts';
import { writeFileAtomic } from '../write-file-atomic.ts';

/** Lines of `.gitattributes` that hand notebooks and records to our merge driver and notebooks to our clean filter. */
export const attributes = [
  '*.ipynb merge=llmops-notebook filter=llmops-notebook',
  'llmops/**/*.json merge=llmops-record',
  'llmops/models/*/README.md merge=llmops-record',
];

/**
 * Sets a repository up to merge notebooks and records: lines in `.gitattributes`, for everybody, and the commands in
 * this clone's own git config. `cli` is the command line that runs `llmops`. Gives the attributes that were added.
 */
export async function setUpMerge(folder: string, git: Git, cli: string, stripOutputs = false): Promise<string[]> {
  const clean = `${cli} clean-notebook${stripOutputs ? ' --strip-outputs' : ''}`;
  const settings = {
    'merge.llmops-notebook.name': 'cells of a notebook',
    'merge.llmops-notebook.driver': `${cli} merge-file notebook %O %A %B`,
    'merge.llmops-record.name': 'records of LLMOps Notebooks',
    'merge.llmops-record.driver': `${cli} merge-file record %O %A %B`,
    'filter.llmops-notebook.clean': clean,
    'filter.llmops-notebook.smudge': 'cat',
  };
  for (const [name, value] of Object.entries(settings)) await git(['config', name, value]);
  const file = path.join(folder, '.gitattributes');
  const text = await readFile(file, 'utf8').catch(() => '');
  const missing = attributes.filter((line) => !text.split('\n').includes(line));
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  if (missing.length > 0) await writeFileAtomic(file, `${start}${missing.join('\n')}\n`);
  return missing;
}
