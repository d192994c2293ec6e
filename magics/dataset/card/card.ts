import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type MagicContext, mime } from '../../context.ts';
import { suggestion, UserError } from '../../errors.ts';
import { openStore } from '../../governance/open-store.ts';
import type { DatasetRecord } from '../../governance/records.ts';
import type { RecordStore } from '../../governance/store.ts';
import { asOption, datasetOption } from '../options.ts';
import { openRecord } from '../record.ts';
import { croissant } from './croissant.ts';
import { dataCard } from './data-card.ts';
import { gatherCardEvidence } from './evidence.ts';

export const cardOptions = z.strictObject({
  data: datasetOption.describe('recorded data set'),
  out: z
    .string()
    .optional()
    .describe(
      'folder to write README.md, croissant.json and the rows (NAME.jsonl) to, as the Hugging Face hub takes it',
    ),
  as: asOption,
});

/** A data set told to people and to machines. */
export interface DataCard {
  readonly name: string;
  readonly digest: string;
  /** README.md with Hugging Face's front matter. */
  readonly markdown: string;
  /** Croissant 1.0, as JSON-LD. */
  readonly croissant: Readonly<Record<string, unknown>>;
}

/** Shows the data card of a recorded data set, and writes it with its Croissant description and its rows where a folder is given. */
export async function card(options: z.output<typeof cardOptions>, context: MagicContext): Promise<DataCard> {
  const name = typeof options.data === 'string' ? options.data : options.data.name;
  const store = await openStore(context.folder);
  const record = await store.read('dataset', name);
  if (record === undefined) throw notRecorded(name, await store.names('dataset'));
  const evidence = await gatherCardEvidence(store, record, await openRecord(store, record));
  const result = { name, digest: record.digest, markdown: dataCard(evidence), croissant: croissant(evidence) };
  const body = result.markdown.replace(/^---\n[\s\S]*?\n---\n+/, '');
  context.display({ [mime.markdown]: body, [mime.text]: result.markdown });
  if (options.out !== undefined) await write(result, record, store, path.resolve(context.folder, options.out));
  return result;
}

async function write(card: DataCard, record: DatasetRecord, store: RecordStore, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const rows = path.join(folder, `${card.name}.jsonl`);
  // The stored object is read-only, and so is a copy of it from an earlier time.
  await rm(rows, { force: true });
  await copyFile(await store.objects.file(record.object), rows);
  await writeFile(path.join(folder, 'README.md'), card.markdown);
  await writeFile(path.join(folder, 'croissant.json'), `${JSON.stringify(card.croissant, null, 2)}\n`);
}

function notRecorded(name: string, names: readonly string[]): UserError {
  return new UserError(
    `There is no record of a data set "${name}" to make a card of.${suggestion(name, names, 'Data sets')}`,
    { offending: name },
  );
}
