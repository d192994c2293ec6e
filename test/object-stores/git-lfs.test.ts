import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { audit } from '../../magics/governance/audit/index.ts';
import { objectFile } from '../../magics/governance/objects.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import type { ObjectPointer } from '../../magics/governance/record-parts.ts';
import { makeModel, makeModels } from '../magics/governance/model-fixture.ts';
import { git, makeFolder } from '../magics/governance/repository-fixture.ts';

it('git lfs fsck finds the same damaged file as our audit, and none before', async () => {
  const { folder, store } = await makeModels([]);
  const files = [await store.objects.putText('good weights', 'a.bin'), await store.objects.putText('other', 'b.bin')];
  const tags = { 'triage@v1.0.0': 'v1.0.0' };
  await store.commit({ records: [makeModel('v1.0.0', { files })], message: 'Files', tags });
  const twin = makeTwin(folder, files);
  expect((await audit(store)).problems).toEqual([]);
  expect(fsck(twin)).toEqual({ code: 0, oids: [] });

  for (const file of [objectFile(folder, files[0]!.oid), lfsFile(twin, files[0]!)]) flipBit(file);
  const { problems } = await audit(await openStore(folder));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ rule: 'object', subject: 'llmops/models/triage/model.json' });
  expect(problems[0]!.problem).toContain('a.bin');
  expect(fsck(twin)).toEqual({ code: 1, oids: [files[0]!.oid.slice(7)] });
});

/** A repository of git LFS with the same objects, from the terms of our pointers. */
function makeTwin(folder: string, files: readonly ObjectPointer[]): string {
  const twin = makeFolder();
  git(twin, 'init', '--quiet');
  git(twin, 'lfs', 'install', '--local', '--skip-smudge');
  writeFileSync(path.join(twin, '.gitattributes'), '*.bin filter=lfs diff=lfs merge=lfs -text\n');
  for (const file of files) {
    const { path: name, oid, size } = file;
    writeFileSync(path.join(twin, name), `version https://git-lfs.github.com/spec/v1\noid ${oid}\nsize ${size}\n`);
    mkdirSync(path.dirname(lfsFile(twin, file)), { recursive: true });
    copyFileSync(objectFile(folder, oid), lfsFile(twin, file));
  }
  git(twin, 'add', '.');
  git(twin, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '-m', 'Pointers');
  return twin;
}

function lfsFile(twin: string, { oid }: ObjectPointer): string {
  return path.join(twin, '.git/lfs/objects', oid.slice(7, 9), oid.slice(9, 11), oid.slice(7));
}

/** The exit code of `git lfs fsck` and the objects that it calls corrupt. */
function fsck(folder: string): { code: number | null; oids: string[] } {
  const { status, stdout, stderr } = spawnSync('git', ['lfs', 'fsck', '--dry-run'], { cwd: folder, encoding: 'utf8' });
  return { code: status, oids: [...new Set(`${stdout}${stderr}`.match(/[0-9a-f]{64}/g) ?? [])] };
}

function flipBit(file: string): void {
  chmodSync(file, 0o644);
  const bytes = readFileSync(file);
  bytes[0]! ^= 1;
  writeFileSync(file, bytes);
}
