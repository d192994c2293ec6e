import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { withFileLock } from '../file-lock.ts';
import { type DownloadOptions, downloadRanges, type RangeSource } from './download-ranges.ts';
import { openBucket } from './open-bucket.ts';
import { downloadInUse, objectUrlMissing, storeFailure } from './remote-errors.ts';
import { parseObjectUrl } from './remote-url.ts';

/** An object of S3 or Azure, read by ranges. */
export interface RemoteObject extends RangeSource {
  readonly url: string;
  readonly etag: string;
  /**
   * Downloads it to `file`, which appears when it is whole; what an interrupted download has brought is kept beside it
   * (`file.part`) and continued while the object is still the same.
   */
  download(file: string, options?: DownloadOptions): Promise<void>;
}

/** The object of `s3://bucket/key` or `az://container/key`; a UserError says when there is none, or no access. */
export async function openObject(url: string): Promise<RemoteObject> {
  const place = parseObjectUrl(url);
  const bucket = await told(url, () => openBucket(place));
  const facts = await told(url, () => bucket.stat(place.path));
  if (facts === undefined) throw objectUrlMissing(url);
  const source: RangeSource = { ...facts, read: (range, signal) => bucket.read(place.path, range, signal) };
  return {
    ...facts,
    url,
    read: (range, signal) => told(url, () => source.read({ etag: facts.etag, ...range }, signal)),
    download: (file, options) => told(url, () => downloadTo(source, file, options)),
  };
}

/** URLs of all objects whose URL begins with `url`, in the store's order, with their sizes in bytes. */
export async function listObjects(url: string): Promise<{ url: string; size: number }[]> {
  const place = parseObjectUrl(url);
  return told(url, async () => {
    const bucket = await openBucket(place);
    const objects: { url: string; size: number }[] = [];
    for await (const { key, size } of bucket.list(place.path)) {
      objects.push({ url: `${place.scheme}://${place.bucket}/${key}`, size });
    }
    return objects;
  });
}

async function downloadTo(source: RangeSource, file: string, options: DownloadOptions = {}): Promise<void> {
  const part = `${file}.part`;
  await withFileLock(
    `${part}.lock`,
    () => downloadInUse(file),
    async () => {
      const version = `${part}.etag`;
      const begun = await readFile(version, 'utf8').catch(() => undefined);
      if (begun !== source.etag) await rm(part, { force: true });
      await writeFile(version, source.etag ?? '');
      await downloadRanges(source, part, options);
      await rename(part, file);
      await rm(version);
    },
  );
}

async function told<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeFailure(url, error);
  }
}
