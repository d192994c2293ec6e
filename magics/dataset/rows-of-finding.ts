import type { ColumnTable } from 'arquero';
import { UserError } from '../errors.ts';
import type { Dataset } from './dataset.ts';
import { count } from './display.ts';
import type { Finding } from './finding.ts';

/** The rows behind a finding as a table, with their numbers (from 1) in the column "rowNumber". */
export function rowsOfFinding(
  { name, findings }: { readonly name: string; readonly findings: readonly Finding[] },
  number: number,
  dataset: Dataset,
): ColumnTable {
  const finding = findings[number - 1];
  if (finding === undefined) throw noSuchFinding(name, number, findings.length);
  const { rows = [] } = finding;
  return dataset.table
    .reify([...rows])
    .assign({ rowNumber: rows.map((row) => row + 1) })
    .relocate('rowNumber', { before: 0 });
}

function noSuchFinding(name: string, number: number, found: number): UserError {
  const range = found === 0 ? 'Nothing was found' : `There are ${count(found, 'finding')}, counted from 1`;
  return new UserError(`The profile of ${name} has no finding ${number}. ${range}.`, { offending: String(number) });
}
