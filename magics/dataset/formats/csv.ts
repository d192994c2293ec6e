import { UserError } from '../../errors.ts';
import type { MalformedRows, ParsedRows } from './malformed.ts';

/** A field as it stands in the file. Quoted and empty is an empty string; not quoted and empty is missing. */
type Field = string | null;

interface CsvRecord {
  readonly fields: Field[];
  /** Line on which the record begins, from 1. */
  readonly line: number;
  /** Offsets of the record in the text, without its line break. */
  readonly start: number;
  readonly end: number;
  /** Where the next record begins. */
  readonly next: number;
  /** Lines that the record takes. */
  readonly lines: number;
  readonly problem?: string;
}

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

/** Records of CSV text in order. After an unclosed quote, reading goes on with the line below the one it began on. */
function* csvRecords(text: string, delimiter: string): Generator<CsvRecord> {
  let start = 0;
  let line = 1;
  while (start < text.length) {
    const record = readRecord(text, start, line, delimiter);
    yield record;
    start = record.next;
    line += record.lines;
  }
}

function readRecord(text: string, start: number, line: number, delimiter: string): CsvRecord {
  const fields: Field[] = [];
  let at = start;
  let breaks = 0;
  for (;;) {
    let value: Field;
    if (text[at] === '"') {
      const close = closingQuote(text, at);
      if (close < 0) return brokenRecord(text, start, line, fields, 'a quote is opened and never closed');
      const quoted = text.slice(at + 1, close);
      breaks += lineBreaks(quoted);
      value = quoted.replaceAll('""', '"');
      at = close + 1;
      if (!endsField(text, at, delimiter)) {
        return brokenRecord(
          text,
          start,
          line,
          fields,
          'text follows a closing quote (write a quote inside quotes twice: "")',
        );
      }
    } else {
      const end = fieldEnd(text, at, delimiter);
      value = end === at ? null : text.slice(at, end);
      at = end;
    }
    fields.push(value);
    if (text[at] !== delimiter) break;
    at++;
  }
  return { fields, line, start, end: at, next: at + breakLength(text, at), lines: breaks + 1 };
}

function brokenRecord(text: string, start: number, line: number, fields: Field[], problem: string): CsvRecord {
  const end = fieldEnd(text, start, '\n');
  return { fields, line, start, end, next: end + breakLength(text, end), lines: 1, problem };
}

/** Offset of the quote that closes the one at `open`; -1 when there is none. */
function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

function fieldEnd(text: string, from: number, delimiter: string): number {
  let at = from;
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}

function endsField(text: string, at: number, delimiter: string): boolean {
  return at >= text.length || text[at] === delimiter || text[at] === '\n' || text[at] === '\r';
}

function breakLength(text: string, at: number): number {
  if (at >= text.length) return 0;
  return text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
}

function lineBreaks(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

function findDelimiter(text: string): string {
  const headerLine = text.slice(0, fieldEnd(text, 0, '\n')).replaceAll(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((d) => ({ d, n: headerLine.split(d).length }));
  return counts.reduce((best, next) => (next.n > best.n ? next : best)).d;
}

function columnProblem(
  fields: readonly Field[],
  columns: readonly string[] | undefined,
  delimiter: string,
): string | undefined {
  if (columns === undefined || fields.length === columns.length) return undefined;
  const name = delimiter === '\t' ? 'tab' : `"${delimiter}"`;
  return `the header has ${columns.length} columns, this row has ${fields.length} (columns are separated by ${name})`;
}

function header(fields: readonly Field[], file: string): string[] {
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
