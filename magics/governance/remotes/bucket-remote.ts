import { open, stat } from 'node:fs/promises';
import { type Bucket, type PartPlan, partCount, partSize } from './bucket.ts';
import { downloadRanges, type RangeSource } from './download-ranges.ts';
import { objectPath, oidAt } from './object-path.ts';
import { forEachParallel } from './parallel.ts';
import type { Remote, UploadOptions } from './remote.ts';
import { objectNowhere, storeFailure } from './remote-errors.ts';

/** Parts of one file that are sent at the same time. */
const parallelParts = 3;
const minPartBytes = 8 << 20;
/** S3 takes 10,000. */
const maxParts = 9000;

/** A bucket below a prefix, with objects at `sha256/ab/cdef...`. */
export function createBucketRemote(bucket: Bucket, prefix: string, url: string): Remote {
  const start = prefix === '' ? '' : `${prefix}/`;
  const keyOf = (oid: string) => `${start}${objectPath(oid)}`;
  const tell = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw storeFailure(url, error);
    }
  };
  return {
    url,
    size: (oid) => tell(async () => (await bucket.stat(keyOf(oid)))?.size),
    upload: (oid, file, options) => tell(() => upload(bucket, keyOf(oid), file, options)),
    download: (oid, file, options) =>
      tell(async () => {
        const facts = await bucket.stat(keyOf(oid));
        if (facts === undefined) throw objectNowhere(oid, url);
        const read: RangeSource['read'] = (range, stop) => bucket.read(keyOf(oid), range, stop);
        const source = { ...facts, read };
        await downloadRanges(source, file, options);
      }),
    async *list() {
      for await (const { key, size, modifiedAt } of listed(bucket, `${start}sha256/`, url)) {
        const oid = oidAt(key.slice(start.length));
        if (oid !== undefined) yield { oid, size, modifiedAt };
      }
    },
    remove: (oid) => tell(() => bucket.remove(keyOf(oid))),
    claim: (commit) => tell(() => bucket.put(`${start}repositories/${commit}`, Buffer.from('\n'))),
    async claims() {
      const commits: string[] = [];
      for await (const { key } of listed(bucket, `${start}repositories/`, url)) commits.push(key.split('/').at(-1)!);
      return commits;
    },
  };
}

async function* listed(bucket: Bucket, prefix: string, url: string) {
  try {
    yield* bucket.list(prefix);
  } catch (error) {
    throw storeFailure(url, error);
  }
}

async function upload(bucket: Bucket, key: string, file: string, options: UploadOptions): Promise<void> {
  const { size } = await stat(file);
  const partBytes = Math.max(minPartBytes, Math.ceil(size / maxParts));
  const plan = { size, partBytes, notes: options.notes };
  try {
    await sendParts(bucket, key, file, plan, options);
  } catch (error) {
    if ((error as { name?: string }).name !== 'NoSuchUpload') throw error;
    // The store has forgotten the interrupted upload, and so have its notes.
    await sendParts(bucket, key, file, plan, options);
  }
}

async function sendParts(
  bucket: Bucket,
  key: string,
  file: string,
  plan: PartPlan,
  { signal, onBytes }: UploadOptions,
): Promise<void> {
  const handle = await open(file);
  const read = async (part: number) => {
    const buffer = Buffer.alloc(partSize(plan, part));
    await handle.read(buffer, 0, buffer.length, part * plan.partBytes);
    return buffer;
  };
  try {
    if (partCount(plan) <= 1) {
      await bucket.put(key, await read(0));
      onBytes?.(plan.size);
      return;
    }
    const target = await bucket.openUpload(key, plan);
    const parts = Array.from({ length: partCount(plan) }, (_, part) => part);
    for (const part of parts) if (target.has(part)) onBytes?.(partSize(plan, part), true);
    const send = async (part: number, stop: AbortSignal) => {
      await target.send(part, await read(part), stop);
      onBytes?.(partSize(plan, part));
    };
    await forEachParallel(
      parts.filter((part) => !target.has(part)),
      parallelParts,
      send,
      signal,
    );
    await target.complete();
  } finally {
    await handle.close();
  }
}
