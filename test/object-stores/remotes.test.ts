import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLargeRows } from '../../magics/dataset/large/large-rows.ts';
import { openSource } from '../../magics/dataset/sources/open-source.ts';
import { objectFile } from '../../magics/governance/objects.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import { collectRemoteGarbage } from '../../magics/governance/remotes/collect-garbage.ts';
import { objectPath } from '../../magics/governance/remotes/object-path.ts';
import { listObjects, openObject } from '../../magics/governance/remotes/open-object.ts';
import type { TransferProgress } from '../../magics/governance/remotes/progress.ts';
import { openRemote, type Remote } from '../../magics/governance/remotes/remote.ts';
import { pull, push } from '../../magics/governance/remotes/transfer.ts';
import type { RecordStore } from '../../magics/governance/store.ts';
import { makeModel, makeModels } from '../magics/governance/model-fixture.ts';
import { git, makeFolder } from '../magics/governance/repository-fixture.ts';
import { type Store, startStore } from './stores.ts';

const megabyte = 1 << 20;
const large = randomBytes(40 * megabyte + 12_345);

describe.each(['s3', 'az'] as const)('a remote of %s://', (scheme) => {
  let on: Store;
  beforeAll(async () => {
    on = await startStore(scheme);
  });
  afterAll(() => on.stop());

  it('takes files once, small and large, and gives them back verified', async () => {
    const { folder, store, remote, oids } = await makeStored(on, [large, Buffer.from('small'), Buffer.alloc(0)]);
    const seen: TransferProgress[] = [];
    const done = await push(store, remote, { onProgress: (progress) => seen.push(progress) });
    expect(done).toEqual({ moved: 3, bytes: large.length + 5, present: 0 });
    expect(seen.at(-1)).toMatchObject({ bytes: large.length + 5, totalBytes: large.length + 5 });
    expect(seen.at(-1)!.bytesPerSecond).toBeGreaterThan(0);
    expect(await push(store, remote)).toEqual({ moved: 0, bytes: 0, present: 3 });

    const copy = await clone(folder);
    expect(await pull(copy, remote, 'triage')).toEqual({ moved: 3, bytes: large.length + 5, present: 0 });
    for (const [i, content] of [large, Buffer.from('small')].entries()) {
      expect(readFileSync(objectFile(copy.folder, oids[i]!)).equals(content)).toBe(true);
    }
    const held: string[] = [];
    for await (const { oid } of remote.list()) held.push(oid);
    expect(held.sort()).toEqual([...oids].sort());
  });

  it('goes on with an interrupted push and pull without moving again what had arrived', async () => {
    const { folder, store, remote, oids } = await makeStored(on, [large]);
    on.wire.reset();
    on.wire.cutAfter({ sent: 30 * megabyte });
    await expect(push(store, remote)).rejects.toThrow(/cannot be reached.*goes on where it stopped/);
    on.wire.reset();
    const seen: TransferProgress[] = [];
    await push(await openStore(folder), await reopen(store, remote), { onProgress: (p) => seen.push(p) });
    // At least one part of 8 MiB had arrived, and none of those is sent twice.
    expect(on.wire.sent).toBeLessThan(large.length - 8 * megabyte + megabyte);
    expect(seen[0]!.bytes).toBeGreaterThanOrEqual(8 * megabyte);
    expect(seen.at(-1)!.bytes).toBe(large.length);

    const copy = await clone(folder);
    on.wire.reset();
    on.wire.cutAfter({ received: 30 * megabyte });
    await expect(pull(copy, remote)).rejects.toThrow(/cannot be reached/);
    const arrived = statSync(path.join(copy.folder, '.llmops/objects', `${oids[0]!.slice(7)}.incoming`)).size;
    expect(arrived).toBeGreaterThan(8 * megabyte);
    on.wire.reset();
    expect(await pull(await openStore(copy.folder), remote)).toMatchObject({ moved: 1 });
    expect(on.wire.received).toBeLessThan(large.length - arrived + megabyte);
    const [file] = (await copy.read('model', 'triage'))!.files;
    expect(readFileSync(await copy.objects.file(file!)).equals(large)).toBe(true);
  });

  it('names what a flipped bit has damaged, and keeps the local copy as it is', async () => {
    const content = Buffer.from('weights '.repeat(1000));
    const { folder, store, remote, oids } = await makeStored(on, [content]);
    await push(store, remote);
    const damaged = Buffer.from(content);
    damaged[100]! ^= 4;
    await on.bucket.put(keyOf(remote, oids[0]!), damaged);
    const copy = await clone(folder);
    await expect(pull(copy, remote, 'triage')).rejects.toThrow(/holds for file-0 is damaged/);
    await expect(copy.objects.file({ path: 'file-0', oid: oids[0]!, size: content.length })).rejects.toThrow(
      'is not in this copy',
    );
    expect(readFileSync(objectFile(folder, oids[0]!)).equals(content)).toBe(true);
  });

  it('is cleared only of what no ref of any git remote reaches, and of nothing while one is unknown', async () => {
    const origin = path.join(makeFolder(), 'origin.git');
    const { folder, store, remote, oids } = await makeStored(on, [Buffer.from('kept')]);
    const orphan = await store.objects.putText('orphan', 'orphan');
    await push(store, remote);
    await remote.upload(orphan.oid, await store.objects.file(orphan), { notes: path.join(folder, 'notes') });
    git(folder, 'clone', '--quiet', '--bare', folder, origin);
    git(folder, 'remote', 'add', 'origin', origin);
    const colleague = await clone(origin);
    const theirs = await colleague.objects.putText('theirs', 'theirs');
    await colleague.commit({ records: [makeModel('v2.0.0', { name: 'other', files: [theirs] })], message: 'Theirs' });
    await push(colleague, remote);
    git(colleague.folder, 'push', '--quiet', 'origin', 'HEAD:refs/heads/theirs');

    await expect(collectRemoteGarbage(store, remote, { ageDays: 0 })).rejects.toThrow(
      /refs\/heads\/theirs.*git fetch/s,
    );
    git(folder, 'fetch', '--quiet', 'origin');
    expect(await collectRemoteGarbage(store, remote, { ageDays: 14 })).toEqual({ files: 0, bytes: 0 });
    expect(await collectRemoteGarbage(store, remote, { ageDays: 0 })).toEqual({ files: 1, bytes: 6 });
    expect(await remote.size(orphan.oid)).toBeUndefined();
    for (const oid of [oids[0]!, theirs.oid]) expect(await remote.size(oid)).toBeGreaterThan(0);

    const stranger = await makeStored(on, [Buffer.from('strange')], remote.url);
    await push(stranger.store, stranger.remote);
    await expect(collectRemoteGarbage(store, remote, { ageDays: 0 })).rejects.toThrow('files of another repository');
  });

  it('says what is wrong with a bucket that does not exist, and shows no secret', async () => {
    const { store } = await makeModels([]);
    const remote = await openRemote(store.repository.git, `${scheme}://elsewhere/x`);
    await expect(remote.claim('a')).rejects.toThrow(`The bucket of ${scheme}://elsewhere/x does not exist.`);
    const withSecret = openRemote(store.repository.git, `${scheme}://key:secret@bucket/x`);
    await expect(withSecret).rejects.toThrow('may not hold credentials');
    await expect(withSecret).rejects.not.toThrow('secret@');
  });

  it('gives single objects by ranges and as files, and lists them', async () => {
    const url = on.freshUrl();
    const key = `${url.split('/').at(-1)}/rows.csv`;
    await on.bucket.put(key, Buffer.from('a,b\n1,2\n'));
    expect(await listObjects(url)).toEqual([{ url: `${url}/rows.csv`, size: 8 }]);
    const object = await openObject(`${url}/rows.csv`);
    expect(object.size).toBe(8);
    expect((await buffer(await object.read({ start: 4, end: 7 }))).toString()).toBe('1,2');
    const file = path.join(makeFolder(), 'rows.csv');
    writeFileSync(`${file}.part`, 'a,b\n');
    writeFileSync(`${file}.part.etag`, object.etag);
    await object.download(file);
    expect(readFileSync(file, 'utf8')).toBe('a,b\n1,2\n');
    await on.bucket.put(key, Buffer.from('c,d\n3,4\n'));
    await expect(object.read({ start: 0, end: 8 })).rejects.toThrow('was changed while it was read');
    await expect(openObject(`${url}/none.csv`)).rejects.toThrow('There is no ');
  });

  it('gives data sets their rows, by address or pattern, and what is unchanged only once', async () => {
    const url = on.freshUrl();
    const prefix = url.split('/').at(-1);
    for (const [name, n] of [
      ['a', 1],
      ['b', 2],
    ] as const)
      await on.bucket.put(`${prefix}/${name}.csv`, Buffer.from(`n\n${n}\n`));
    const folder = makeFolder();
    const rowsOf = async (source: string) => {
      const { rows } = await openSource(source, { folder });
      return isLargeRows(rows) ? [] : rows.objects();
    };
    expect(await rowsOf(`${url}/*.csv`)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await rowsOf(`${url}/b.csv`)).toEqual([{ n: 2 }]);
    await on.bucket.put(`${prefix}/b.csv`, Buffer.from('n\n3\n'));
    expect(await rowsOf(`${url}/b.csv`)).toEqual([{ n: 3 }]);
    await expect(rowsOf(`${url}/*.jsonl`)).rejects.toThrow('No object matches');
  });
});

