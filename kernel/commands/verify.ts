import { verify as verifyFile } from '../../magics/reports/index.ts';
import type { Command } from './command.ts';
import { parseArguments } from './parse-arguments.ts';

/** `llmops verify REPORT|NOTEBOOK`: exit code 1 and a list when something is missing or differs. */
export const verify: Command = {
  summary: 'Check a report or a notebook against the repository: digests, commits, tags, stored files',
  help: 'Usage: llmops verify REPORT.html|NOTEBOOK.ipynb [--json]',
  async run(args, io) {
    const { values, positionals } = parseArguments(args, { json: { type: 'boolean' } }, { min: 1, max: 1 });
    const { checked, problems } = await verifyFile(positionals[0]!, io.folder);
    const { files, tags, objects } = checked;
    if (values.json) io.stdout(`${JSON.stringify({ verified: problems.length === 0, checked, problems }, null, 2)}\n`);
    else if (problems.length === 0) {
      io.stdout(
        `Verified: ${files} records and prompts, ${tags} version tags, ${objects} stored files are as they were.\n`,
      );
    } else io.stdout(`Not verified, ${problems.length} problems:\n${problems.map((p) => `  ${p}\n`).join('')}`);
    return problems.length === 0 ? 0 : 1;
  },
};
