import { UserError } from '../../errors.ts';
import { listObjects, openObject } from '../../governance/remotes/open-object.ts';
import type { DataFile } from './data-file.ts';
import { cached, cacheFile, progressView } from './download.ts';
import type { SourcePlace } from './find-files.ts';
import { globExpression, isGlob } from './glob.ts';

/** Objects of `s3://bucket/key` or `az://container/key`, where the key may have wildcards, downloaded into the cache. */
export async function fetchObjects(url: string, place: SourcePlace): Promise<DataFile[]> {
  const files: DataFile[] = [];
  for (const one of await matching(url)) files.push(await fetchObject(one, place));
  return files;
}

async function matching(url: string): Promise<string[]> {
  if (!isGlob(url)) return [url];
  const matches = globExpression(url);
  const found = await listObjects(url.slice(0, url.search(/[*?{]/)));
  const urls = found.map((object) => object.url).filter((name) => matches.test(name));
  if (urls.length === 0) throw nothingMatches(url);
  return urls.sort();
}

/** The cache is keyed by the object's ETag: what has changed in the store is fetched anew. */
async function fetchObject(url: string, place: SourcePlace): Promise<DataFile> {
  const object = await openObject(url);
  const file = await cacheFile(`${url}?etag=${encodeURIComponent(object.etag ?? '')}`, place.folder);
  const known = await cached(url, file).catch(() => undefined);
  if (known?.size === object.size) return known;
  const show = progressView(url, place);
  let arrived = 0;
  const onBytes = (bytes: number) => {
    arrived += bytes;
    show(arrived, object.size);
  };
  await object.download(file, { signal: place.signal, onBytes });
  return cached(url, file);
}

function nothingMatches(url: string): UserError {
  return new UserError(`No object matches ${url}. "*" stands for a part of a name, "**" for any folders.`, {
    offending: url,
  });
}
