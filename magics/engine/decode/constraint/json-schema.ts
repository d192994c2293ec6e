import { suggestion, UserError } from '../../../errors.ts';
import { anyValue, array, boolean, integer, literal, nothing, number, object, record, string } from './json.ts';
import { either, type Pattern } from './pattern.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Say something about a schema, but nothing about its values. */
const annotations = [
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
];

/** What each type of value may be described with. */
const keywords: Record<string, readonly string[]> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength'],
  number: [],
  integer: [],
  boolean: [],
  null: [],
};
const general = ['type', 'enum', 'const', 'anyOf', '$ref'];
/** Keywords that a schema may hold. */
export const supportedKeywords: readonly string[] = [...annotations, ...general, ...Object.values(keywords).flat()];

/**
 * The JSON texts that a schema describes, objects with their properties in the schema's order and with no others.
 * UserError that names a keyword which is not supported, and where it stands.
 */
export function jsonSchemaPattern(schema: Schema): Pattern {
  return patternOf(schema, { root: schema, path: '#', references: [] });
}

interface Place {
  root: Schema;
  /** JSON pointer of the schema at hand. */
  path: string;
  /** References that led here: one that is met again would go on for ever. */
  references: readonly string[];
}

function patternOf(value: unknown, place: Place): Pattern {
  if (value === true || (isSchema(value) && Object.keys(value).length === 0)) return anyValue();
  if (!isSchema(value)) throw malformed(place.path, 'is not a schema');
  checkKeywords(value, place.path);
  if (typeof value.$ref === 'string') return referenced(value.$ref, place);
  if ('const' in value) return literal(value.const);
  if (Array.isArray(value.enum)) return either(...value.enum.map(literal));
  if (Array.isArray(value.anyOf)) {
    return either(...value.anyOf.map((one, i) => patternOf(one, below(place, `anyOf/${i}`))));
  }
  const types = value.type === undefined ? typesBySchema(value) : [value.type].flat();
  return types.length === 0 ? anyValue() : either(...types.map((type) => patternOfType(String(type), value, place)));
}

/** A schema without a type is of the types that its keywords describe. */
function typesBySchema(schema: Schema): string[] {
  return Object.keys(keywords).filter((type) => keywords[type]!.some((keyword) => keyword in schema));
}

function patternOfType(type: string, schema: Schema, place: Place): Pattern {
  switch (type) {
    case 'object':
      return objectPattern(schema, place);
    case 'array':
      return array(
        patternOf(schema.items ?? true, below(place, 'items')),
        count(schema, 'minItems', place),
        count(schema, 'maxItems', place),
      );
    case 'string':
      return string(count(schema, 'minLength', place), count(schema, 'maxLength', place));
    case 'number':
      return number;
    case 'integer':
      return integer;
    case 'boolean':
      return boolean;
    case 'null':
      return nothing;
    default:
      throw malformed(place.path, `has the unknown type "${type}"`);
  }
}

function objectPattern(schema: Schema, place: Place): Pattern {
  const { properties, additionalProperties } = schema;
  if (!isSchema(properties)) {
    return additionalProperties === false
      ? object([])
      : record(patternOf(additionalProperties ?? true, below(place, 'additionalProperties')));
  }
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const missing = required.find((name) => !(name in properties));
  if (missing !== undefined) throw malformed(place.path, `requires "${missing}", which is not among its properties`);
  return object(
    Object.entries(properties).map(([name, value]) => ({
      name,
      value: patternOf(value, below(place, `properties/${name}`)),
      isRequired: required.includes(name),
    })),
  );
}

/** A reference within the schema itself. */
function referenced(reference: string, place: Place): Pattern {
  if (place.references.includes(reference))
    throw unsupported(`a $ref that leads back to itself (${reference})`, place.path);
  const parts = reference.startsWith('#') ? reference.slice(1).split('/').filter(Boolean) : undefined;
  const target = parts?.reduce<unknown>((value, part) => (isSchema(value) ? value[part] : undefined), place.root);
  if (target === undefined) throw malformed(place.path, `refers to "${reference}", which is not in the schema`);
  return patternOf(target, { root: place.root, path: reference, references: [...place.references, reference] });
}

/** Characters, items: beyond this the automaton would become too large. */
const mostCounted = 1000;

function count(schema: Schema, keyword: string, { path }: Place): number | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || Number(value) < 0) throw malformed(path, `has a ${keyword} that is not a count`);
  if (Number(value) > mostCounted) throw unsupported(`a ${keyword} above ${mostCounted}`, path);
  return Number(value);
}

function checkKeywords(schema: Schema, path: string): void {
  const foreign = Object.keys(schema).find((keyword) => !supportedKeywords.includes(keyword));
  if (foreign !== undefined)
    throw unsupported(`the keyword "${foreign}"`, path, suggestion(foreign, supportedKeywords, 'Supported'));
}

function below(place: Place, part: string): Place {
  return { ...place, path: `${place.path}/${part}` };
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unsupported(what: string, path: string, hint = ''): UserError {
  return new UserError(`The JSON schema uses ${what} at ${path}, which decoding cannot enforce.${hint}`);
}

function malformed(path: string, what: string): UserError {
  return new UserError(`The JSON schema ${what} at ${path}.`);
}
