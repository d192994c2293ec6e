import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { objectFile } from '../../../../magics/governance/objects.ts';
import { openStore } from '../../../../magics/governance/open-store.ts';
import { collectGarbage } from '../../../../magics/governance/remotes/collect-garbage.ts';
import { openRemote, type Remote } from '../../../../magics/governance/remotes/remote.ts';
import { pull, push } from '../../../../magics/governance/remotes/transfer.ts';
import type { RecordStore } from '../../../../magics/governance/store.ts';
import { makeDataset, makeModel, makeModels } from '../model-fixture.ts';
import { git, makeFolder } from '../repository-fixture.ts';

const text = 'weights '.repeat(10_000);

describe('push and pull', () => {
  it('move the files of all records, once, and go on where they were interrupted', async () => {
    const { folder, store, remote, oid } = await makeStored();
    const incoming = path.join(remote.folder, 'incoming', oid.slice(7));
    mkdirSync(path.dirname(incoming), { recursive: true });
    writeFileSync(incoming, text.slice(0, 30_000));
    expect(await push(store, remote)).toEqual({ moved: 2, bytes: text.length + 4, present: 0 });
    expect(await push(store, remote)).toEqual({ moved: 0, bytes: 0, present: 2 });

    const clone = path.join(makeFolder(), 'clone');
    git(folder, 'clone', '--quiet', folder, clone);
    const copy = await openStore(clone);
    const part = path.join(clone, '.llmops/objects', `${oid.slice(7)}.incoming`);
    mkdirSync(path.dirname(part), { recursive: true });
    writeFileSync(part, text.slice(0, 50_000));
    expect(await pull(copy, remote, 'triage')).toEqual({ moved: 1, bytes: text.length, present: 0 });
    expect(await pull(copy, remote)).toEqual({ moved: 1, bytes: 4, present: 1 });
    const [file] = (await copy.read('model', 'triage'))!.files;
    expect(readFileSync(await copy.objects.file(file!), 'utf8')).toBe(text);
    expect(git(clone, 'status', '--porcelain')).toBe('');
  });

  it('find a flipped bit on either side, and a file that is nowhere', async () => {
    const { folder, store, remote, oid } = await makeStored();
    await push(store, remote);
    const clone = path.join(makeFolder(), 'clone');
    git(folder, 'clone', '--quiet', folder, clone);
    const stored = path.join(remote.folder, 'sha256', oid.slice(7, 9), oid.slice(9));
    flipBit(stored);
    const copy = await openStore(clone);
    await expect(pull(copy, remote, 'triage')).rejects.toThrow(/holds for model\.safetensors is damaged/);
    const empty = await openRemote(copy.repository.git, pathToFileURL(makeFolder()).href);
    await expect(pull(copy, empty)).rejects.toThrow(/Not on file:.*: the files rows\.jsonl, model\.safetensors\./);
    const own = objectFile(folder, oid);
    chmodSync(own, 0o644);
    flipBit(own);
    await expect(push(await openStore(folder), empty)).rejects.toThrow('is damaged');
  });

  it('bring what there is before they name a file that is nowhere', async () => {
    const { folder, store, remote, oid } = await makeStored();
    await push(store, remote);
    rmSync(path.join(remote.folder, 'sha256', oid.slice(7, 9), oid.slice(9)));
    const clone = path.join(makeFolder(), 'clone');
    git(folder, 'clone', '--quiet', folder, clone);
    const copy = await openStore(clone);
    await expect(pull(copy, remote)).rejects.toThrow(/the file model\.safetensors\. Push it from/);
    const [rows] = (await copy.list('dataset')).map(({ object }) => object!);
    expect(readFileSync(await copy.objects.file(rows!), 'utf8')).toBe('rows');
  });

  it('say which remotes there are', async () => {
    const { store } = await makeModels([]);
    await expect(openRemote(store.repository.git)).rejects.toThrow('git config llmops.remote');
    await expect(openRemote(store.repository.git, 'ftp://x')).rejects.toThrow('"ftp://x" is no remote');
  });
});

describe('collectGarbage', () => {
  it('removes what is old and unnamed; never what a branch, a tag or the reflog reaches', async () => {
    const { folder, store, oid } = await makeStored();
    git(folder, 'checkout', '--quiet', '-b', 'other');
    const onBranch = await store.objects.putText('on a branch', 'a');
    await store.commit({ records: [makeDataset('branch', { object: onBranch })], message: 'Branch' });
    git(folder, 'checkout', '--quiet', 'main');
    const onlyInReflog = await store.objects.putText('in the reflog', 'b');
    await store.commit({ records: [makeDataset('gone', { object: onlyInReflog })], message: 'Gone' });
    git(folder, 'reset', '--quiet', '--hard', 'HEAD~1');
    const young = await store.objects.putText('young', 'c');
    const unnamed = await store.objects.putText('unnamed', 'd');
    for (const object of [onBranch.oid, onlyInReflog.oid, unnamed.oid, oid]) age(store, object);

    expect(await collectGarbage(store, { dryRun: true })).toEqual({ files: 1, bytes: 7 });
    expect(await collectGarbage(store)).toEqual({ files: 1, bytes: 7 });
    for (const object of [onBranch.oid, onlyInReflog.oid, young.oid, oid]) {
      expect(statSync(objectFile(folder, object)).isFile()).toBe(true);
    }
    await expect(store.objects.file(unnamed)).rejects.toThrow('is not in this copy');
  });
});

/** A model and a data set with files in the object store, and an empty remote. */
async function makeStored(): Promise<{
  folder: string;
  store: RecordStore;
  remote: Remote & { folder: string };
  oid: string;
}> {
  const { folder, store } = await makeModels([]);
  const file = await store.objects.putText(text, 'model.safetensors');
  const object = await store.objects.putText('rows', 'rows.jsonl');
  const records = [makeModel('v1.0.0', { files: [file] }), makeDataset('tickets', { object })];
  await store.commit({ records, message: 'Files', tags: { 'triage@v1.0.0': 'v1.0.0' } });
  const target = makeFolder();
  git(folder, 'config', 'llmops.remote', pathToFileURL(target).href);
  return { folder, store, remote: { ...(await openRemote(store.repository.git)), folder: target }, oid: file.oid };
}

function flipBit(file: string): void {
  const bytes = readFileSync(file);
  bytes[100]! ^= 4;
  writeFileSync(file, bytes);
}

function age(store: RecordStore, oid: string): void {
  utimesSync(objectFile(store.folder, oid), new Date('2020-01-01'), new Date('2020-01-01'));
}
