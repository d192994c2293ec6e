import type { Column } from '../column-types.ts';
import { parseColumnType, type ValueType } from './value-type.ts';

/** A column as a field of Croissant 1.0: lists are repeated, and objects, also those of a list, have their keys as sub-fields. */
export function fieldOf({ name, type }: Column, place: number, file: string): Record<string, unknown> {
  const source = { fileObject: { '@id': file }, extract: { column: name } };
  const value = parseColumnType(type);
  const id = `rows/${idOf(name, place)}`;
  return {
    '@type': 'cr:Field',
    '@id': id,
    name,
    description: `${type} in TypeScript`,
    ...(value.kind === 'list' ? { repeated: true } : {}),
    ...contentOf(value.kind === 'list' ? value.element : value, id, source),
  };
}

interface Source {
  readonly fileObject: { readonly '@id': string };
  readonly extract: { readonly column: string };
}

/** Values have a type and a source; objects have sub-fields, each of which reads its key of the column. */
function contentOf(value: ValueType, id: string, source: Source): Record<string, unknown> {
  if (value.kind !== 'object') return { dataType: dataTypeOf(value), source };
  return {
    subField: value.fields.map(({ name, type }, i) => ({
      '@type': 'cr:Field',
      '@id': `${id}/${idOf(name, i)}`,
      name,
      dataType: dataTypeOf(type),
      source: { ...source, transform: { jsonPath: keyPath(name) } },
    })),
  };
}

/** The JSON path of a key. */
function keyPath(name: string): string {
  return name.includes('"') ? `'${name.replaceAll("'", "\\'")}'` : `"${name}"`;
}

/** Identifiers hold no blanks and no quotes; a name that does has its place in its identifier, so that no two are the same. */
function idOf(name: string, place: number): string {
  const id = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '_');
  return id === name ? id : `${id}.${place + 1}`;
}

/** What is nested deeper than Croissant's sub-fields go is text there. */
function dataTypeOf(value: ValueType): string {
  if (value.kind !== 'scalar') return 'sc:Text';
  return { number: 'sc:Float', boolean: 'sc:Boolean' }[value.name] ?? 'sc:Text';
}
