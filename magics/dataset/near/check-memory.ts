import os from 'node:os';
import { UserError } from '../../errors.ts';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';

/** What a short text takes among those that others are held against: see `createSimilarTexts`. */
const bytesEach = 600;

/** Refuses to look for near duplicates among more rows on disk than half of this machine's memory could hold. */
export function checkMemory({ name, rowCount, large }: Dataset, machineBytes = os.totalmem()): void {
  const needed = rowCount * bytesEach;
  if (large === undefined || needed <= machineBytes / 2) return;
  const gigabytes = (bytes: number) => Math.ceil(bytes / 1e9);
  throw new UserError(
    `Likeness among ${count(rowCount, 'row')} of ${name} could take ${gigabytes(needed)} GB of memory, and this machine has ${gigabytes(machineBytes)}. Remove exact copies first (%dataset dedup ${name} --normalize), or look within parts of it (%dataset filter ${name} --sql "...").`,
    { offending: name },
  );
}
