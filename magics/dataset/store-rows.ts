import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ObjectPointer } from '../governance/record-parts.ts';
import type { ObjectStore } from '../governance/store.ts';
import { canonicalLines } from './canonical.ts';
import type { Dataset } from './dataset.ts';

/** Stores the rows as canonical JSON Lines, streamed: the object's id is the data set's digest. Rows that stay on disk are stored as the Parquet file that they are in. */
export async function storeRows(objects: ObjectStore, dataset: Dataset): Promise<ObjectPointer> {
  if (dataset.large !== undefined) return objects.putFile(dataset.large.file, `${dataset.name}.parquet`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'llmops-rows-'));
  try {
    const file = path.join(folder, 'rows.jsonl');
    await pipeline(Readable.from(chunks(canonicalLines(dataset.table))), createWriteStream(file));
    return await objects.putFile(file, `${dataset.name}.jsonl`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function* chunks(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length > 1_000_000) {
      yield chunk;
      chunk = '';
    }
  }
  yield chunk;
}
