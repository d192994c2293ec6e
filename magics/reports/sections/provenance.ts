import type { Environment } from '../../governance/record-parts.ts';
import type { DeploymentRecord } from '../../governance/records.ts';
import type { RecordCommitInfo } from '../../governance/store.ts';
import { details, type Html, html, table } from '../../html.ts';
import { contentKey } from '../../jobs/key.ts';
import type { Evidence } from '../gather.ts';

/** What runs where. */
export function deploymentTable(records: readonly DeploymentRecord[]): Html {
  const rows = records.map((d) => [d.name, d.model, d.status, `http://${d.host}:${d.port}/v1`]);
  return table(
    ['deployment', 'model', 'status at the time of this report', 'address'].map((name) => ({ name })),
    rows,
  );
}

/** Every different environment that the records name: machine, device, exact versions. */
export function environmentSections(evidence: Evidence): Html[] {
  const records = [...evidence.runs, ...evidence.evals, ...evidence.deployments];
  const byKey = new Map<string, { environment: Environment; used: string[] }>();
  for (const record of records) {
    const { commit, dirty, notebook, ...machine } = record.environment;
    const key = contentKey(machine);
    const used = `${record.kind} ${'id' in record ? record.id : record.name}`;
    byKey.set(key, { environment: record.environment, used: [...(byKey.get(key)?.used ?? []), used] });
  }
  return [...byKey.values()].map(({ environment, used }) => {
    const { packages, ...facts } = environment;
    const rows = [...Object.entries(facts), ...Object.entries(packages)].map(([name, value]) => [name, String(value)]);
    return html`<article>${table([{ name: 'what' }, { name: 'which' }], rows)}${details('Used by', html`<ul>${used.map((name) => html`<li>${name}</li>`)}</ul>`)}</article>`;
  });
}

/** The git history of the records. */
export function historyTable(log: readonly RecordCommitInfo[]): Html {
  const rows = log.map(({ commit, time, author, subject }) => [
    html`<code>${commit.slice(0, 10)}</code>`,
    new Date(time).toISOString().slice(0, 16).replace('T', ' '),
    author,
    subject,
  ]);
  return table(
    ['commit', 'time (UTC)', 'author', 'change'].map((name) => ({ name })),
    rows,
  );
}
