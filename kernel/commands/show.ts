import { stringify } from 'yaml';
import { type FoundRecord, findRecords } from '../../magics/governance/find-records.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import type { RecordCommitInfo } from '../../magics/governance/store.ts';
import type { Command } from './command.ts';
import { parseArguments } from './parse-arguments.ts';
import { shortTime } from './text-table.ts';

/** `llmops show REF`: a record as a readable page, or as JSON. */
export const show: Command = {
  summary: 'Show a record: a name, name@version, or the id of a run or evaluation',
  help: [
    'Usage: llmops show REF [--at REF] [--json]',
    '',
    '  REF        name, name@v1.0.0, run or evaluation id; kind/name where names are equal (prompt/triage)',
    '  --at REF   as it was at a tag, branch or commit',
    '  --json     the record itself',
  ].join('\n'),
  async run(args, io) {
    const options = { at: { type: 'string' }, json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArguments(args, options, { min: 1, max: 1 });
    const store = await openStore(io.folder);
    const found = await findRecords(store, positionals[0]!, values.at);
    if (values.json) {
      io.stdout(`${JSON.stringify(found.length === 1 ? found[0]!.value : found, null, 2)}\n`);
      return 0;
    }
    for (const record of found) {
      const [last] = await store.log(record.path, { at: values.at, limit: 1 });
      io.stdout(`${page(record, last)}\n`);
    }
    return 0;
  },
};

function page({ kind, name, path, value }: FoundRecord, commit: RecordCommitInfo | undefined): string {
  const committed =
    commit === undefined
      ? ''
      : `, committed ${commit.commit.slice(0, 7)} on ${shortTime(commit.time)} by ${commit.author}`;
  const heading = `${kind} ${name} (${path}${committed})`;
  return `${heading}\n\n${typeof value === 'string' ? value : stringify(value)}`;
}
