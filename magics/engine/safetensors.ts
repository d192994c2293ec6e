import { type FileHandle, open, rename } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { fromBfloat16, fromFloat16, toFloat16 } from './half.ts';

export interface Tensor {
  shape: readonly number[];
  data: Float32Array;
}

/** Where a tensor lies: absolute byte offsets in its file. */
export interface TensorLocation {
  file: string;
  dtype: string;
  shape: readonly number[];
  offset: number;
  length: number;
}

const bytesPerElement: Record<string, number> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};

/** All tensors of a safetensors file as float32; F32, F16 and BF16 are read. UserError for a damaged file. */
export async function readSafetensors(file: string): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const [name, location] of await locateTensors(file)) tensors.set(name, await readTensor(name, location));
  return tensors;
}

/** The tensors of a safetensors file by name, from its header alone. UserError for a damaged file. */
export async function locateTensors(file: string): Promise<Map<string, TensorLocation>> {
  const { header, dataStart, fileBytes } = await readHeader(file);
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__') as [string, HeaderEntry][];
  return new Map(entries.map(([name, entry]) => [name, locate(file, name, entry, dataStart, fileBytes)]));
}

/** The header's free-form texts. */
export async function readMetadata(file: string): Promise<Record<string, string>> {
  return ((await readHeader(file)).header.__metadata__ ?? {}) as Record<string, string>;
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
    const { buffer } = await readBytes(handle, offset, length);
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
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(encodeHeader(header));
    for (const { data } of tensors.values())
      await handle.writeFile(asBytes(dtype === 'float32' ? data : toFloat16(data)));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

async function readHeader(
  file: string,
): Promise<{ header: Record<string, unknown>; dataStart: number; fileBytes: number }> {
  const handle = await openFile(file);
  try {
    const fileBytes = (await handle.stat()).size;
    if (fileBytes < 8) throw damagedFile(file, `it has ${fileBytes} bytes; the header's length alone takes 8`);
    const dataStart = 8 + Number((await readBytes(handle, 0, 8)).readBigUInt64LE());
    if (dataStart > fileBytes) {
      throw damagedFile(file, `the header should end at byte ${dataStart}, but the file ends at byte ${fileBytes}`);
    }
    const header = parseHeader(file, (await readBytes(handle, 8, dataStart - 8)).toString('utf8'));
    return { header, dataStart, fileBytes };
  } finally {
    await handle.close();
  }
}

function parseHeader(file: string, text: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw damagedFile(file, `the header (bytes 8 to ${8 + Buffer.byteLength(text)}) is not JSON`, cause);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw damagedFile(file, 'the header is not a JSON object');
  }
  return header as Record<string, unknown>;
}

function locate(file: string, name: string, entry: HeaderEntry, dataStart: number, fileBytes: number): TensorLocation {
  const { dtype, shape, data_offsets: range } = entry;
  const size = bytesPerElement[dtype];
  if (size === undefined) throw unsupportedDtype(file, name, dtype);
  if (!isSizes(shape) || !isSizes(range) || range.length !== 2) {
    throw damagedFile(file, `the header's entry of tensor "${name}" has no shape or no data_offsets`);
  }
  const [start, end] = range;
  const length = shape.reduce((product, dimension) => product * dimension, size);
  if (end - start !== length) {
    throw damagedFile(
      file,
      `tensor "${name}" of shape [${shape}] and type ${dtype} takes ${length} bytes, not ${end - start}`,
    );
  }
  if (dataStart + end > fileBytes) {
    throw damagedFile(
      file,
      `tensor "${name}" should end at byte ${dataStart + end}, but the file ends at byte ${fileBytes}`,
    );
  }
  return { file, dtype, shape, offset: dataStart + start, length };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** The header's length in 8 bytes, then its JSON, padded with spaces so that the data starts at a multiple of 8. */
function encodeHeader(header: Record<string, unknown>): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (cause) {
    throw new UserError(`Cannot open the weights ${file}: ${(cause as Error).message}.`, { cause });
  }
}

/** Reads into memory of its own, all of it: a typed array of any element size may lie over its buffer. */
async function readBytes(handle: FileHandle, position: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const buffer = Buffer.from(new ArrayBuffer(length));
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0)
      throw new Error(`The file ended at byte ${position + done}, before byte ${position + length}.`);
    done += bytesRead;
  }
  return buffer;
}

function asBytes(data: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function damagedFile(file: string, reason: string, cause?: unknown): UserError {
  return new UserError(`${file} is not a whole safetensors file: ${reason}. Download or save it again.`, { cause });
}

export function unsupportedDtype(file: string, name: string, dtype: string): UserError {
  return new UserError(`Tensor "${name}" in ${file} has type ${dtype}; weights can be read as F32, F16 or BF16.`);
}
