import { type Column, propertyName } from '../column-types.ts';
import { type Database, identifier } from './database.ts';

/** A column with its type in DuckDB's words. */
export interface SqlColumn {
  readonly name: string;
  readonly type: string;
}

/** Columns of anything that can stand behind FROM. */
export async function columnsOf(database: Database, from: string): Promise<SqlColumn[]> {
  const found = await database.rows<{ column_name: string; column_type: string }>(`DESCRIBE SELECT * FROM ${from}`);
  return found.map((row) => ({ name: row.column_name, type: row.column_type }));
}

/**
 * A SELECT list that brings a source's columns to the types that data sets have: dates and times become ISO 8601 text,
 * decimals doubles, bytes base64, and whatever JSON has no word for its text.
 */
export function plainList(columns: readonly SqlColumn[]): string {
  return columns
    .map(({ name, type }) => `${plainExpression(identifier(name), type)} AS ${identifier(name)}`)
    .join(', ');
}

/** A column's TypeScript type. `hasNulls`: whether some value is missing. */
export function typeScriptColumn({ name, type }: SqlColumn, hasNulls: boolean): Column {
  const text = typeScriptType(parseType(type));
  return { name, type: hasNulls && text !== 'unknown' ? `${text} | null` : text };
}

function plainExpression(column: string, type: string): string {
  if (/^(VARCHAR|BIGINT|DOUBLE|BOOLEAN|JSON)$/.test(type) || /^(STRUCT|.*\[\d*\]$)/.test(type)) return column;
  if (/^(TINYINT|SMALLINT|INTEGER|UTINYINT|USMALLINT|UINTEGER)$/.test(type)) return `CAST(${column} AS BIGINT)`;
  if (/^(FLOAT|DECIMAL)/.test(type)) return `CAST(${column} AS DOUBLE)`;
  if (/^TIMESTAMP( WITH TIME ZONE|_S|_MS|_NS)?$/.test(type)) {
    const utc = type.endsWith('ZONE') ? `timezone('UTC', ${column})` : `CAST(${column} AS TIMESTAMP)`;
    return `strftime(${utc}, '%Y-%m-%dT%H:%M:%S.%gZ')`;
  }
  if (type === 'BLOB') return `base64(${column})`;
  return type.startsWith('MAP') ? `to_json(${column})` : `CAST(${column} AS VARCHAR)`;
}

/** A type of DuckDB, taken apart. */
export type SqlType =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'list'; readonly element: SqlType }
  | { readonly kind: 'struct'; readonly fields: readonly { readonly name: string; readonly type: SqlType }[] };

/** Reads `STRUCT("role" VARCHAR, n BIGINT)[]`. */
export function parseType(text: string): SqlType {
  const list = /^(.*)\[\d*\]$/s.exec(text);
  if (list !== null) return { kind: 'list', element: parseType(list[1]!) };
  if (!text.startsWith('STRUCT(')) return { kind: 'scalar', name: text };
  const fields = topLevelParts(text.slice('STRUCT('.length, -1)).map((part) => {
    const [, quoted, plain, type = ''] = /^(?:"((?:[^"]|"")*)"|(\S+)) (.*)$/s.exec(part) ?? [];
    return { name: quoted?.replaceAll('""', '"') ?? plain ?? '', type: parseType(type) };
  });
  return { kind: 'struct', fields };
}

/** Splits at the commas that stand in no quotes and no brackets. */
function topLevelParts(text: string): string[] {
  const parts = [''];
  let depth = 0;
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (!isQuoted && character === '(') depth++;
    if (!isQuoted && character === ')') depth--;
    if (character === ',' && depth === 0 && !isQuoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}

function typeScriptType(type: SqlType): string {
  if (type.kind === 'list') {
    const element = typeScriptType(type.element);
    return element.includes(' | ') ? `(${element})[]` : `${element}[]`;
  }
  if (type.kind === 'struct') {
    return `{ ${type.fields.map((f) => `${propertyName(f.name)}: ${typeScriptType(f.type)}`).join('; ')} }`;
  }
  if (type.name === 'JSON') return 'unknown';
  if (type.name === 'BOOLEAN') return 'boolean';
  return /INT|DOUBLE|FLOAT|DECIMAL/.test(type.name) ? 'number' : 'string';
}
