import type { ColumnTable } from 'arquero';

/** What a verb computes for each row: a function of the row, its text, or what arquero's helpers make (`op.mean('x')`). */
type Expression<Columns> = ((row: Columns, params: Record<string, Unknown>) => unknown) | string | object;
/** New columns by their names. */
type Expressions<Columns> = Record<string, Expression<Columns>>;
/** Columns that expressions make. What is no function of the row has a type that nobody can tell. */
type Made<Values> = {
  [Name in keyof Values]: Values[Name] extends (...args: never) => infer Value ? Value : Unknown;
};
type Unknown = ReturnType<ColumnTable['get']>;
/** How arquero selects columns other than by a name: by index, by a helper (`not('x')`, `startswith('y')`). */
type Selection = number | Extract<Parameters<ColumnTable['select']>[number], (...args: never) => unknown>;
/** A column to order by, a function of the row, or `desc('x')`. */
type Order<Columns> = (keyof Columns & string) | number | ((row: Columns) => unknown) | object;
type Key<Columns> = (keyof Columns & string) | Selection | Expressions<Columns>;
type Options<Verb extends 'count' | 'derive' | 'sample' | 'objects'> = Parameters<ColumnTable[Verb]>[Verb extends
  | 'derive'
  | 'sample'
  ? 1
  : 0];

/** What a verb gives for a name that is no column: nothing can be done with it, and its type says why. */
interface NoSuchColumn<Name extends string> {
  readonly noSuchColumn: Name;
}

/**
 * arquero's table with the columns in its type, so that a wrong name is an error where it is written. `Groups` are the
 * columns of `groupby`. What is not declared here has arquero's own type.
 */
export type TypedTable<Columns extends object, Groups extends object = object> = Typed<Columns, Groups> & ColumnTable;

interface Typed<Columns extends object, Groups extends object> {
  filter(criteria: Expression<Columns>): TypedTable<Columns, Groups>;
  slice(start?: number, end?: number): TypedTable<Columns, Groups>;
  derive<Values extends Expressions<Columns>>(
    values: Values,
    options?: Options<'derive'>,
  ): TypedTable<Omit<Columns, keyof Values> & Made<Values>, Groups>;
  groupby<Name extends keyof Columns & string>(...keys: (Name | Name[])[]): TypedTable<Columns, Pick<Columns, Name>>;
  groupby<Name extends string>(...keys: (Name | Name[])[]): NoSuchColumn<Exclude<Name, keyof Columns>>;
  groupby<Values extends Expressions<Columns>>(values: Values): TypedTable<Columns, Made<Values>>;
  groupby(...keys: (Key<Columns> | Key<Columns>[])[]): TypedTable<Columns, Record<string, Unknown>>;
  ungroup(): TypedTable<Columns>;
  rollup<Values extends Expressions<Columns>>(values?: Values): TypedTable<Groups & Made<Values>>;
  count<Name extends string = 'count'>(
    options?: Options<'count'> & { as?: Name },
  ): TypedTable<Groups & Record<Name, number>>;
  orderby(...keys: (Order<Columns> | Order<Columns>[])[]): TypedTable<Columns, Groups>;
  orderby<Name extends string>(...keys: (Name | Name[])[]): NoSuchColumn<Exclude<Name, keyof Columns>>;
  select<Name extends keyof Columns & string>(...columns: (Name | Name[])[]): TypedTable<Pick<Columns, Name>, Groups>;
  select<Name extends string>(...columns: (Name | Name[])[]): NoSuchColumn<Exclude<Name, keyof Columns>>;
  rename<const Names extends { readonly [Name in keyof Columns]?: string }>(
    names: Names & Record<Exclude<keyof Names, keyof Columns>, never>,
  ): TypedTable<
    { [Name in keyof Columns as Name extends keyof Names ? Names[Name] & string : Name]: Columns[Name] },
    Groups
  >;
  rename<Name extends string>(names: Record<Name, string>): NoSuchColumn<Exclude<Name, keyof Columns>>;
  dedupe(...keys: (Key<Columns> | Key<Columns>[])[]): TypedTable<Columns, Groups>;
  dedupe<Name extends string>(...keys: (Name | Name[])[]): NoSuchColumn<Exclude<Name, keyof Columns>>;
  params(values: Record<string, Unknown>): TypedTable<Columns, Groups>;
  params(): Record<string, Unknown>;
  array<Name extends keyof Columns & string>(name: Name): Columns[Name][];
  array<Name extends string>(name: Name): NoSuchColumn<Name>;
  get<Name extends keyof Columns & string>(name: Name, row?: number): Columns[Name];
  get<Name extends string>(name: Name, row?: number): NoSuchColumn<Name>;
  object(row?: number): Columns;
  objects(options?: Options<'objects'>): Columns[];
  [Symbol.iterator](): Iterator<Columns>;
}

/** The verbs and readers of a table that a data set has itself: `triage.groupby('label').count()`. */
export type TableVerbs<Columns extends object> = Pick<TypedTable<Columns>, TableVerb>;

type TableVerb = (typeof tableVerbs)[number];

const tableVerbs = [
  ...(['filter', 'derive', 'groupby', 'rollup', 'count', 'orderby', 'slice', 'select', 'rename', 'relocate'] as const),
  ...(['assign', 'dedupe', 'impute', 'fold', 'pivot', 'spread', 'unroll', 'lookup'] as const),
  ...(['join', 'join_left', 'semijoin', 'antijoin', 'concat', 'columnNames', 'array', 'get', 'objects'] as const),
] satisfies (keyof ColumnTable)[];

/** Gives a handle the verbs of its table. Where that must not be had, they fail as it does. */
export function addTableVerbs<Handle extends { readonly table: ColumnTable }>(handle: Handle): Handle {
  for (const verb of tableVerbs) {
    const value = (...args: unknown[]) => Reflect.apply(handle.table[verb], handle.table, args);
    Object.defineProperty(handle, verb, { value });
  }
  return handle;
}