interface Stored {
  folder: string;
  store: RecordStore;
  remote: Remote;
  oids: string[];
}

/** A model with files of these contents, and a remote that holds none of them. */
async function makeStored(on: Store, contents: readonly Buffer[], url = on.freshUrl()): Promise<Stored> {
  const { folder, store } = await makeModels([]);
  const source = path.join(makeFolder(), 'file');
  const files = [];
  for (const [i, content] of contents.entries()) {
    writeFileSync(source, content);
    files.push(await store.objects.putFile(source, `file-${i}`));
  }
  const tags = { 'triage@v1.0.0': 'v1.0.0' };
  await store.commit({ records: [makeModel('v1.0.0', { files })], message: 'Files', tags });
  const remote = await openRemote(store.repository.git, url);
  return { folder, store, remote, oids: files.map((file) => file.oid) };
}

/** Opened anew, as another process would. */
async function reopen(store: RecordStore, remote: Remote): Promise<Remote> {
  return openRemote(store.repository.git, remote.url);
}

async function clone(folder: string): Promise<RecordStore> {
  const copy = path.join(makeFolder(), 'clone');
  git(folder, 'clone', '--quiet', folder, copy);
  git(copy, 'config', 'user.name', 'Bob');
  git(copy, 'config', 'user.email', 'bob@example.com');
  return openStore(copy);
}

/** The key of an object in the bucket. */
function keyOf(remote: Remote, oid: string): string {
  return `${new URL(remote.url).pathname.slice(1)}/${objectPath(oid)}`;
}
