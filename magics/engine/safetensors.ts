import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { writeFileAtomic } from '../governance/write-file-atomic.ts';
import { fromBfloat16, fromFloat16, toFloat16 } from './half.ts';
import {
  damagedFile,
  encodeHeader,
  readHeader,
  type SafetensorsHeader,
  type TensorLocation,
  unsupportedDtype,
} from './safetensors-header.ts';

export { type TensorLocation, unsupportedDtype } from './safetensors-header.ts';

export interface Tensor {
  shape: readonly number[];
  data: Float32Array;
}

/** All tensors of a safetensors file as float32; F32, F16 and BF16 are read. UserError for a damaged file. */
export async function readSafetensors(file: string): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const [name, location] of await locateTensors(file)) tensors.set(name, await readTensor(name, location));
  return tensors;
}

/** The tensors of a safetensors file by name, from its header alone. UserError for a damaged file. */
export async function locateTensors(file: string): Promise<Map<string, TensorLocation>> {
  return (await openHeader(file)).tensors;
}

/** The header's free-form texts. */
export async function readMetadata(file: string): Promise<Record<string, string>> {
  return (await openHeader(file)).metadata;
}

/** Whether a tensor is of a type that `readTensor` converts to float32. */
export function isReadable({ dtype }: TensorLocation): boolean {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';
}

/** One tensor as float32, read by its byte range. */
export async function readTensor(name: string, location: TensorLocation): Promise<Tensor> {
  const { file, dtype, shape, offset, length } = location;
  if (!isReadable(location)) throw unsupportedDtype(file, name, dtype);
  const handle = await openFile(file);
  try {
    const { buffer } = await readBytes(file, handle, offset, length);
    if (dtype === 'F32') return { shape, data: new Float32Array(buffer) };
    const halves = new Uint16Array(buffer);
    return { shape, data: dtype === 'F16' ? fromFloat16(halves) : fromBfloat16(halves) };
  } finally {
    await handle.close();
  }
}

/** Writes tensors in the given order, converted to `dtype`; the file appears whole, or not at all. */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, Tensor>,
  { dtype = 'float32', metadata = {} }: { dtype?: 'float32' | 'float16'; metadata?: Record<string, string> } = {},
): Promise<void> {
  const size = dtype === 'float32' ? 4 : 2;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...metadata } };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    const start = end;
    end += data.length * size;
    header[name] = { dtype: dtype === 'float32' ? 'F32' : 'F16', shape, data_offsets: [start, end] };
  }
  function* pieces(): Generator<Uint8Array> {
    yield encodeHeader(header);
    for (const { data } of tensors.values()) yield asBytes(dtype === 'float32' ? data : toFloat16(data));
  }
  await writeFileAtomic(file, pieces());
}

async function openHeader(file: string): Promise<SafetensorsHeader> {
  const handle = await openFile(file);
  try {
    const { size } = await handle.stat();
    return await readHeader(file, {
      bytes: size,
      read: (position, length) => readBytes(file, handle, position, length),
    });
  } finally {
    await handle.close();
  }
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (cause) {
    throw new UserError(`Cannot open the weights ${file}: ${(cause as Error).message}.`, { cause });
  }
}

/** Reads into memory of its own, all of it: a typed array of any element size may lie over its buffer. */
async function readBytes(
  file: string,
  handle: FileHandle,
  position: number,
  length: number,
): Promise<Buffer<ArrayBuffer>> {
  const buffer = Buffer.from(new ArrayBuffer(length));
  let done = 0;
  while (done < length) {
    // One call reads less than 2 GB.
    const { bytesRead } = await handle.read(buffer, done, Math.min(length - done, 2 ** 30), position + done);
    if (bytesRead === 0) throw damagedFile(file, `it ended at byte ${position + done} while it was read`);
    done += bytesRead;
  }
  return buffer;
}

function asBytes(data: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
