import type { Dataset, Row } from '../dataset.ts';
import { count } from '../display.ts';
import { type Finding, percent } from '../finding.ts';
import { type RowShape, rowShapes } from './row-shapes.ts';
import { spreadRows } from './spread-rows.ts';

/** Rows that are looked at; in longer data sets they are spread evenly. */
const lookedRows = 20_000;

/** The format of training data that the rows are in, and what says so. */
export interface TrainingFormat {
  readonly name: RowShape['name'];
  /** The columns that show it. */
  readonly columns: readonly string[];
  readonly looked: number;
  /** Rows that have the columns but do not keep to the format, counted from 0. */
  readonly misfits: readonly number[];
}

/** Recognises a format by the columns, and by most rows keeping to it; undefined where none fits. */
export function recogniseFormat(dataset: Dataset): TrainingFormat | undefined {
  const names = new Set(dataset.columns.map(({ name }) => name));
  const rows = rowsOf(dataset);
  for (const { name, needs, optional, fits } of rowShapes) {
    if (!needs.every((column) => names.has(column))) continue;
    const misfits = rows.filter(({ values }) => !fits(values)).map(({ row }) => row);
    const columns = [...needs, ...optional.filter((column) => names.has(column))];
    if (2 * misfits.length < rows.length) return { name, columns, looked: rows.length, misfits };
  }
  return undefined;
}

/** `ShareGPT conversations, by the column conversations in 98 of 100 rows` */
export function describeFormat({ name, columns, looked, misfits }: TrainingFormat): string {
  const which = `column${columns.length === 1 ? '' : 's'} ${columns.join(', ')}`;
  return `${name}, by the ${which} in ${(looked - misfits.length).toLocaleString('en-US')} of ${count(looked, 'row')}`;
}

/** A finding where some rows do not keep to the format. */
export function formatFindings(format: TrainingFormat | undefined): Finding[] {
  if (format === undefined || format.misfits.length === 0) return [];
  const { name, misfits, looked } = format;
  return [
    {
      weight: 90,
      text: `${count(misfits.length, 'row')} (${percent(misfits.length, looked)}) cannot be read as ${name}, which the others are: training would refuse them`,
      evidence: `row ${misfits[0]! + 1}`,
      rows: misfits,
    },
  ];
}

function rowsOf(dataset: Dataset): { row: number; values: Row }[] {
  const { preview } = dataset;
  return spreadRows(preview.numRows(), lookedRows).map((row) => ({ row, values: preview.object(row) as Row }));
}
