import { jsonSchemaPattern, supportedKeywords } from '../../engine/decode/constraint/json-schema.ts';
import type { ToolDefinition } from '../../engine/types.ts';
import type { CallFormat } from './call-format.ts';

type Schema = Readonly<Record<string, unknown>>;

/** A tool as a request gives it: `strict` asks that a schema which cannot be enforced be refused. */
export interface Tool extends ToolDefinition {
  function: ToolDefinition['function'] & { strict?: boolean | null };
}

/**
 * The JSON Schema of a call of one of these tools, as the model writes it; of a list of them, or of one alone. A UserError
 * names a keyword of a strict tool's parameters that cannot be enforced; where `strict` is not set, such keywords bind nothing.
 */
export function callSchema(tools: readonly Tool[], format: CallFormat, isSingle: boolean): Schema {
  const one = { anyOf: tools.map((tool) => oneCall(tool, format)) };
  const root = format.isList ? { type: 'array', items: one, minItems: 1, ...(isSingle && { maxItems: 1 }) } : one;
  return { ...root, $defs: Object.fromEntries(tools.map((tool) => [tool.function.name, parametersOf(tool)])) };
}

function oneCall({ function: { name } }: Tool, { argumentsKey }: CallFormat): Schema {
  return {
    type: 'object',
    properties: { name: { const: name }, [argumentsKey]: { $ref: `#/$defs/${name}` } },
    required: ['name', argumentsKey],
  };
}

/** Without parameters a function takes none. */
function parametersOf({ function: { name, parameters, strict } }: Tool): Schema {
  const given = parameters ?? { type: 'object', properties: {} };
  if (strict === true) {
    jsonSchemaPattern(given);
    return moved(given, name) as Schema;
  }
  const kept = onlySupported(given) as Schema;
  return canBeEnforced(kept) ? (moved(kept, name) as Schema) : { type: 'object' };
}

function canBeEnforced(schema: Schema): boolean {
  try {
    jsonSchemaPattern(schema);
    return true;
  } catch {
    return false;
  }
}

/** The schema without keywords that decoding does not know. */
function onlySupported(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).filter(([keyword]) => supportedKeywords.includes(keyword));
  return Object.fromEntries(entries.map(([keyword, value]) => [keyword, within(keyword, value)]));
}

/** What a keyword holds: schemas, schemas by name, or values that are no schemas. */
function within(keyword: string, value: unknown): unknown {
  if (keyword === 'anyOf' && Array.isArray(value)) return value.map(onlySupported);
  if (keyword === 'items' || keyword === 'additionalProperties') return onlySupported(value);
  if (!['properties', '$defs', 'definitions'].includes(keyword) || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, onlySupported(schema)]));
}

/** The schema with its references as they are when it stands below `$defs/NAME` of another. */
function moved(schema: unknown, name: string): unknown {
  if (Array.isArray(schema)) return schema.map((item) => moved(item, name));
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      key === '$ref' && typeof value === 'string' && value.startsWith('#')
        ? [key, `#/$defs/${name}${value.slice(1)}`]
        : [key, moved(value, name)],
    ),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
