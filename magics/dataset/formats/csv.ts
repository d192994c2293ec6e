import { UserError } from '../../errors.ts';
import { csvRecords, type Field, fieldEnd } from './csv-records.ts';
import type { MalformedRows, ParsedRows } from './malformed.ts';

export interface CsvOptions {
  readonly file: string;
  /** Found in the header when absent: comma, semicolon, tab or bar. */
  readonly delimiter?: string;
  /** Columns kept as text though they look like numbers (postcodes, phone numbers). */
  readonly strings?: readonly string[];
}

/**
 * Reads RFC 4180 text with a header: quotes, doubled quotes, line breaks in quotes, CRLF. Columns whose values are
 * all numbers or all true/false get that type; "007" and integers beyond 2^53 stay text.
 */
export function parseCsv(text: string, options: CsvOptions, malformed: MalformedRows): ParsedRows {
  const delimiter = options.delimiter ?? findDelimiter(text);
  let columns: string[] | undefined;
  const values: Field[][] = [];
  for (const record of csvRecords(text, delimiter)) {
    const isBlank = record.fields.length === 1 && record.fields[0] === null && record.problem === undefined;
    if (isBlank) continue;
    const problem = record.problem ?? columnProblem(record.fields, columns, delimiter);
    if (problem !== undefined) {
      malformed.add({ line: record.line, text: text.slice(record.start, record.end), reason: problem });
    } else if (columns === undefined) columns = header(record.fields, options.file);
    else values.push(record.fields);
  }
  const names = columns ?? [];
  const readers = names.map((name, i) => reader(values, i, options.strings?.includes(name) === true));
  const rows = values.map((fields) => Object.fromEntries(names.map((name, i) => [name, readers[i]!(fields[i]!)])));
  return { columns: names, rows, skipped: malformed.skipped };
}

/** The separator that the header has most of: comma, semicolon, tab or bar. */
export function findDelimiter(text: string): string {
  const headerLine = text.slice(0, fieldEnd(text, 0, '\n')).replaceAll(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((d) => ({ d, n: headerLine.split(d).length }));
  return counts.reduce((best, next) => (next.n > best.n ? next : best)).d;
}

/** What is wrong with the number of fields of a record, if anything. */
export function columnProblem(
  fields: readonly Field[],
  columns: readonly string[] | undefined,
  delimiter: string,
): string | undefined {
  if (columns === undefined || fields.length === columns.length) return undefined;
  const name = delimiter === '\t' ? 'tab' : `"${delimiter}"`;
  return `the header has ${columns.length} columns, this row has ${fields.length} (columns are separated by ${name})`;
}

/** Names of columns: a blank one is named by its place; names that repeat are refused. */
export function header(fields: readonly Field[], file: string): string[] {
  const names = fields.map((field, i) => field?.trim() || `column_${i + 1}`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw duplicateColumn(file, twice, names);
  return names;
}

/** How the fields of one column become values: numbers, booleans, or text as it stands. */
function reader(values: readonly Field[][], column: number, asText: boolean): (field: Field) => unknown {
  const all = (test: (field: string) => boolean) => {
    let seen = 0;
    for (const fields of values) {
      const field = fields[column];
      if (field === null || field === undefined || field === '') continue;
      if (!test(field)) return false;
      seen++;
    }
    return seen > 0;
  };
  if (!asText && all(isNumber)) return (field) => (field === null || field === '' ? null : Number(field));
  if (!asText && all(isBoolean))
    return (field) => (field === null || field === '' ? null : field.toLowerCase() === 'true');
  return (field) => field;
}

function isNumber(field: string): boolean {
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(field)) return false;
  return /[.eE]/.test(field) || Number.isSafeInteger(Number(field));
}

function isBoolean(field: string): boolean {
  return /^(?:true|false)$/i.test(field);
}

function duplicateColumn(file: string, name: string, names: readonly string[]): UserError {
  const at = names.flatMap((n, i) => (n === name ? [i + 1] : []));
  return new UserError(
    `${file}: the header names "${name}" more than once (columns ${at.join(' and ')}). Give each column its own name.`,
    { offending: file },
  );
}
