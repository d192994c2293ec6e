import type { ColumnTable } from 'arquero';

/** A column's name and its TypeScript type: `string | null`, `{ role: string; content: string }[]`. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** What was seen in one place: scalar types, the elements of lists, the fields of objects. */
interface Shape {
  readonly scalars: Set<string>;
  elements?: Shape;
  fields?: Map<string, { shape: Shape; seen: number }>;
  objects: number;
}

/** Deeper than this, values are `unknown`. */
const maxDepth = 4;
/** Objects with more different keys than this are dictionaries, not rows. */
const maxFields = 40;

/** The columns of a table with types inferred from all values. */
export function describeColumns(table: ColumnTable): Column[] {
  return table.columnNames().map((name) => {
    const shape = emptyShape();
    const values = table.array(name) as ArrayLike<unknown>;
    for (let i = 0; i < values.length; i++) see(shape, values[i], 0);
    return { name, type: typeText(shape) };
  });
}

/** The type of a row: `{ text: string; cron: string }`. */
export function rowType(columns: readonly Column[]): string {
  return columns.length === 0 ? '{}' : `{ ${columns.map((c) => `${propertyName(c.name)}: ${c.type}`).join('; ')} }`;
}

/** A key as it is written in a type: quoted unless it is an identifier. */
export function propertyName(name: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
}

function emptyShape(): Shape {
  return { scalars: new Set(), objects: 0 };
}

function see(shape: Shape, value: unknown, depth: number): void {
  if (value === null || value === undefined) shape.scalars.add('null');
  else if (typeof value !== 'object') shape.scalars.add(typeof value);
  else if (depth >= maxDepth) shape.scalars.add('unknown');
  else if (Array.isArray(value)) {
    shape.elements ??= emptyShape();
    for (const element of value) see(shape.elements, element, depth + 1);
  } else seeFields(shape, value, depth);
}

function seeFields(shape: Shape, value: object, depth: number): void {
  shape.objects++;
  shape.fields ??= new Map();
  for (const [key, item] of Object.entries(value)) {
    let field = shape.fields.get(key);
    if (field === undefined) {
      field = { shape: emptyShape(), seen: 0 };
      shape.fields.set(key, field);
    }
    field.seen++;
    see(field.shape, item, depth + 1);
  }
}

function typeText(shape: Shape): string {
  if (shape.scalars.has('unknown')) return 'unknown';
  const types = ['string', 'number', 'boolean'].filter((type) => shape.scalars.has(type));
  if (shape.elements !== undefined) types.push(listType(shape.elements));
  if (shape.fields !== undefined) types.push(objectType(shape));
  if (shape.scalars.has('null')) types.push('null');
  return types.length === 0 ? 'null' : types.join(' | ');
}

function listType(elements: Shape): string {
  const isEmpty = elements.scalars.size === 0 && elements.elements === undefined && elements.fields === undefined;
  const type = isEmpty ? 'unknown' : typeText(elements);
  return type.includes(' | ') ? `(${type})[]` : `${type}[]`;
}

function objectType(shape: Shape): string {
  const fields = [...(shape.fields ?? [])];
  if (fields.length > maxFields) return 'Record<string, unknown>';
  if (fields.length === 0) return '{}';
  const optional = (seen: number) => (seen < shape.objects ? '?' : '');
  return `{ ${fields.map(([key, f]) => `${propertyName(key)}${optional(f.seen)}: ${typeText(f.shape)}`).join('; ')} }`;
}
