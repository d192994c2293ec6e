import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Display, mime } from '../../context.ts';
import { progressBundle } from '../../jobs/progress.ts';
import { cacheFolder } from './cache-folder.ts';
import type { DataFile } from './data-file.ts';
import { fetchUrl } from './fetch-url.ts';
import type { SourcePlace } from './find-files.ts';

const refreshMs = 100;

/** Whether a source is not on this machine. */
export function isUrl(source: string): boolean {
  return /^(https?|hf|s3|az):\/\//.test(source);
}

/** Downloads what a URL stands for into the cache, with a line of progress; what is there already and unchanged is not fetched again. */
export async function download(url: string, place: SourcePlace): Promise<DataFile[]> {
  if (url.startsWith('hf://')) return (await import('./fetch-hub-files.ts')).fetchHubFiles(url, place);
  if (/^(s3|az):/.test(url)) return (await import('./fetch-objects.ts')).fetchObjects(url, place);
  const target = await cacheFile(url, place.folder);
  const onBytes = progressView(url, place);
  await fetchUrl(url, target, { signal: place.signal, onBytes });
  return [await cached(url, target)];
}

/** Where the file of a URL lies in the cache: under its own name, in a folder of its own. */
export async function cacheFile(url: string, folder: string): Promise<string> {
  const { pathname } = new URL(url);
  const name = decodeURIComponent(path.posix.basename(pathname)).replaceAll(/[^\w.-]+/g, '-') || 'data';
  const own = path.join(await cacheFolder(folder), createHash('sha256').update(url).digest('hex').slice(0, 16));
  await mkdir(own, { recursive: true });
  return path.join(own, name);
}

/** A file of the cache under its URL. */
export async function cached(url: string, file: string): Promise<DataFile> {
  return { path: file, name: url, size: (await stat(file)).size };
}

/** Shows how far a download is, in one line that is updated in place. */
export function progressView(url: string, { display: show }: SourcePlace) {
  const startedAt = performance.now();
  let display: Display | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  return (bytes: number, total: number | undefined) => {
    const now = performance.now();
    if (now - shownAt < refreshMs && bytes !== total) return;
    shownAt = now;
    const fraction = total === undefined ? undefined : bytes / Math.max(1, total);
    const progress = { phase: `downloading ${url}`, step: bytes, steps: total, unit: 'bytes' as const, figures: {} };
    const line = progressBundle(progress, now - startedAt);
    const bundle = { ...line, [mime.progress]: { text: 'downloading', fraction } };
    if (display === undefined) display = show?.(bundle);
    else display.update(bundle);
  };
}
