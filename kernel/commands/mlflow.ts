import { createMlflowClient } from '../../magics/governance/mlflow/client.ts';
import { syncWithMlflow } from '../../magics/governance/mlflow/sync.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import { recordName } from '../../magics/governance/record-parts.ts';
import { type Command, UsageError } from './command.ts';
import { parseArguments } from './parse-arguments.ts';

/** `llmops mlflow sync`: a two-way mirror with an MLflow server. */
export const mlflow: Command = {
  summary: 'Mirror runs, versions, stages and prompts with an MLflow server, both ways',
  help: [
    'Usage: llmops mlflow sync [--url URL] [--name NAME]... [--json]',
    '',
    '  --url URL     the server; MLFLOW_TRACKING_URI when left out',
    '  --name NAME   also the experiment, model or prompt of this name, which has no records here yet',
    '',
    'What was made or changed there is recorded here; a stage changes only when the policy allows it.',
    'What changed on both sides becomes as git has it, and is told; exit code 1 then.',
  ].join('\n'),
  async run(args, io) {
    const text = { type: 'string' } as const;
    const options = { url: text, name: { ...text, multiple: true }, json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArguments(args, options, { min: 1, max: 1 });
    if (positionals[0] !== 'sync') throw new UsageError(`"${positionals[0]}" is nothing that can be done; sync is.`);
    const odd = values.name?.find((name) => !recordName.safeParse(name).success);
    if (odd !== undefined) throw new UsageError(`"${odd}" cannot be the name of a record.`);
    const client = createMlflowClient(values.url);
    const report = await syncWithMlflow(await openStore(io.folder), client, values.name);
    const { sent, received, conflicts } = report;
    if (values.json) io.stdout(`${JSON.stringify(report)}\n`);
    else {
      for (const line of sent) io.stdout(`-> ${line}\n`);
      for (const line of received) io.stdout(`<- ${line}\n`);
      for (const line of conflicts) io.stdout(`!! ${line}\n`);
      io.stdout(
        `${sent.length} sent to ${client.url}, ${received.length} recorded here, ${conflicts.length} conflicts.\n`,
      );
    }
    return conflicts.length > 0 ? 1 : 0;
  },
};
