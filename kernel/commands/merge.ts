import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { createGit, GitFailure } from '../../magics/governance/git.ts';
import { cleanNotebook } from '../../magics/governance/merge/clean-notebook.ts';
import { type Merged, mergeNotebook } from '../../magics/governance/merge/merge-notebook.ts';
import { mergeRecord } from '../../magics/governance/merge/merge-record.ts';
import { type Command, UsageError } from './command.ts';
import { parseArguments } from './parse-arguments.ts';

/** `llmops merge-file notebook|record BASE OURS THEIRS`: git's merge driver; the result replaces OURS. */
export const mergeFile: Command = {
  summary: 'Merge a notebook or a record (git calls this, after llmops init --merge)',
  help: 'Usage: llmops merge-file notebook|record BASE OURS THEIRS',
  async run(args, io) {
    const [kind, ...files] = parseArguments(args, {}, { min: 4, max: 4 }).positionals;
    const [base, ours, theirs] = files.map((file) => path.resolve(io.folder, file)) as [string, string, string];
    const texts = await Promise.all([base, ours, theirs].map((file) => readFile(file, 'utf8')));
    const [o, a, b] = texts as [string, string, string];
    if (kind !== 'notebook' && kind !== 'record') throw new UsageError(`"${kind}" is neither notebook nor record.`);
    const merged =
      kind === 'record' ? { text: mergeRecord(o, a, b), conflicts: 0 } : await mergeNotebook(o, a, b, mergeLines);
    await writeFile(ours, merged.text);
    return merged.conflicts === 0 ? 0 : 1;
  },
};

/** `llmops clean-notebook`: git's clean filter, from stdin to stdout. */
export const cleanNotebookCommand: Command = {
  summary: 'Leave run numbers out of a notebook (git calls this, after llmops init --merge)',
  help: 'Usage: llmops clean-notebook [--strip-outputs] < NOTEBOOK',
  async run(args, io) {
    const { values } = parseArguments(args, { 'strip-outputs': { type: 'boolean' } });
    io.stdout(cleanNotebook(await readAll(process.stdin), { stripOutputs: values['strip-outputs'] }));
    return 0;
  },
};

/** As git merges text: its exit code is the number of conflicts. */
async function mergeLines(base: string, ours: string, theirs: string): Promise<Merged> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'llmops-merge-'));
  try {
    const texts = { ours, base, theirs };
    for (const [name, text] of Object.entries(texts)) await writeFile(path.join(folder, name), `${text}\n`);
    const merged = await createGit(folder)(['merge-file', '-p', 'ours', 'base', 'theirs']).then(
      (text) => ({ text, conflicts: 0 }),
      (error: unknown) => {
        if (error instanceof GitFailure && error.stdout !== '') return { text: error.stdout, conflicts: 1 };
        throw error;
      },
    );
    return { ...merged, text: merged.text.replace(/\n$/, '') };
  } finally {
    await rm(folder, { recursive: true });
  }
}
