import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A repository that the server has: its newest commit and the files at it. */
export interface HubRepository {
  commit: string;
  files: ReadonlyMap<string, Buffer>;
  /** Branches and tags besides `main`, and commits. */
  revisions?: Readonly<Record<string, string>>;
  /** Only requests with this token may see the files; without it they are told of the terms. */
  gatedBy?: string;
}

/** What goes wrong, until it is changed. */
export interface Faults {
  /** Each answer with a large file ends after so many bytes. */
  cutAfterBytes?: number;
  /** Large files are sent whole, whatever range is asked for. */
  ignoresRanges?: boolean;
  /** So many of the next large files arrive with one byte changed. */
  damages?: number;
  /** So many of the next requests to the API are answered 503. */
  unavailable?: number;
  /** Milliseconds between pieces of 64 KiB. */
  delayMs?: number;
}

export interface HubServer {
  readonly endpoint: string;
  readonly repositories: Map<string, HubRepository>;
  readonly faults: Faults;
  /** `GET /path`, with the range and whether a token came along. */
  readonly requests: { line: string; range?: string; token?: string; isStorage: boolean }[];
  close(): Promise<void>;
}

/**
 * A server on loopback that speaks the hub's endpoints: model info, tree, and resolve, which redirects large files to a
 * storage server at another address, as the hub does.
 */
export async function createHubServer(): Promise<HubServer> {
  const repositories: HubServer['repositories'] = new Map();
  const requests: HubServer['requests'] = [];
  const faults: Faults = {};
  const note = (request: IncomingMessage, isStorage: boolean) => {
    const { method, url, headers } = request;
    requests.push({
      line: `${method} ${url?.split('?')[0]}`,
      range: headers.range,
      token: headers.authorization,
      isStorage,
    });
  };
  const storage = createServer((request, response) => {
    note(request, true);
    void sendStored(request, response, repositories, faults);
  });
  const storageAt = await listen(storage);
  const hub = createServer((request, response) => {
    note(request, false);
    if ((faults.unavailable ?? 0) > 0) {
      faults.unavailable!--;
      response.writeHead(503).end();
      return;
    }
    answer(request, response, repositories, storageAt);
  });
  const endpoint = await listen(hub);
  return {
    endpoint,
    repositories,
    faults,
    requests,
    close: async () => {
      for (const server of [hub, storage]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

export function isLarge(name: string): boolean {
  return name.endsWith('.safetensors') || name.endsWith('.bin');
}

export function etagOf(name: string, content: Buffer): string {
  if (isLarge(name)) return createHash('sha256').update(content).digest('hex');
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  repositories: HubServer['repositories'],
  storage: string,
): void {
  const url = new URL(request.url ?? '/', 'http://hub');
  const api = /^\/api\/(?:models|datasets)\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(url.pathname);
  const file = /^\/(?:datasets\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
  const [, name = '', kind, revision = ''] = api ?? [];
  const repository = repositories.get(file?.[1] ?? name);
  if (repository === undefined) {
    refuse(response, 401, undefined, 'Invalid username or password.');
    return;
  }
  const asked = decodeURIComponent(file?.[2] ?? revision);
  const commit = { main: repository.commit, [repository.commit]: repository.commit, ...repository.revisions }[asked];
  if (commit === undefined) refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${asked}`);
  else if (kind === 'revision') sendJson(response, infoOf(name, commit));
  else if (kind === 'tree') sendJson(response, treeOf(repository, url.searchParams.get('recursive') === 'true'));
  else sendFile(request, response, repository, { commit, name: decodeURIComponent(file![3]!), storage });
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  repository: HubRepository,
  { commit, name, storage }: { commit: string; name: string; storage: string },
): void {
  const content = repository.files.get(name);
  if (repository.gatedBy !== undefined && request.headers.authorization !== `Bearer ${repository.gatedBy}`) {
    const status = request.headers.authorization === undefined ? 401 : 403;
    refuse(response, status, 'GatedRepo', 'Access to this model is restricted.');
    return;
  }
  if (content === undefined) {
    refuse(response, 404, 'EntryNotFound', 'Entry not found');
    return;
  }
  const etag = etagOf(name, content);
  const headers = { 'x-repo-commit': commit, 'accept-ranges': 'bytes' };
  if (isLarge(name)) {
    const linked = { 'x-linked-etag': `"${etag}"`, 'x-linked-size': content.length };
    response.writeHead(302, { ...headers, ...linked, location: `${storage}/${etag}` }).end();
    return;
  }
  response.writeHead(200, { ...headers, etag: `"${etag}"`, 'content-length': content.length });
  response.end(request.method === 'HEAD' ? undefined : content);
}

async function sendStored(
  request: IncomingMessage,
  response: ServerResponse,
  repositories: HubServer['repositories'],
  faults: Faults,
): Promise<void> {
  const etag = request.url!.slice(1);
  const all = [...repositories.values()].flatMap(({ files }) => [...files]);
  let content = all.find(([name, bytes]) => isLarge(name) && etagOf(name, bytes) === etag)![1];
  if ((faults.damages ?? 0) > 0) {
    faults.damages!--;
    content = Buffer.from(content);
    content[content.length >> 1]! ^= 1;
  }
  const [, from] = /^bytes=(\d+)-$/.exec(faults.ignoresRanges ? '' : (request.headers.range ?? '')) ?? [];
  const start = Number(from ?? 0);
  const headers = { etag: `"${etag}"`, 'content-length': content.length - start };
  const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
  response.writeHead(from === undefined ? 200 : 206, from === undefined ? headers : { ...headers, ...range });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const end = Math.min(content.length, start + (faults.cutAfterBytes ?? content.length));
  for (let at = start; at < end && !response.destroyed; at += 65_536) {
    response.write(content.subarray(at, Math.min(end, at + 65_536)));
    if (faults.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, faults.delayMs));
  }
  if (end < content.length) setTimeout(() => response.destroy(), 30);
  else response.end();
}

function infoOf(name: string, sha: string) {
  return { _id: '1', id: name, sha, private: false, gated: false, lastModified: '2026-01-02T03:04:05.000Z' };
}

function treeOf({ files }: HubRepository, isRecursive: boolean) {
  const folders = [...files.keys()].flatMap((path) => (path.includes('/') ? [path.slice(0, path.indexOf('/'))] : []));
  const shown = [...files].filter(([path]) => isRecursive || !path.includes('/'));
  const entries = shown.map(([path, content]) => {
    const etag = etagOf(path, content);
    const size = content.length;
    if (!isLarge(path)) return { type: 'file', path, size, oid: etag };
    const pointer = createHash('sha1').update(etag).digest('hex');
    return { type: 'file', path, size, oid: pointer, lfs: { oid: etag, size, pointerSize: 134 } };
  });
  return [...new Set(folders)].map((path) => ({ type: 'directory', path, size: 0, oid: '' })).concat(entries);
}

function refuse(response: ServerResponse, status: number, code: string | undefined, message: string): void {
  response.writeHead(status, { ...(code && { 'x-error-code': code }), 'x-error-message': message }).end();
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
