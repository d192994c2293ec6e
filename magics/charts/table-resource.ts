/** Rows as Tabular Data Resource JSON (`application/vnd.dataresource+json`), for clients that page and sort tables. */
export interface TableResource {
  readonly title?: string;
  readonly schema: { readonly fields: readonly TableField[] };
  readonly data: readonly Readonly<Record<string, unknown>>[];
  /** Rows of the whole table, of which `data` may be the first. */
  readonly rowCount: number;
  /** Names the whole table in the kernel that made it: clients read the other rows there while it lives. */
  readonly source?: string;
}

export interface TableField {
  readonly name: string;
  /** What the values are, for people: `number`, `string | null`. */
  readonly type: string;
}

/** A notebook carries this much of a table. */
const maxRows = 1000;
const maxCharacters = 200_000;

/** The first rows of a table: `cell(row, column)` gives its values. Dates and what JSON cannot hold become text. */
export function tableResource(
  fields: readonly TableField[],
  rowCount: number,
  cell: (row: number, name: string) => unknown,
  title?: string,
): TableResource {
  const data: Record<string, unknown>[] = [];
  for (let row = 0, characters = 0; row < Math.min(rowCount, maxRows) && characters < maxCharacters; row++) {
    const record = Object.fromEntries(fields.map(({ name }) => [name, toJson(cell(row, name))]));
    characters += JSON.stringify(record).length;
    data.push(record);
  }
  return { ...(title !== undefined && { title }), schema: { fields }, data, rowCount };
}

/** A value as JSON can hold it. */
export function toJson(value: unknown): unknown {
  if (value === undefined || (typeof value === 'number' && Number.isNaN(value))) return null;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint' || value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    return String(value);
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, toJson);
  return value;
}
