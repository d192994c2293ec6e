import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { type AdditiveMetric, meanMetric } from './metric.ts';

/** A JSON Schema, as it is read from a file. */
export type JsonSchemaObject = Readonly<Record<string, unknown>>;

/** `json_valid` of `%eval`: share of answers that are one JSON value and nothing else (RFC 8259), white space aside. */
export const jsonValidMetric: AdditiveMetric = meanMetric({
  name: 'json_valid',
  title: 'valid JSON',
  signature: 'json:whole answer',
  isProportion: true,
  score: ({ prediction }) => Number(parseJson(prediction) !== undefined),
});

/** `json_match` of `%eval`: share of answers whose JSON value equals the reference's, whatever the order of keys. */
export const jsonMatchMetric: AdditiveMetric = meanMetric({
  name: 'json_match',
  title: 'equal JSON',
  signature: 'json:whole answer|keys:any order',
  isProportion: true,
  score({ prediction, reference }) {
    const wanted = parseJson(reference);
    if (wanted === undefined) return null;
    const made = parseJson(prediction);
    return Number(made !== undefined && canonical(made.value) === canonical(wanted.value));
  },
});

/** Share of answers that are JSON and match a JSON Schema. `name` says which schema in the signature. */
export function jsonSchemaMetric(schema: JsonSchemaObject, name: string): AdditiveMetric {
  const check = createSchemaCheck(schema, name);
  return meanMetric({
    name: 'json_schema',
    title: 'JSON matching its schema',
    signature: `json:whole answer|schema:${name}`,
    isProportion: true,
    score: ({ prediction }) => Number(check(prediction)),
  });
}

/** Tells whether a text is JSON that matches the schema. A schema that cannot be read is a UserError. */
export function createSchemaCheck(schema: JsonSchemaObject, name: string): (text: string) => boolean {
  const matcher = readSchema(schema, name);
  return (text) => {
    const parsed = parseJson(text);
    return parsed !== undefined && matcher.safeParse(parsed.value).success;
  };
}

function readSchema(schema: JsonSchemaObject, name: string): z.ZodType {
  try {
    return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (cause) {
    throw schemaUnreadable(name, cause);
  }
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** JSON text with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

function schemaUnreadable(name: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`"${name}" is not a JSON Schema that can be used: ${reason}`, { cause, offending: name });
}
