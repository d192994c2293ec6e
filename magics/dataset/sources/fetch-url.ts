import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { isUserError, UserError } from '../../errors.ts';

export interface FetchOptions {
  readonly signal?: AbortSignal;
  /** Bytes that are here, and of how many when the server says so. */
  onBytes?(bytes: number, total: number | undefined): void;
}

/** Broken transfers in a row that brought nothing. */
const maxFailures = 4;

/**
 * Downloads a URL to `target`, by way of `target.part`: an interrupted transfer goes on where it stopped while the file
 * on the server is still the same (its ETag). What is here already is asked for again only if it has changed.
 */
export async function fetchUrl(url: string, target: string, options: FetchOptions = {}): Promise<void> {
  for (let failures = 0; ; ) {
    const before = await sizeOf(`${target}.part`);
    try {
      await transfer(url, target, options);
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isUserError(error)) throw error;
      failures = (await sizeOf(`${target}.part`)) > before ? 0 : failures + 1;
      if (failures > maxFailures) throw unreachable(url, error);
      await sleep(100 * 2 ** failures, undefined, { signal: options.signal });
    }
  }
}

async function transfer(url: string, target: string, { signal, onBytes }: FetchOptions): Promise<void> {
  const part = `${target}.part`;
  const [begun, have, known] = [await tagOf(part), await sizeOf(part), await tagOf(target)];
  const canContinue = have > 0 && begun !== undefined;
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (canContinue) Object.assign(headers, { range: `bytes=${have}-`, 'if-range': begun });
  else if (known !== undefined && (await sizeOf(target)) > 0) headers['if-none-match'] = known;
  const response = await fetch(url, { headers, signal });
  if (response.status === 304) return;
  if (!response.ok) {
    await response.body?.cancel();
    if (response.status === 416) await rm(part, { force: true });
    throw response.status >= 500 || response.status === 416 || response.status === 429
      ? new Error(`HTTP ${response.status}`)
      : refused(url, response.status);
  }
  const isContinued = response.status === 206;
  const tag = response.headers.get('etag');
  if (tag === null) await rm(`${part}.etag`, { force: true });
  else await writeFile(`${part}.etag`, tag);
  await append(response, part, isContinued ? have : 0, onBytes);
  await rename(part, target);
  await (tag === null ? rm(`${target}.etag`, { force: true }) : rename(`${part}.etag`, `${target}.etag`));
}

async function append(response: Response, part: string, from: number, onBytes: FetchOptions['onBytes']): Promise<void> {
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const total = Number.isFinite(length) ? from + length : undefined;
  const handle = await open(part, from > 0 ? 'a' : 'w');
  let have = from;
  try {
    const chunks = response.body === null ? [] : Readable.fromWeb(response.body as NodeReadableStream);
    for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
      await handle.appendFile(chunk);
      have += chunk.length;
      onBytes?.(have, total);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (total !== undefined && have !== total) throw new Error('The connection ended early.');
}

function tagOf(file: string): Promise<string | undefined> {
  return readFile(`${file}.etag`, 'utf8').catch(() => undefined);
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

function refused(url: string, status: number): UserError {
  const why =
    status === 404
      ? 'there is no such file'
      : status === 401 || status === 403
        ? 'access is denied'
        : 'it cannot be had';
  return new UserError(`The server answered ${status} for ${url}: ${why}. Check the address.`, { offending: url });
}

function unreachable(url: string, cause: unknown): UserError {
  const inner = (cause as { cause?: { code?: string } }).cause?.code;
  const reason = inner ?? (cause instanceof Error ? cause.message : String(cause));
  return new UserError(
    `${url} cannot be downloaded (${reason}). What has come so far is kept: run the cell again to go on from there.`,
    { cause, offending: url },
  );
}
