/** A field as it stands in the file. Quoted and empty is an empty string; not quoted and empty is missing. */
export type Field = string | null;

/** One record of the file and where it stands. */
export interface CsvRecord {
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

/** Records of CSV text in order. After an unclosed quote, reading goes on with the line below the one it began on. */
export function* csvRecords(text: string, delimiter: string): Generator<CsvRecord> {
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
    const field = text[at] === '"' ? readQuoted(text, at, delimiter) : readPlain(text, at, delimiter);
    if (typeof field === 'string') return brokenRecord(text, start, line, fields, field);
    fields.push(field.value);
    breaks += field.breaks;
    at = field.end;
    if (text[at] !== delimiter) break;
    at++;
  }
  return { fields, line, start, end: at, next: at + breakLength(text, at), lines: breaks + 1 };
}

/** A field's value, where it ends, and the line breaks in it. */
interface FieldAt {
  readonly value: Field;
  readonly end: number;
  readonly breaks: number;
}

function readPlain(text: string, start: number, delimiter: string): FieldAt {
  const end = fieldEnd(text, start, delimiter);
  return { value: end === start ? null : text.slice(start, end), end, breaks: 0 };
}

/** The field, or what is wrong with it. */
function readQuoted(text: string, open: number, delimiter: string): FieldAt | string {
  const close = closingQuote(text, open);
  if (close < 0) return 'a quote is opened and never closed';
  if (!endsField(text, close + 1, delimiter)) {
    return 'text follows a closing quote (write a quote inside quotes twice: "")';
  }
  const quoted = text.slice(open + 1, close);
  return { value: quoted.replaceAll('""', '"'), end: close + 1, breaks: lineBreaks(quoted) };
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

/** Offset of the delimiter or line break at or after `from`. */
export function fieldEnd(text: string, from: number, delimiter: string): number {
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
