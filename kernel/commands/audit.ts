import { audit as auditRecords } from '../../magics/governance/audit/index.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import type { Command } from './command.ts';
import { parseArguments } from './parse-arguments.ts';

/** `llmops audit`: exit code 1 and the list when something is not as it should be. */
export const audit: Command = {
  summary: 'Check all records, versions, stages, signatures and stored files against history and policy',
  help: 'Usage: llmops audit [--json]',
  async run(args, io) {
    const { values } = parseArguments(args, { json: { type: 'boolean' } });
    const { checked, problems } = await auditRecords(await openStore(io.folder));
    if (values.json) {
      io.stdout(`${JSON.stringify({ passed: problems.length === 0, checked, problems }, null, 2)}\n`);
    } else {
      const { commits, records, versions, stages, objects, objectsElsewhere } = checked;
      const elsewhere = objectsElsewhere === 0 ? '' : `; ${objectsElsewhere} are not in this copy`;
      io.stdout(
        `Checked ${commits} commits, ${records} records, ${versions} versions, ${stages} stage changes, ${objects} stored files${elsewhere}.\n`,
      );
      io.stdout(problems.length === 0 ? 'Everything is as it should be.\n' : `${problems.length} problems:\n`);
      for (const { rule, subject, problem, commit } of problems) {
        io.stdout(
          `  ${rule}: ${subject}: ${problem}${commit === undefined ? '' : ` (commit ${commit.slice(0, 10)})`}\n`,
        );
      }
    }
    return problems.length === 0 ? 0 : 1;
  },
};
