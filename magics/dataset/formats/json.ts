import { UserError } from '../../errors.ts';
import type { MalformedRows, ParsedRows } from './malformed.ts';

/** Reads JSON Lines: one object a line; blank lines are passed over. */
export function parseJsonLines(text: string, malformed: MalformedRows): ParsedRows {
  const rows: Record<string, unknown>[] = [];
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const source = text.slice(start, end).trim();
    line++;
    start = end + 1;
    if (source === '') continue;
    const row = parseRow(source);
    if (typeof row === 'string') malformed.add({ line, text: source, reason: row });
    else rows.push(row);
  }
  return { columns: columnsOf(rows), rows, skipped: malformed.skipped };
}

/** Reads a JSON array of objects. */
export function parseJsonArray(text: string, file: string, malformed: MalformedRows): ParsedRows {
  const items = parseWhole(text, file);
  const rows: Record<string, unknown>[] = [];
  items.forEach((item, i) => {
    if (isRow(item)) rows.push(item);
    else
      malformed.add({ line: i + 1, text: JSON.stringify(item), reason: `item ${i + 1} of the array is not an object` });
  });
  return { columns: columnsOf(rows), rows, skipped: malformed.skipped };
}

function parseWhole(text: string, file: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    throw brokenJson(file, text, position, message);
  }
  if (!Array.isArray(value)) throw notRows(file, value);
  return value;
}

/** The row, or why the text is none. */
function parseRow(source: string): Record<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(source);
    return isRow(value) ? value : 'the line is not a JSON object';
  } catch (error) {
    return `not valid JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isRow(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function columnsOf(rows: readonly Record<string, unknown>[]): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names];
}

function brokenJson(file: string, text: string, position: number, message: string): UserError {
  const line = text.slice(0, position).split('\n').length;
  const source = (text.split('\n')[line - 1] ?? '').trim().slice(0, 120);
  return new UserError(
    `${file}, line ${line}: not valid JSON: ${message}.\n  ${source}\nMend the file and load it again.`,
    {
      offending: file,
    },
  );
}

function notRows(file: string, value: unknown): UserError {
  const kind = value === null ? 'null' : typeof value;
  return new UserError(
    `${file} holds one JSON ${kind}, not an array of objects. Write the rows as [{...}, {...}] or as JSON Lines (one object a line).`,
    { offending: file },
  );
}
