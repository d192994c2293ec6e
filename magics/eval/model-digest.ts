import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { digestModelFile } from '../governance/digest-model-file.ts';
import { contentKey } from '../jobs/key.ts';

/** `sha256:` over the names and contents of the files that decide what a model folder answers. */
export async function modelDigest(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /\.(json|jinja|safetensors|model|txt)$/.test(name)).sort();
  const files = await Promise.all(names.map(async (name) => [name, await digestModelFile(path.join(folder, name))]));
  return contentKey(Object.fromEntries(files));
}
