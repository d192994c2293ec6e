import { replayDataset, replayHeadline, stepsTable } from '../../magics/dataset/replay/replay.ts';
import type { Command, CommandIo } from './command.ts';
import { parseArguments } from './parse-arguments.ts';
import { datasets as datasetList } from './records.ts';
import { textTable } from './text-table.ts';

/** `llmops datasets`: the list; `llmops datasets replay NAME` runs a recipe again, exit code 1 where it arrives elsewhere. */
export const datasets: Command = {
  summary: 'List the data sets recorded in this repository, or replay the recipe of one',
  help: [
    'Usage: llmops datasets [--json]',
    '       llmops datasets replay NAME [--json]',
    '',
    '  replay NAME   run its recipe again from the files; exit code 1 and the step that differs, if one does',
  ].join('\n'),
  run: (args, io) => (args[0] === 'replay' ? runReplay(args.slice(1), io) : datasetList.run(args, io)),
};

async function runReplay(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArguments(args, { json: { type: 'boolean' } }, { min: 1, max: 1 });
  const result = await replayDataset(positionals[0]!, { folder: io.folder });
  if (values.json) io.stdout(`${JSON.stringify(result, null, 2)}\n`);
  else {
    const { columns, rows } = stepsTable(result);
    const problem = result.steps.at(-1)?.problem;
    const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell : String(cell ?? '-'))));
    io.stdout(
      `${replayHeadline(result)}\n${problem === undefined ? '' : `${problem}\n`}\n${textTable(columns, cells)}`,
    );
  }
  return result.reproduced ? 0 : 1;
}
