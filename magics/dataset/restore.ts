import { z } from 'zod';
import type { MagicContext } from '../context.ts';
import { block } from '../html.ts';
import { createDataset, type Dataset } from './dataset.ts';
import { count } from './display.ts';
import { mapTexts } from './map-texts.ts';
import { asOption, datasetOption } from './options.ts';
import { openPseudonyms } from './pii/pseudonyms.ts';
import { resolveDataset } from './resolve.ts';
import { toTable } from './table.ts';

export const restoreOptions = z.strictObject({
  data: datasetOption.describe('data set with pseudonyms'),
  as: asOption,
});

/** Turns the pseudonyms that were made on this machine back. The result holds personal data: it is neither recorded nor shown. */
export async function restore(options: z.output<typeof restoreOptions>, context: MagicContext): Promise<Dataset> {
  const source = await resolveDataset(options.data, context.folder);
  const pseudonyms = await openPseudonyms(context.folder);
  let restored = 0;
  let unknown = 0;
  const columns = source.columns.map(({ name }) => name);
  const turnBack = (text: string) => {
    const result = pseudonyms.restore(text);
    restored += result.restored;
    unknown += result.unknown;
    return result.text;
  };
  // Rows on disk refuse this: personal data shall lie in no file.
  const table = await toTable(
    source.rows().map((row) => mapTexts(row, columns, turnBack)),
    columns,
  );
  const name = options.as ?? `${source.name}.restored`;
  const left = unknown === 0 ? '' : `; ${count(unknown, 'pseudonym')} of another machine left as they are`;
  const headline = `${name}: ${count(restored, 'piece')} of personal data turned back${left}; not recorded`;
  context.display(block(headline));
  return createDataset(name, table);
}
