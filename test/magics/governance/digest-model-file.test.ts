import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { digestModelFile } from '../../../magics/governance/digest-model-file.ts';
import { digestText } from '../../../magics/governance/objects.ts';
import { makeFolder } from './repository-fixture.ts';

it('gives the digest of what the file holds now, through links too', async () => {
  const folder = makeFolder();
  const [file, link] = [path.join(folder, 'blob'), path.join(folder, 'model.safetensors')];
  writeFileSync(file, 'one');
  symlinkSync(file, link);
  expect(await digestModelFile(link)).toBe(digestText('one'));
  expect(await digestModelFile(file)).toBe(digestText('one'));
  writeFileSync(file, 'other');
  expect(await digestModelFile(link)).toBe(digestText('other'));
  await expect(digestModelFile(path.join(folder, 'none'))).rejects.toThrow('ENOENT');
});
