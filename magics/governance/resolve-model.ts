import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ModelReference, Run } from '../handles.ts';
import { modelFolderIncomplete } from './errors.ts';
import { readModel } from './model-versions.ts';
import { openStore } from './open-store.ts';

/** A model from a handle, `name@v1.0.0`, `name` (newest version) or the path of a local Hugging Face folder. */
export async function resolveModel(value: string | ModelReference | Run, folder: string): Promise<ModelReference> {
  if (typeof value !== 'string') return 'model' in value ? value.model : value;
  const local = path.resolve(folder, value);
  if (existsSync(path.join(local, 'config.json'))) {
    const name = path.basename(local);
    return { name, version: 'local', ref: name, folder: local };
  }
  if (existsSync(local) && /[\\/]/.test(value)) throw modelFolderIncomplete(value);
  const store = await openStore(folder);
  const { name, version } = await readModel(store, value);
  const ref = `${name}@${version}`;
  return { name, version, ref, folder: await store.modelFolder(ref) };
}
