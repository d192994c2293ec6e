import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { createDataset, type Dataset } from '../dataset.ts';
import { isLarge } from '../large/limits.ts';
import { findFormat, parseText } from '../read-file.ts';
import { toTable } from '../table.ts';

const headBytes = 2_000_000;

/**
 * The rows at the beginning of a text file that is too large for memory: something to look at while it is imported.
 * Undefined for other sources. Rows that cannot be read are left to the import to tell of.
 */
export async function readHead(source: string, folder: string): Promise<Dataset | undefined> {
  const file = path.resolve(folder, source);
  const stats = await stat(file).catch(() => undefined);
  if (stats?.isFile() !== true || /\.(gz|zst)$/i.test(file) || !isLarge([{ path: file, size: stats.size }]))
    return undefined;
  const bytes = await readBytes(file);
  const format = findFormat(source, bytes);
  if (format !== 'csv' && format !== 'tsv' && format !== 'jsonl') return undefined;
  const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1).toString('utf8');
  const { rows, columns } = parseText(whole, format, source, { skipMalformed: true });
  return rows.length === 0 ? undefined : createDataset(path.basename(source), await toTable(rows, columns));
}

async function readBytes(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
