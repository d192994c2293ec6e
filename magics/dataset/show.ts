import { z } from 'zod';
import type { MagicContext } from '../context.ts';
import { block } from '../html.ts';
import type { Dataset } from './dataset.ts';
import { datasetHeadline, rowsBlock } from './display.ts';
import { asOption, datasetOption } from './options.ts';
import { resolveDataset } from './resolve.ts';

export const showOptions = z.strictObject({
  data: datasetOption.describe('data set or file'),
  rows: z.int().positive().max(1000).default(20).describe('rows to show'),
  as: asOption,
});

/** Shows the first rows of a data set with the types of its columns. */
export async function show(options: z.output<typeof showOptions>, context: MagicContext): Promise<Dataset> {
  const dataset = await resolveDataset(options.data, context.folder);
  const { parts, text } = rowsBlock(dataset, options.rows);
  context.display(block(datasetHeadline(dataset), parts, text));
  return dataset;
}
