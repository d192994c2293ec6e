import { existsSync } from 'node:fs';
import path from 'node:path';
import { isAdapterFolder } from '../engine/adapter-config.ts';
import { parseHubReference } from '../engine/hub/reference.ts';
import { type DownloadPlace, resolveHubModel } from '../engine/hub/resolve-hub-model.ts';
import type { ModelReference, Run } from '../handles.ts';
import { modelFolderIncomplete, modelFolderNotFound } from './errors.ts';
import { readModel } from './model-versions.ts';
import { openStore } from './open-store.ts';
import { resolveAdapter } from './resolve-adapter.ts';

/**
 * A model from a handle, `name@v1.0.0`, `name` (newest version), the path of a local Hugging Face folder or of an
 * adapter in PEFT's layout, or a repository of the hub (`owner/name`, `owner/name@revision`), which is downloaded into Hugging Face's cache; `place`
 * shows that and stops it. Nothing but a name of that form touches the network.
 */
export async function resolveModel(
  value: string | ModelReference | Run,
  folder: string,
  place: DownloadPlace = {},
): Promise<ModelReference> {
  if (typeof value !== 'string') return 'model' in value ? value.model : value;
  const local = path.resolve(folder, value);
  if (existsSync(path.join(local, 'config.json'))) {
    const name = path.basename(local);
    return { name, version: 'local', ref: name, folder: local };
  }
  if (isAdapterFolder(local)) return resolveAdapter(local, folder, (base) => resolveModel(base, folder, place));
  if (existsSync(local) && /[\\/]/.test(value)) throw modelFolderIncomplete(value);
  // `model/triage@v1.0.0` is a record.
  const hub = value.startsWith('model/') ? undefined : parseHubReference(value);
  if (hub !== undefined) {
    // `models/tiny` beside a folder `models` is a path with a typo: the network is not asked about it.
    const [parent = ''] = value.split('/');
    if (!hub.isExplicit && existsSync(path.resolve(folder, parent))) throw modelFolderNotFound(value, parent);
    return resolveHubModel(hub, place);
  }
  if (/^[.~]|^\/|[\\/].*[\\/]/.test(value)) throw modelFolderNotFound(value);
  const store = await openStore(folder);
  const { name, version } = await readModel(store, value);
  const ref = `${name}@${version}`;
  return { name, version, ref, folder: await store.modelFolder(ref) };
}
