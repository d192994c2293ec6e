import path from 'node:path';
import type { ColumnTable } from 'arquero';
import type { Dataset } from '../dataset.ts';
import { identifier, literal } from './database.ts';
import type { LargeRows } from './large-rows.ts';
import { withQuery } from './query.ts';
import { type ScratchPlace, scratchRows } from './scratch-rows.ts';

/** The rows of a query over data sets: in memory, or in a file of the cache where they are too many. See `handOver`. */
export function selectRows(
  query: string,
  datasets: ReadonlyMap<string, Dataset>,
  place: ScratchPlace,
): Promise<ColumnTable | LargeRows> {
  return scratchRows(place, (keep, target) =>
    withQuery(query, datasets, keep, { signal: place.signal }, [path.dirname(target)]),
  );
}

/** A data set on disk behind FROM, with the place of each row in the column `file_row_number`. */
export function numberedRows({ large }: Dataset): string {
  return `read_parquet(${literal(large!.file)}, file_row_number = true)`;
}

/** Its columns in a SELECT list. */
export function columnList({ columns }: Dataset): string {
  return columns.map(({ name }) => identifier(name)).join(', ');
}

/** A text without the differences that do not matter: case, white space and, where it shall be, punctuation. */
export function comparableSql(column: string, withPunctuation = false): string {
  const kept = withPunctuation ? '[\\s]+' : '[\\s\\p{P}]+';
  return `trim(regexp_replace(lower(nfc_normalize(coalesce(CAST(${identifier(column)} AS VARCHAR), ''))), '${kept}', ' ', 'g'))`;
}
