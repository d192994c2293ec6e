import { mkdir, open, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isUserError } from '../../errors.ts';
import type { ByteRange } from './bucket.ts';
import type { OnBytes } from './progress.ts';

/** Something that is read by ranges: its size and its bytes. */
export interface RangeSource {
  readonly size: number;
  readonly etag?: string;
  read(range: ByteRange, signal?: AbortSignal): Promise<Readable>;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  readonly onBytes?: OnBytes;
}

const rangeBytes = 4 << 20;
/** Ranges that are under way at the same time. */
const ahead = 4;
/** Tries for one range. */
const maxTries = 5;

/**
 * Appends to `file` what it still lacks of the source: ranges are fetched a few at a time and written in order, so that
 * the file's length always says what is there. It does not verify the content.
 */
export async function downloadRanges(
  source: RangeSource,
  file: string,
  { signal, onBytes }: DownloadOptions = {},
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const handle = await open(file, 'a');
  const stop = new AbortController();
  const signals = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  try {
    const present = await startOf(file, (await handle.stat()).size, source.size);
    if (present > 0) onBytes?.(present, true);
    const coming: Promise<Buffer>[] = [];
    let next = present;
    for (let written = present; written < source.size; ) {
      while (coming.length < ahead && next < source.size) {
        const end = Math.min(next + rangeBytes, source.size);
        const range = readWhole(source, { start: next, end, etag: source.etag }, signals);
        // Failures are seen when it is this range's turn.
        range.catch(() => {});
        coming.push(range);
        next = end;
      }
      const bytes = await coming.shift()!;
      await handle.appendFile(bytes);
      written += bytes.length;
      onBytes?.(bytes.length);
    }
    await handle.sync();
  } finally {
    stop.abort();
    await handle.close();
  }
}

/** Bytes that are kept: a file that is longer than the source is of something else. */
async function startOf(file: string, length: number, size: number): Promise<number> {
  if (length <= size) return length;
  await truncate(file);
  return 0;
}

/** The bytes of a range; a connection that breaks is made again, for the rest of the range. */
async function readWhole(source: RangeSource, range: ByteRange, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let start = range.start;
  for (let tries = 1; start < range.end; tries++) {
    try {
      for await (const chunk of await source.read({ ...range, start }, signal)) {
        chunks.push(chunk as Buffer);
        start += (chunk as Buffer).length;
      }
      if (start < range.end) throw new Error(`the connection ended ${range.end - start} bytes early`);
    } catch (error) {
      signal.throwIfAborted();
      if (tries >= maxTries || isUserError(error) || isFinal(error)) throw error;
      await sleep(100 * 2 ** tries, undefined, { signal });
    }
  }
  return Buffer.concat(chunks);
}

/** Refused, missing or changed: asking again gives the same answer. */
function isFinal(error: unknown): boolean {
  const { statusCode, $metadata } = error as { statusCode?: number; $metadata?: { httpStatusCode?: number } };
  const status = statusCode ?? $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}
