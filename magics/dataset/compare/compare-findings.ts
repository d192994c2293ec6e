import { count } from '../display.ts';
import { type Finding, percent } from '../finding.ts';
import type { ColumnChange, SchemaChange } from './column-changes.ts';
import type { RowChanges } from './row-changes.ts';

/** What two data sets differ in. */
export interface Differences {
  readonly before: { readonly name: string; readonly rows: number };
  readonly after: { readonly name: string; readonly rows: number };
  readonly schema: readonly SchemaChange[];
  readonly rows: RowChanges;
  readonly columns: readonly ColumnChange[];
}

/** A column's share of missing values must change by this to be a finding. */
const missingShare = 0.01;

/** What to know of the differences, heaviest first. */
export function compareFindings(of: Differences): Finding[] {
  const found = [
    ...of.schema.map(schemaFinding),
    ...rowFindings(of),
    ...of.columns.flatMap((column) => [...driftFindings(column), ...missingFindings(of, column)]),
  ];
  return found.sort((a, b) => b.weight - a.weight);
}

function schemaFinding({ column, before, after }: SchemaChange): Finding {
  if (after === undefined) return { weight: 95, text: `column "${column}" (${before}) is gone` };
  if (before === undefined) return { weight: 70, text: `column "${column}" (${after}) is new` };
  return { weight: 90, text: `"${column}" was ${before} and is ${after}` };
}

function rowFindings({ before, after, rows }: Differences): Finding[] {
  const found: Finding[] = [];
  if (rows.removed.length > 0) {
    const text = `${count(rows.removed.length, 'row')} of ${before.name} (${percent(rows.removed.length, before.rows)}) ${are(rows.removed)} gone`;
    found.push({ weight: 60, text });
  }
  if (rows.added.length > 0) {
    const text = `${count(rows.added.length, 'row')} of ${after.name} (${percent(rows.added.length, after.rows)}) ${are(rows.added)} new`;
    found.push({ weight: 50, text });
  }
  if (rows.changed.length > 0) {
    const columns = [...new Set(rows.changed.flatMap((row) => row.columns))].join(', ');
    found.push({ weight: 65, text: `${count(rows.changed.length, 'row')} changed, in ${columns}` });
  }
  return found;
}

const are = (rows: readonly unknown[]) => (rows.length === 1 ? 'is' : 'are');

function driftFindings({ column, measure, drift, values }: ColumnChange): Finding[] {
  const { verdict, psi, pValue, test, jensenShannon } = drift;
  if (verdict !== 'drift' && verdict !== 'some drift') return [];
  const what = measure === 'lengths' ? `the lengths of "${column}"` : `"${column}"`;
  const [most] = values ?? [];
  const example =
    most === undefined ? '' : `; most changed: ${most.value || '(blank)'}, ${most.before} → ${most.after} rows`;
  const p = pValue! < 1e-4 ? 'p < 0.0001' : `p = ${pValue!.toFixed(4)}`;
  return [
    {
      weight: verdict === 'drift' ? 80 : 55,
      text: `${verdict} of ${what}: PSI ${psi!.toFixed(2)}, Jensen-Shannon ${jensenShannon!.toFixed(3)} bit, ${test} ${p}${example}`,
    },
  ];
}

function missingFindings({ before, after }: Differences, { column, missing }: ColumnChange): Finding[] {
  const [a, b] = [missing.before / before.rows, missing.after / after.rows];
  if (Math.abs(a - b) < missingShare) return [];
  const text = `"${column}" is missing in ${percent(missing.after, after.rows)} of the rows, before in ${percent(missing.before, before.rows)}`;
  return [{ weight: b > a ? 75 : 30, text }];
}
