import { identifier, literal } from './database.ts';
import { parseType, type SqlColumn, type SqlType } from './plain-columns.ts';

/**
 * SQL for a row's canonical JSON line (see `canonicalLines`): the same text that JavaScript writes for the same row.
 * Fields that a nested value lacks are null here, since DuckDB's structures have all their fields.
 */
export function canonicalLine(columns: readonly SqlColumn[]): string {
  const fields = columns.map(({ name, type }) => ({ name, type: parseType(type) }));
  return objectText(fields, (name) => identifier(name));
}

/** Macros that `canonicalLine` calls. */
export const canonicalMacros = [
  // DuckDB writes \u001B where JavaScript writes \u001b, and is several times as fast as anything that is put together here.
  `CREATE OR REPLACE TEMP MACRO json_text(t) AS CASE WHEN t IS NULL THEN 'null' WHEN regexp_matches(t, '[\\x00-\\x07\\x0b\\x0e-\\x1f]') THEN concat('"', ${escaped()}, '"') ELSE CAST(to_json(t) AS VARCHAR) END`,
  `CREATE OR REPLACE TEMP MACRO json_digits(t) AS replace(regexp_extract(t, '^-?([0-9.]+)', 1), '.', '')`,
  `CREATE OR REPLACE TEMP MACRO json_exponent(t) AS CAST(regexp_extract(t, 'e(.*)$', 1) AS INTEGER)`,
  `CREATE OR REPLACE TEMP MACRO json_scientific(t) AS CASE
     WHEN json_exponent(t) BETWEEN -6 AND -1 THEN regexp_extract(t, '^-?') || '0.' || repeat('0', -json_exponent(t) - 1) || json_digits(t)
     WHEN json_exponent(t) BETWEEN 0 AND 20 THEN regexp_extract(t, '^-?') || rpad(json_digits(t), json_exponent(t) + 1, '0')
     ELSE regexp_extract(t, '^(.*)e', 1) || 'e' || CASE WHEN json_exponent(t) < 0 THEN '' ELSE '+' END || json_exponent(t) END`,
  `CREATE OR REPLACE TEMP MACRO json_number(x) AS CASE
     WHEN x IS NULL OR isnan(x) OR isinf(x) THEN 'null'
     WHEN x = trunc(x) AND abs(x) < 1e15 THEN CAST(CAST(x AS BIGINT) AS VARCHAR)
     WHEN contains(CAST(x AS VARCHAR), 'e') THEN json_scientific(CAST(x AS VARCHAR))
     ELSE regexp_replace(CAST(x AS VARCHAR), '\\.0$', '') END`,
  `CREATE OR REPLACE TEMP MACRO json_integer(x) AS CASE
     WHEN x IS NULL THEN 'null'
     WHEN abs(CAST(x AS HUGEINT)) <= ${Number.MAX_SAFE_INTEGER} THEN CAST(x AS VARCHAR)
     ELSE '"' || CAST(x AS VARCHAR) || '"' END`,
];

/** What JSON escapes, in JavaScript's spelling. */
function escaped(): string {
  const short: Record<number, string> = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r' };
  let sql = `replace(replace(t, '\\', '\\\\'), '"', '\\"')`;
  for (let code = 0; code < 32; code++) {
    const text = short[code] ?? `\\u00${code.toString(16).padStart(2, '0')}`;
    sql = `replace(${sql}, chr(${code}), ${literal(text)})`;
  }
  return sql;
}

function valueText(type: SqlType, expression: string, depth: number): string {
  if (type.kind === 'list') {
    const element = `e${depth}`;
    const texts = `list_transform(${expression}, lambda ${element}: ${valueText(type.element, element, depth + 1)})`;
    // A CASE around it would copy the lists.
    return `coalesce('[' || array_to_string(${texts}, ',') || ']', 'null')`;
  }
  if (type.kind === 'struct') {
    const text = objectText(type.fields, (name) => `(${expression})[${literal(name)}]`, depth);
    return `CASE WHEN ${expression} IS NULL THEN 'null' ELSE ${text} END`;
  }
  if (type.name === 'JSON') return `coalesce(CAST(${expression} AS VARCHAR), 'null')`;
  if (type.name === 'BOOLEAN') return `coalesce(CAST(${expression} AS VARCHAR), 'null')`;
  if (type.name === 'DOUBLE') return `json_number(${expression})`;
  return /INT/.test(type.name) ? `json_integer(${expression})` : `json_text(CAST(${expression} AS VARCHAR))`;
}

function objectText(
  fields: readonly { readonly name: string; readonly type: SqlType }[],
  access: (name: string) => string,
  depth = 0,
): string {
  const sorted = [...fields].sort((a, b) => (a.name < b.name ? -1 : 1));
  const parts = sorted.flatMap(({ name, type }, i) => [
    literal(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    valueText(type, access(name), depth),
  ]);
  return `concat(${parts.join(', ')}, '}')`;
}
