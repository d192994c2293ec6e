import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { readAdapterConfig } from '../engine/adapter-config.ts';
import { mergeAdapterFolder } from '../engine/merge-adapter-folder.ts';
import type { ModelReference } from '../handles.ts';
import { adapterWithoutBase } from './errors.ts';
import { localFolder } from './local-folder.ts';
import { digestFile, digestText } from './objects.ts';

/**
 * The model that an adapter folder in PEFT's layout makes of the base that it names, merged once below `.llmops/merged/`.
 * A base that is a path may be relative to the adapter or to `folder`. UserError if it names none, or they do not fit.
 */
export async function resolveAdapter(
  adapterFolder: string,
  folder: string,
  resolveBase: (name: string) => Promise<ModelReference>,
): Promise<ModelReference> {
  const { base_model_name_or_path: baseName, revision } = await readAdapterConfig(adapterFolder);
  if (!baseName) throw adapterWithoutBase(adapterFolder);
  const beside = path.resolve(adapterFolder, baseName);
  const isBeside = existsSync(path.join(beside, 'config.json'));
  const base = await resolveBase(isBeside ? beside : revision ? `${baseName}@${revision}` : baseName);
  const name = path.basename(adapterFolder);
  const key = await mergeKey(base.folder, adapterFolder);
  const merged = path.join(await localFolder(folder), 'merged', `${name}-${key}`);
  if (!existsSync(merged)) await mergeAdapterFolder(base.folder, adapterFolder, merged);
  return { name, version: 'local', ref: name, folder: merged };
}

/** Changes with the adapter's content, and with the names, sizes and times of the base's files. */
async function mergeKey(baseFolder: string, adapterFolder: string): Promise<string> {
  const adapter = await Promise.all(
    ['adapter_config.json', 'adapter_model.safetensors'].map((name) => digestFile(path.join(adapterFolder, name))),
  );
  const base = await Promise.all(
    (await readdir(baseFolder)).sort().map(async (name) => {
      const { size, mtimeMs } = await stat(path.join(baseFolder, name));
      return [name, size, mtimeMs];
    }),
  );
  return digestText(JSON.stringify({ baseFolder, base, adapter })).slice('sha256:'.length, 'sha256:'.length + 16);
}
