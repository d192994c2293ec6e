import { stringify } from 'yaml';
import { type FoundRecord, findRecords } from '../../magics/governance/find-records.ts';
import { findVersion } from '../../magics/governance/find-version.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import { parseReference } from '../../magics/governance/reference.ts';
import { isTime, periodsAt, stagePeriods } from '../../magics/governance/stages.ts';
import type { RecordCommitInfo, RecordStore } from '../../magics/governance/store.ts';
import type { Command, CommandIo } from './command.ts';
import { parseArguments } from './parse-arguments.ts';
import { shortTime, textTable } from './text-table.ts';

/** `llmops show REF`: a record as a readable page, or as JSON. */
export const show: Command = {
  summary: 'Show a record: a name, name@version, or the id of a run or evaluation',
  help: [
    'Usage: llmops show REF [--at REF|TIME] [--json]',
    '',
    '  REF        name, name@v1.0.0, run or evaluation id; kind/name where names are equal (prompt/triage)',
    '  --at REF   as it was at a tag, branch or commit',
    '  --at TIME  2026-03-03 (UTC) or 2026-03-03T12:00Z: which versions were in which stages then',
    '  --json     the record itself',
  ].join('\n'),
  async run(args, io) {
    const options = { at: { type: 'string' }, json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArguments(args, options, { min: 1, max: 1 });
    const store = await openStore(io.folder);
    if (values.at !== undefined && isTime(values.at)) {
      return showStages(store, positionals[0]!, values.at, io, values.json);
    }
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

/** What was in which stage on a day or at a moment. */
async function showStages(
  store: RecordStore,
  ref: string,
  when: string,
  io: CommandIo,
  asJson: boolean | undefined,
): Promise<number> {
  const { name, version } = parseReference(ref);
  const { tags } = await findVersion(store, ref);
  const periods = periodsAt(stagePeriods(tags), when).filter((p) => version === undefined || p.version === version);
  if (asJson) io.stdout(`${JSON.stringify(periods, null, 2)}\n`);
  else if (periods.length === 0) io.stdout(`${ref} was in no stage at ${when}.\n`);
  else {
    const rows = periods.map((p) => [
      p.stage,
      `${name}@${p.version ?? p.commit.slice(0, 7)}`,
      shortTime(p.since),
      p.until === undefined ? 'now' : shortTime(p.until),
      p.by.replace(/ <.*/, ''),
    ]);
    io.stdout(textTable(['stage', 'version', 'since', 'until', 'by'], rows));
  }
  return 0;
}

function page({ kind, name, path, value }: FoundRecord, commit: RecordCommitInfo | undefined): string {
  const committed =
    commit === undefined
      ? ''
      : `, committed ${commit.commit.slice(0, 7)} on ${shortTime(commit.time)} by ${commit.author}`;
  const heading = `${kind} ${name} (${path}${committed})`;
  return `${heading}\n\n${typeof value === 'string' ? value : stringify(value)}`;
}
