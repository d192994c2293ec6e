import { z } from 'zod';
import { recordDamaged, recordInvalid } from './errors.ts';
import { stableJson } from './json.ts';
import { type AnyRecord, anyRecord, type RecordKind, type RecordOf, recordPath } from './records.ts';

/** Reads a record's text; a UserError says which file is damaged and how. */
export function parseRecord<K extends RecordKind>(kind: K, text: string, path: string): RecordOf<K> {
  const result = anyRecord.safeParse(parseJson(text, path));
  if (!result.success) throw recordDamaged(path, firstProblem(result.error));
  if (!isOfKind(result.data, kind)) throw recordDamaged(path, `it is of kind "${result.data.kind}", not "${kind}"`);
  return result.data;
}

/** The text of a record as it is committed; a UserError says what is not valid. */
export function formatRecord(record: AnyRecord): string {
  const result = anyRecord.safeParse(record);
  if (!result.success) throw recordInvalid(recordPath(record), firstProblem(result.error));
  return stableJson(result.data);
}

function isOfKind<K extends RecordKind>(record: AnyRecord, kind: K): record is RecordOf<K> {
  return record.kind === kind;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw recordDamaged(path, `it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}

function firstProblem(error: z.ZodError): string {
  return z.prettifyError(error).split('\n').slice(0, 2).join(' ').replace(/^✖ /, '').trim();
}
