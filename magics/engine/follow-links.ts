import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { TensorLocation } from './safetensors.ts';

/**
 * The same weights with links followed, and the folder that holds their files: ONNX Runtime reads external data only from
 * real files of the folder it is given, and the files of a hub's snapshot are links.
 */
export async function followLinks(
  weights: ReadonlyMap<string, TensorLocation>,
): Promise<{ folder: string; weights: Map<string, TensorLocation> }> {
  const files = [...new Set([...weights.values()].map(({ file }) => file))];
  const real = new Map(await Promise.all(files.map(async (file) => [file, await realpath(file)] as const)));
  const followed = [...weights].map(([name, at]) => [name, { ...at, file: real.get(at.file)! }] as const);
  return { folder: path.dirname(real.get(files[0]!)!), weights: new Map(followed) };
}
