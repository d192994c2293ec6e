import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { readMetadata, readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts';

export interface Checkpoint {
  /** Parameters and Adam's moments. */
  tensors: ReadonlyMap<string, Tensor>;
  /** Optimizer steps made; dropout masks depend on it. */
  steps: number;
}

/** Writes one file, `checkpoint.safetensors`, which appears whole or not at all. */
export async function saveCheckpoint(folder: string, { tensors, steps }: Checkpoint): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSafetensors(checkpointFile(folder), tensors, { metadata: { steps: String(steps) } });
}

/** Reads a checkpoint that has tensors of the `expected` shapes. UserError if it belongs to another model or is damaged. */
export async function loadCheckpoint(
  folder: string,
  expected: ReadonlyMap<string, Pick<Tensor, 'shape'>>,
): Promise<Checkpoint> {
  const file = checkpointFile(folder);
  const saved = await readSafetensors(file);
  const tensors = new Map<string, Tensor>();
  for (const [name, { shape }] of expected) {
    const found = saved.get(name);
    if (found?.shape.join() !== shape.join()) throw foreignCheckpoint(file, name, shape, found?.shape);
    tensors.set(name, found);
  }
  return { tensors, steps: Number((await readMetadata(file)).steps) };
}

function checkpointFile(folder: string): string {
  return path.join(folder, 'checkpoint.safetensors');
}

function foreignCheckpoint(
  file: string,
  name: string,
  expected: readonly number[],
  found: readonly number[] | undefined,
): UserError {
  const state = found === undefined ? 'lacks the tensor' : `has the shape [${found}] for`;
  return new UserError(
    `The checkpoint ${file} belongs to another training run: it ${state} "${name}" of shape [${expected}]. Start afresh, or use the settings it was made with.`,
  );
}
