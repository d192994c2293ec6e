import { z } from 'zod';
import { suggestion, UserError } from '../errors.ts';
import { type Dataset, isDataset } from './dataset.ts';

/** An option that names a data set: a record's name, a file, or a handle. */
export const datasetOption = z.union([z.string(), z.custom<Dataset>(isDataset, 'not a data set')]);

/** An option that is a list, written with commas or as a list. */
export const listOption = z
  .union([z.string(), z.array(z.string())])
  .transform((value) =>
    (typeof value === 'string' ? value.split(',') : value).map((item) => item.trim()).filter((item) => item !== ''),
  );

/** An option that names one or more data sets. */
export const datasetListOption = z
  .union([listOption, z.array(datasetOption), datasetOption])
  .transform((value): (string | Dataset)[] => (Array.isArray(value) ? value : [value]));

/** The option that every verb has: the name to bind and to record the result under. */
export const asOption = z.string().optional().describe('name of the result: the variable and the record');

/** Refuses a column that the data set does not have, naming the nearest. */
export function checkColumn(dataset: Dataset, column: string): string {
  const names = dataset.columns.map((c) => c.name);
  if (names.includes(column)) return column;
  throw new UserError(`Data set "${dataset.name}" has no column "${column}".${suggestion(column, names, 'Columns')}`, {
    offending: column,
  });
}
