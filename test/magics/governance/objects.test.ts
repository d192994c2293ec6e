import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createObjectStore, digestText } from '../../../magics/governance/objects.ts';
import { git, makeFolder, makeRepository } from './repository-fixture.ts';

describe('createObjectStore', () => {
  it('stores a file under its sha256, read-only and out of git', async () => {
    const folder = makeRepository();
    const source = path.join(makeFolder(), 'weights.bin');
    writeFileSync(source, Buffer.alloc(3_000_000, 7));
    const objects = createObjectStore(folder);
    const pointer = await objects.putFile(source, 'model.safetensors');

    expect(pointer).toEqual({ path: 'model.safetensors', oid: digestText('\x07'.repeat(3_000_000)), size: 3_000_000 });
    const file = await createObjectStore(folder).file(pointer);
    const hex = pointer.oid.slice(7);
    expect(file).toBe(path.join(folder, '.llmops/objects/sha256', hex.slice(0, 2), hex.slice(2)));
    expect(statSync(file).mode & 0o777).toBe(0o444);
    expect(git(folder, 'status', '--porcelain')).toBe('');
  });

  it('keeps one copy of equal contents', async () => {
    const objects = createObjectStore(makeFolder());
    const [a, b] = [await objects.putText('ä\n', 'a.txt'), await objects.putText('ä\n', 'b.txt')];
    expect(a).toEqual({ path: 'a.txt', oid: digestText('ä\n'), size: 3 });
    expect(statSync(await objects.file(a)).ino).toBe(statSync(await objects.file(b)).ino);
  });

  it('an object that several store at once is there for each of them as soon as it has stored it', async () => {
    const folder = makeFolder();
    const storeAndRead = async (text: string) => {
      const objects = createObjectStore(folder);
      return objects.file(await objects.putText(text, 'a.txt'));
    };
    for (let i = 0; i < 40; i++) {
      const files = await Promise.all(Array.from({ length: 8 }, () => storeAndRead(`text ${i}`)));
      expect(new Set(files).size).toBe(1);
    }
  });

  it('notices a damaged object on first use, and mends it when the content is stored again', async () => {
    const folder = makeFolder();
    const pointer = await createObjectStore(folder).putText('good', 'a.txt');
    const file = await createObjectStore(folder).file(pointer);
    chmodSync(file, 0o644);
    writeFileSync(file, 'evil');
    await expect(createObjectStore(folder).file(pointer)).rejects.toThrow(/stored copy of a\.txt is damaged/);
    await createObjectStore(folder).putText('good', 'a.txt');
    expect(readFileSync(await createObjectStore(folder).file(pointer), 'utf8')).toBe('good');
  });

  it('says that a missing object is not in this copy of the repository', async () => {
    const pointer = { path: 'a.txt', oid: digestText('elsewhere'), size: 9 };
    await expect(createObjectStore(makeFolder()).file(pointer)).rejects.toThrow(/a\.txt .* is not in this copy/);
  });
});
