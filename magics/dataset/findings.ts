import { count } from './display.ts';
import type { Leak } from './leaks.ts';
import type { ColumnProfile } from './profile-column.ts';

/** Something about a data set that its user should know, with evidence and the next command. */
export interface Finding {
  /** From 0 to 100; the heaviest is shown first. */
  readonly weight: number;
  readonly text: string;
  /** An example or two. */
  readonly evidence?: string;
  /** A cell's line that does something about it. */
  readonly next?: string;
}

/** What the findings are made from. */
export interface Evidence {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly ColumnProfile[];
  /** Rows equal to an earlier row in all columns. */
  readonly duplicates: readonly { row: number; of: number }[];
  /** As above, case and white space aside. */
  readonly normalizedDuplicates: readonly { row: number; of: number }[];
  /** Texts that occur with different labels. */
  readonly conflicts:
    | { readonly text: string; readonly label: string; readonly examples: readonly Conflict[] }
    | undefined;
  readonly leaks: readonly Leak[];
}

/** One text and the labels that it has. */
export interface Conflict {
  readonly text: string;
  readonly labels: readonly string[];
}

/** Findings, heaviest first. */
export function findings(evidence: Evidence): Finding[] {
  const found = [
    ...evidence.leaks.flatMap((leak) => leaked(evidence, leak)),
    ...conflicting(evidence),
    ...repeated(evidence),
    ...evidence.columns.flatMap((column) => columnFindings(evidence, column)),
  ];
  return found.sort((a, b) => b.weight - a.weight);
}

function leaked({ name }: Evidence, { against, column, total, rows }: Leak): Finding[] {
  if (rows.length === 0) return [];
  return [
    {
      weight: 95,
      text: `${count(rows.length, 'row')} of ${against} (${percent(rows.length, total)}) have a "${column}" that ${name} holds too: scores on ${against} will be too good`,
      evidence: `row ${rows[0]!.row + 1} of ${against} = row ${rows[0]!.of + 1}: ${quote(rows[0]!.text)}`,
      next: `%dataset dedup ${name} --on ${column} --against ${against}`,
    },
  ];
}

function conflicting({ name, conflicts }: Evidence): Finding[] {
  if (conflicts === undefined || conflicts.examples.length === 0) return [];
  const [first] = conflicts.examples;
  return [
    {
      weight: 80,
      text: `${count(conflicts.examples.length, 'text')} in "${conflicts.text}" ${conflicts.examples.length === 1 ? 'has' : 'have'} more than one "${conflicts.label}"`,
      evidence: `${quote(first!.text)}: ${first!.labels.join(', ')}`,
      next: `%dataset dedup ${name} --on ${conflicts.text} --normalize`,
    },
  ];
}

function repeated({ name, rows, duplicates, normalizedDuplicates }: Evidence): Finding[] {
  const more = normalizedDuplicates.length - duplicates.length;
  const exact: Finding = {
    weight: 50 + Math.min(25, (100 * duplicates.length) / rows),
    text: `${count(duplicates.length, 'exact duplicate')} (${percent(duplicates.length, rows)})`,
    evidence: duplicates[0] && `row ${duplicates[0].row + 1} = row ${duplicates[0].of + 1}`,
    next: `%dataset dedup ${name}`,
  };
  const normalized: Finding = {
    weight: 45,
    text: `${count(more, 'further duplicate')} (${percent(more, rows)}) differ only in case or white space`,
    next: `%dataset dedup ${name} --normalize`,
  };
  return [...(duplicates.length > 0 ? [exact] : []), ...(more > 0 ? [normalized] : [])];
}

function columnFindings({ name, rows }: Evidence, column: ColumnProfile): Finding[] {
  const label = `"${column.name}"`;
  const found: Finding[] = [];
  if (column.missing > 0) {
    const weight = 55 + Math.min(20, (20 * column.missing) / rows);
    found.push({
      weight,
      text: `${label} is missing in ${count(column.missing, 'row')} (${percent(column.missing, rows)})`,
    });
  }
  if (column.blank > 0)
    found.push({
      weight: 60,
      text: `${label} is blank in ${count(column.blank, 'row')} (${percent(column.blank, rows)})`,
    });
  if (column.distinct === 1 && rows > 1)
    found.push({ weight: 20, text: `${label} has the same value in every row: it tells nothing` });
  if (column.type.includes(' | ') && column.kind === 'object') {
    found.push({ weight: 65, text: `${label} mixes types: ${column.type}` });
  }
  return [...found, ...imbalance(name, column), ...outliers(column)];
}

function imbalance(name: string, { name: column, values }: ColumnProfile): Finding[] {
  const [most, least] = [values?.[0], values?.at(-1)];
  if (most === undefined || least === undefined || most.count < 5 * least.count) return [];
  return [
    {
      weight: 30 + Math.min(15, most.count / least.count / 10),
      text: `"${column}" is unbalanced: the most common value is ${Math.round(most.count / least.count)} times as frequent as the rarest`,
      evidence: `${quote(most.value)} ${most.count}, ${quote(least.value)} ${least.count}`,
      next: `%dataset split ${name} --stratify ${column}`,
    },
  ];
}

function outliers({ name, kind, characters, tokens }: ColumnProfile): Finding[] {
  if (kind !== 'text' || characters === undefined || characters.max < 5 * Math.max(20, characters.p95)) return [];
  const inTokens = tokens === undefined ? '' : ` (${tokens.max.toLocaleString('en-US')} tokens)`;
  return [
    {
      weight: 25,
      text: `the longest "${name}" has ${characters.max.toLocaleString('en-US')} characters${inTokens}, while 95% have at most ${characters.p95.toLocaleString('en-US')}`,
    },
  ];
}

/** `4.3%`, and `<0.1%` for what would round to nothing. */
export function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (100 * part) / whole;
  return share > 0 && share < 0.1 ? '<0.1%' : `${share.toFixed(1)}%`;
}

function quote(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return `"${line.length > 80 ? `${line.slice(0, 79)}…` : line}"`;
}
