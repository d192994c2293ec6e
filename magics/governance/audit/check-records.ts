import { recordPath } from '../records.ts';
import { type History, kindAt } from './history.ts';
import type { Problem } from './problem.ts';

/** Records are added, not taken away: removed ones, and approvals and promotions that were changed, are problems. */
export function checkRecords({ commits, records }: History): Problem[] {
  const problems: Problem[] = [];
  const present = new Map<string, string>();
  for (const { commit, changes } of commits) {
    for (const { status, path } of changes) {
      if (kindAt(path) === undefined) continue;
      if (status === 'D') present.set(path, commit);
      else present.delete(path);
      if (status === 'M' && /^llmops\/(approvals|promotions)\//.test(path)) {
        problems.push({ rule: 'history', subject: path, problem: 'was changed after it was made', commit });
      }
    }
  }
  for (const [path, commit] of present) {
    problems.push({ rule: 'history', subject: path, problem: 'was removed', commit });
  }
  for (const { path, record, commit } of records) {
    if (recordPath(record) === path) continue;
    problems.push({ rule: 'record', subject: path, problem: `holds the record of ${recordPath(record)}`, commit });
  }
  return problems;
}

/** What records name as their inputs must have been recorded, with the digest that they name. */
export function checkLineage({ records }: History, versions: ReadonlySet<string>): Problem[] {
  const datasets = new Set<string>();
  const runs = new Set<string>();
  for (const { record } of records) {
    if (record.kind === 'dataset') datasets.add(`${record.name} ${record.digest}`);
    if (record.kind === 'run') runs.add(record.id);
  }
  const problems: Problem[] = [];
  for (const { path, commit, record } of records) {
    const missing = (problem: string) => problems.push({ rule: 'lineage', subject: path, problem, commit });
    for (const input of 'inputs' in record ? record.inputs : []) {
      if (input.kind !== 'dataset' || input.digest === undefined) continue;
      if (datasets.has(`${input.name} ${input.digest}`)) continue;
      missing(`data set ${input.name} was never recorded with digest ${input.digest.slice(0, 19)}`);
    }
    if (record.kind === 'model' && record.run !== undefined && !runs.has(record.run)) {
      missing(`its run ${record.run} was never recorded`);
    }
    const model = record.kind === 'eval' || record.kind === 'deployment' ? record.model : undefined;
    if (model !== undefined && /@v\d/.test(model) && !versions.has(model)) missing(`${model} is no version here`);
  }
  return problems;
}
