import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { isUserError } from '../../errors.ts';
import { withFileLock } from '../../governance/file-lock.ts';
import { checksumMismatch, downloadBusy } from './errors.ts';
import type { Fetch } from './hub-fetch.ts';

/** A file on the hub. */
export interface RemoteFile {
  readonly name: string;
  readonly url: string;
  /** Bytes. */
  readonly size: number;
  /** Its name in the cache and its checksum: sha256 of a large file (64 digits), git's sha1 of any other (40). */
  readonly etag: string;
}

export interface TransferOptions {
  readonly fetch: Fetch;
  readonly signal?: AbortSignal;
  /** Bytes of the file that are here, whoever brought them. */
  onBytes(bytes: number): void;
}

/** A transfer that brings nothing for so long is started again. */
const stallMs = 30_000;
/** Broken transfers in a row that brought nothing. */
const maxFailures = 5;
const lockTimeoutMs = 3_600_000;

/**
 * Downloads a file to `blob`, by way of `<blob>.incomplete`: an interrupted download goes on where it stopped. It is
 * moved into place only after its checksum was verified, and by one process at a time; the others wait and then find it.
 */
export async function downloadFile(
  file: RemoteFile,
  { blob, lock }: { blob: string; lock: string },
  options: TransferOptions,
): Promise<void> {
  const partial = `${blob}.incomplete`;
  const busy = () => downloadBusy(file.name, lock);
  const work = async () => {
    if ((await sizeOf(blob)) !== undefined) {
      options.onBytes(file.size);
      return;
    }
    await mkdir(path.dirname(blob), { recursive: true });
    await fetchVerified(file, partial, options);
    await rename(partial, blob);
  };
  await withFileLock(lock, busy, work, {
    timeoutMs: lockTimeoutMs,
    pollMs: 200,
    signal: options.signal,
    onWait: async () => options.onBytes((await sizeOf(partial)) ?? 0),
  });
}

async function fetchVerified(file: RemoteFile, partial: string, options: TransferOptions): Promise<void> {
  for (let isSecond = false; ; isSecond = true) {
    await transferAll(file, partial, options);
    const actual = await checksumOf(partial, file);
    if (actual === file.etag) return;
    await rm(partial, { force: true });
    if (isSecond) throw checksumMismatch(file.name, file.etag, actual);
  }
}

/** Repeats broken transfers as long as they bring something. */
async function transferAll(file: RemoteFile, partial: string, options: TransferOptions): Promise<void> {
  for (let failures = 0; ; ) {
    const before = await sizeOf(partial);
    try {
      await transfer(file, partial, options);
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      failures = (await sizeOf(partial)) === before ? failures + 1 : 0;
      if (isUserError(error) || isDiskError(error) || failures > maxFailures) throw error;
      await sleep(Math.min(250 * 2 ** failures, 8000), undefined, { signal: options.signal });
    }
  }
}

/** One request for what is missing of the file; throws when the connection ends early. */
async function transfer(file: RemoteFile, partial: string, { fetch, signal, onBytes }: TransferOptions): Promise<void> {
  const handle = await open(partial, 'a+');
  try {
    let { size: have } = await handle.stat();
    if (have > file.size) {
      await handle.truncate(0);
      have = 0;
    }
    onBytes(have);
    if (have === file.size) return;
    const stall = createStall(stallMs);
    const headers = have > 0 ? { range: `bytes=${have}-` } : undefined;
    try {
      const response = await fetch(file.url, { headers, signal: stall.signal });
      if (have > 0 && startOf(response) !== have) {
        await handle.truncate(0);
        have = 0;
        // 200: the whole file comes, since the server knows no ranges. Anything else is asked for anew.
        if (response.status !== 200) throw new Error(`The server answered ${response.status} to a range.`);
      }
      for await (const chunk of bytesOf(response)) {
        signal?.throwIfAborted();
        stall.renew();
        await handle.appendFile(chunk);
        have += chunk.length;
        onBytes(have);
      }
      if (have < file.size) throw new Error('The connection ended early.');
      await handle.sync();
    } finally {
      stall.stop();
    }
  } finally {
    await handle.close();
  }
}

/** The types of the web's streams do not know that Node's can be iterated. */
function bytesOf({ body }: Response): AsyncIterable<Uint8Array> | [] {
  return body === null ? [] : Readable.fromWeb(body as NodeReadableStream);
}

/** First byte of a partial answer (206, `Content-Range: bytes 100-199/200`); 0 of a whole one. */
function startOf(response: Response): number {
  if (response.status !== 206) return response.status === 200 ? 0 : -1;
  const [, start] = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '') ?? [];
  return start === undefined ? -1 : Number(start);
}

/** A signal that aborts when `renew` was not called for so long. */
function createStall(periodMs: number): { signal: AbortSignal; renew(): void; stop(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error('Nothing came for 30 s.')), periodMs);
  return { signal: controller.signal, renew: () => timer.refresh(), stop: () => clearTimeout(timer) };
}

/** sha256, or for a 40-digit etag the sha1 that git gives the file. */
async function checksumOf(file: string, { etag, size }: RemoteFile): Promise<string> {
  const isGit = etag.length === 40;
  const hash = createHash(isGit ? 'sha1' : 'sha256');
  if (isGit) hash.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size;
}

function isDiskError(error: unknown): boolean {
  return ['ENOSPC', 'EACCES', 'EROFS', 'EDQUOT', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '');
}
