import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { columnProblem, header } from '../formats/csv.ts';
import { csvRecords, type Field } from '../formats/csv-records.ts';
import type { MalformedRows } from '../formats/malformed.ts';
import { textChunks } from './line-stream.ts';

/** A record that is still open after so much text has a quote that is never closed. */
const maxRecordCharacters = 64_000_000;

/** Copies the rows of a JSON Lines file that can be read, and hands the others to `malformed`. */
export function cleanJsonLines(
  file: string,
  target: string,
  malformed: MalformedRows,
  signal?: AbortSignal,
): Promise<void> {
  return pipeline(Readable.from(goodLines(file, malformed)), createWriteStream(target), { signal });
}

/** Copies the rows of a CSV file that can be read, every field in quotes, and hands the others to `malformed`. */
export function cleanCsv(
  file: string,
  delimiter: string,
  target: string,
  malformed: MalformedRows,
  signal?: AbortSignal,
): Promise<void> {
  return pipeline(Readable.from(goodRecords(file, delimiter, malformed)), createWriteStream(target), { signal });
}

async function* goodLines(file: string, malformed: MalformedRows): AsyncGenerator<string> {
  let rest = '';
  let line = 0;
  const good = (source: string) => {
    line++;
    const text = source.trim();
    const problem = text === '' ? undefined : rowProblem(text);
    if (problem !== undefined) malformed.add({ line, text, reason: problem });
    return text === '' || problem !== undefined ? '' : `${text}\n`;
  };
  for await (const chunk of textChunks(file)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield lines.map(good).join('');
  }
  yield good(rest);
}

function rowProblem(source: string): string | undefined {
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? undefined
      : 'the line is not a JSON object';
  } catch (error) {
    return `not valid JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function* goodRecords(file: string, delimiter: string, malformed: MalformedRows): AsyncGenerator<string> {
  let rest = '';
  let line = 0;
  let columns: string[] | undefined;
  const take = (text: string, isLast: boolean) => {
    let good = '';
    let [taken, lines] = [0, 0];
    for (const record of csvRecords(text, delimiter)) {
      // What touches the end may go on in the next piece; an open quote too, unless it has been open for very long.
      const isOpen = record.next >= text.length || record.problem !== undefined;
      if (!isLast && isOpen && text.length - record.start < maxRecordCharacters) break;
      taken = record.next;
      lines += record.lines;
      if (record.fields.length === 1 && record.fields[0] === null && record.problem === undefined) continue;
      const problem = record.problem ?? columnProblem(record.fields, columns, delimiter);
      if (problem !== undefined) {
        malformed.add({ line: line + record.line, text: text.slice(record.start, record.end), reason: problem });
      } else {
        columns ??= header(record.fields, file);
        good += `${record.fields.map(quoted).join(delimiter)}\n`;
      }
    }
    line += lines;
    rest = text.slice(taken);
    return good;
  };
  for await (const chunk of textChunks(file)) yield take(rest + chunk, false);
  yield take(rest, true);
}

/** A missing field stays empty; an empty text is quoted. */
function quoted(field: Field): string {
  return field === null ? '' : `"${field.replaceAll('"', '""')}"`;
}
