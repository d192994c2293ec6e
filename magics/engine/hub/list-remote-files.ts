import path from 'node:path';
import type { RemoteFile } from './download-file.ts';
import type { Fetch } from './hub-fetch.ts';
import type { HubReference } from './reference.ts';

/** The files at the top of a model's repository, or all of a data set's, with what their content must hash to. */
export async function listRemoteFiles(
  { kind: type, repository: name, revision }: HubReference,
  endpoint: string,
  fetch: Fetch,
): Promise<RemoteFile[]> {
  const { listFiles } = await import('@huggingface/hub');
  const prefix = type === 'model' ? '' : `${type}s/`;
  const files: RemoteFile[] = [];
  const where = { repo: { type, name }, revision, hubUrl: endpoint, recursive: type === 'dataset' };
  for await (const entry of listFiles({ ...where, fetch })) {
    const etag = entry.lfs?.oid ?? entry.oid ?? '';
    if (entry.type !== 'file' || !isInside(entry.path) || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(etag)) continue;
    const escaped = entry.path.split('/').map(encodeURIComponent).join('/');
    const url = `${endpoint}/${prefix}${name}/resolve/${revision}/${escaped}`;
    files.push({ name: entry.path, url, size: entry.lfs?.size ?? entry.size, etag });
  }
  return files;
}

/** Names come from the repository: none may lead out of the snapshot. */
function isInside(name: string): boolean {
  return !path.isAbsolute(name) && name.split(/[\\/]/).every((part) => !['', '.', '..'].includes(part));
}
