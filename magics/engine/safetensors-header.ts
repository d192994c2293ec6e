import { UserError } from '../errors.ts';

/** Where a tensor lies: absolute byte offsets in its file. */
export interface TensorLocation {
  file: string;
  dtype: string;
  shape: readonly number[];
  offset: number;
  length: number;
}

/** A file's tensors in the order of its header, and its free-form texts. */
export interface SafetensorsHeader {
  tensors: Map<string, TensorLocation>;
  metadata: Record<string, string>;
}

/** Bytes that can be read by position. */
export interface ByteSource {
  bytes: number;
  read(position: number, length: number): Promise<Buffer>;
}

/** Bits of an element; two F4 share a byte. */
const bitsPerElement = new Map([
  ['F4', 4],
  ...['BOOL', 'U8', 'I8', 'F8_E4M3', 'F8_E5M2', 'F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ'].map(
    (name) => [name, 8] as const,
  ),
  ...['I16', 'U16', 'F16', 'BF16'].map((name) => [name, 16] as const),
  ...['I32', 'U32', 'F32'].map((name) => [name, 32] as const),
  ...['F64', 'I64', 'U64', 'C64'].map((name) => [name, 64] as const),
]);

/** The format's own limit: 100 MB. */
const maxHeaderBytes = 100_000_000;

/**
 * Reads and checks a file's header as the format demands: entries that are whole and fit their shapes, and data that
 * follow each other without gap or overlap up to the end of the file. UserError that names file, tensor and bytes.
 */
export async function readHeader(file: string, source: ByteSource): Promise<SafetensorsHeader> {
  const fileBytes = source.bytes;
  if (fileBytes < 8) throw damagedFile(file, `it has ${fileBytes} bytes; the header's length alone takes 8`);
  const headerBytes = Number((await source.read(0, 8)).readBigUInt64LE());
  const dataStart = 8 + headerBytes;
  if (dataStart > fileBytes) {
    throw damagedFile(file, `the header should end at byte ${dataStart}, but the file ends at byte ${fileBytes}`);
  }
  if (headerBytes > maxHeaderBytes)
    throw damagedFile(file, `a header of ${headerBytes} bytes is longer than the format allows`);
  const { __metadata__: metadata, ...entries } = parseHeader(
    file,
    (await source.read(8, headerBytes)).toString('utf8'),
  );
  const tensors = new Map(
    Object.entries(entries).map(([name, entry]) => [name, locate(file, name, entry, dataStart)] as const),
  );
  checkLayout(file, tensors, dataStart, fileBytes);
  return { tensors, metadata: checkMetadata(file, metadata) };
}

/** The header's length in 8 bytes, then its JSON, padded with spaces so that the data starts at a multiple of 8. */
export function encodeHeader(header: Record<string, unknown>): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

function parseHeader(file: string, text: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw damagedFile(file, `the header (bytes 8 to ${8 + Buffer.byteLength(text)}) is not JSON`, cause);
  }
  if (!isRecord(header)) throw damagedFile(file, 'the header is not a JSON object');
  return header;
}

function locate(file: string, name: string, entry: unknown, dataStart: number): TensorLocation {
  const { dtype, shape, data_offsets: range } = isRecord(entry) ? entry : {};
  if (typeof dtype !== 'string' || !isSizes(shape) || !isSizes(range) || range.length !== 2) {
    throw damagedFile(file, `the header's entry of tensor "${name}" has no dtype, shape or data_offsets`);
  }
  const bits = bitsPerElement.get(dtype);
  if (bits === undefined) throw unsupportedDtype(file, name, dtype);
  const [start, end] = range as [number, number];
  const length = shape.reduce((product, dimension) => product * dimension, bits) / 8;
  if (end - start !== length) {
    throw damagedFile(
      file,
      `tensor "${name}" of shape [${shape}] and type ${dtype} takes ${length} bytes, not ${end - start}`,
    );
  }
  return { file, dtype, shape, offset: dataStart + start, length };
}

/** Tensors follow each other and fill the data: what is left out, shared or cut off is a sign of damage. */
function checkLayout(
  file: string,
  tensors: ReadonlyMap<string, TensorLocation>,
  dataStart: number,
  fileBytes: number,
): void {
  let end = dataStart;
  let last = 'the header';
  const byPlace = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  for (const [name, { offset, length }] of byPlace) {
    if (offset !== end) {
      const what = offset < end ? 'overlaps' : 'leaves a gap after';
      throw damagedFile(file, `tensor "${name}" at byte ${offset} ${what} ${last}, which ends at byte ${end}`);
    }
    end = offset + length;
    last = `tensor "${name}"`;
    if (end > fileBytes) {
      throw damagedFile(file, `tensor "${name}" should end at byte ${end}, but the file ends at byte ${fileBytes}`);
    }
  }
  if (end !== fileBytes)
    throw damagedFile(file, `its tensors end at byte ${end}, but the file ends at byte ${fileBytes}`);
}

function checkMetadata(file: string, metadata: unknown): Record<string, string> {
  const isTexts = isRecord(metadata) && Object.values(metadata).every((value) => typeof value === 'string');
  if (metadata !== undefined && !isTexts) throw damagedFile(file, 'the header\'s "__metadata__" does not hold texts');
  return (metadata ?? {}) as Record<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

export function damagedFile(file: string, reason: string, cause?: unknown): UserError {
  return new UserError(`${file} is not a whole safetensors file: ${reason}. Download or save it again.`, { cause });
}

export function unsupportedDtype(file: string, name: string, dtype: string): UserError {
  return new UserError(`Tensor "${name}" in ${file} has type ${dtype}; weights can be read as F32, F16 or BF16.`);
}
