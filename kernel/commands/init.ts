import path from 'node:path';
import { initRepository } from '../../magics/governance/init.ts';
import { setUpMerge } from '../../magics/governance/merge/set-up-merge.ts';
import { findRepository } from '../../magics/governance/repository.ts';
import type { Command } from './command.ts';
import { parseArguments } from './parse-arguments.ts';

/** `llmops init [--merge]`: a git repository, and on request the merge driver and clean filter. */
export const init: Command = {
  summary: 'Make a git repository here; on request, let notebooks and records merge without conflicts in JSON',
  help: [
    'Usage: llmops init [--merge [--strip-outputs]] [--json]',
    '',
    '  --merge           merge driver for notebooks and records, and a filter that commits notebooks without run numbers',
    '  --strip-outputs   the filter leaves outputs out, too',
  ].join('\n'),
  async run(args, io) {
    const flag = { type: 'boolean' } as const;
    const { values } = parseArguments(args, { merge: flag, 'strip-outputs': flag, json: flag });
    const { folder, created } = await initRepository(io.folder);
    const { git } = await findRepository(folder);
    const cli = `"${process.execPath}" "${path.resolve(io.distFolder, 'cli.js')}"`.replaceAll('\\', '/');
    const attributes = values.merge ? await setUpMerge(folder, git, cli, values['strip-outputs']) : [];
    if (values.json) io.stdout(`${JSON.stringify({ folder, created, attributes }, null, 2)}\n`);
    else {
      io.stdout(`${created ? 'Made a git repository' : 'There is a git repository already'}: ${folder}\n`);
      io.stdout(
        values.merge
          ? 'Notebooks and records merge by cell and by record now. Commit .gitattributes; each clone runs this once.\n'
          : 'Merge notebooks and records without conflicts in their JSON: llmops init --merge\n',
      );
    }
    return 0;
  },
};
