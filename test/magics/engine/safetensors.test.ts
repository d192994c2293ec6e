import { mkdir, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RandomStream, randomStream } from '../../../magics/engine/random.ts';
import {
  locateTensors,
  readMetadata,
  readSafetensors,
  readTensor,
  type Tensor,
  type TensorLocation,
  writeSafetensors,
} from '../../../magics/engine/safetensors.ts';
import { readHeader } from '../../../magics/engine/safetensors-header.ts';
import { isUserError } from '../../../magics/errors.ts';
import { randomTensor } from './finite-differences.ts';

const temporaryFile = async () => path.join(await mkdtemp(path.join(tmpdir(), 'safetensors-')), 'model.safetensors');

function tensorsOf(...shapes: number[][]): Map<string, Tensor> {
  return new Map(shapes.map((shape, i) => [`tensor.${i}`, { shape, data: randomTensor(shape, i) }]));
}

/** A file of a given header, and `dataBytes` zeros. */
async function fileOf(header: unknown, dataBytes: number): Promise<string> {
  const file = await temporaryFile();
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  await writeFile(file, Buffer.concat([length, json, Buffer.alloc(dataBytes)]));
  return file;
}

describe('safetensors', () => {
  it('reads back what it wrote, scalars and empty tensors too, in the same order', async () => {
    const file = await temporaryFile();
    const tensors = tensorsOf([3, 4], [], [0, 5], [7]);
    await writeSafetensors(file, tensors, { metadata: { steps: '12' } });
    expect([...(await readSafetensors(file))]).toEqual([...tensors]);
    expect(await readMetadata(file)).toEqual({ format: 'pt', steps: '12' });
    expect(await readdir(path.dirname(file))).toEqual(['model.safetensors']);
  });

  it('leaves nothing beside a file whose place it cannot take', async () => {
    const file = await temporaryFile();
    await mkdir(path.join(file, 'occupied'), { recursive: true });
    await expect(writeSafetensors(file, tensorsOf([3]))).rejects.toThrow();
    expect(await readdir(path.dirname(file))).toEqual(['model.safetensors']);
  });

  it('lays out the bytes as the format says: data aligned to 8 bytes, little-endian', async () => {
    const file = await temporaryFile();
    await writeSafetensors(file, new Map([['x', { shape: [2], data: Float32Array.of(1, -2) }]]));
    const bytes = await readFile(file);
    const headerBytes = Number(bytes.readBigUInt64LE(0));
    expect(headerBytes % 8).toBe(0);
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)).x).toEqual({
      dtype: 'F32',
      shape: [2],
      data_offsets: [0, 8],
    });
    expect([bytes.readFloatLE(8 + headerBytes), bytes.readFloatLE(12 + headerBytes)]).toEqual([1, -2]);
  });

  it('stores float16 with a relative error of at most 2^-11', async () => {
    const file = await temporaryFile();
    const tensors = tensorsOf([100]);
    await writeSafetensors(file, tensors, { dtype: 'float16' });
    const [[, { data }]] = [...(await readSafetensors(file))] as [[string, Tensor]];
    for (const [i, value] of tensors.get('tensor.0')!.data.entries()) {
      expect(Math.abs(data[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11);
    }
    expect((await locateTensors(file)).get('tensor.0')).toMatchObject({ dtype: 'F16', length: 200 });
  });

  it('reads BF16', async () => {
    const file = await fileOf({ x: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } }, 0);
    await writeFile(file, Uint8Array.of(0x80, 0x3f, 0x20, 0xc0), { flag: 'a' });
    expect([...(await readSafetensors(file)).get('x')!.data]).toEqual([1, -2.5]);
  });

  it('names the offsets where a file is cut short', async () => {
    const file = await temporaryFile();
    await writeSafetensors(file, tensorsOf([10], [10]));
    const whole = (await readFile(file)).length;
    await truncate(file, whole - 1);
    await expect(readSafetensors(file)).rejects.toThrow(
      `tensor "tensor.1" should end at byte ${whole}, but the file ends at byte ${whole - 1}`,
    );
    await truncate(file, 20);
    await expect(readSafetensors(file)).rejects.toThrow(/header should end at byte \d+, but the file ends at byte 20/);
    await truncate(file, 3);
    await expect(readSafetensors(file)).rejects.toThrow(/it has 3 bytes/);
  });

  it('says what is wrong with a malformed header', async () => {
    await expect(fileOf('{"x":', 0).then(readSafetensors)).rejects.toThrow(/header \(bytes 8 to 13\) is not JSON/);
    await expect(fileOf([1], 0).then(readSafetensors)).rejects.toThrow(/not a JSON object/);
    const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 4] };
    await expect(fileOf({ x: entry }, 4).then(readSafetensors)).rejects.toThrow(/takes 8 bytes, not 4/);
    await expect(fileOf({ x: { ...entry, shape: 'two' } }, 4).then(readSafetensors)).rejects.toThrow(
      /no dtype, shape or/,
    );
    await expect(fileOf({ x: null }, 4).then(readSafetensors)).rejects.toThrow(/tensor "x" has no dtype/);
    await expect(fileOf({ x: { ...entry, dtype: 'constructor' } }, 4).then(readSafetensors)).rejects.toThrow(
      /has type/,
    );
    await expect(fileOf({ __metadata__: { steps: 3 } }, 0).then(readSafetensors)).rejects.toThrow(/"__metadata__"/);
    await expect(fileOf({ x: { ...entry, dtype: 'Q4' } }, 4).then(readSafetensors)).rejects.toThrow(/has type Q4/);
    const integers = { x: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } };
    await expect(fileOf(integers, 8).then(readSafetensors)).rejects.toThrow(/type I64; weights can be read as F32/);
    await expect(readSafetensors('/nowhere/model.safetensors')).rejects.toThrow(/Cannot open the weights/);
  });

  it('refuses tensors that overlap, leave a gap, reach beyond the file or stop before its end', async () => {
    const floats = (from: number, count: number) => ({
      dtype: 'F32',
      shape: [count],
      data_offsets: [from, from + 4 * count],
    });
    const refused = async (header: object, dataBytes: number) => fileOf(header, dataBytes).then(readSafetensors);
    await expect(refused({ x: floats(0, 2), y: floats(4, 1) }, 8)).rejects.toThrow(
      /"y" at byte \d+ overlaps tensor "x"/,
    );
    await expect(refused({ x: floats(0, 1), y: floats(8, 1) }, 12)).rejects.toThrow(
      /"y" .* leaves a gap after tensor "x"/,
    );
    await expect(refused({ x: floats(4, 1) }, 8)).rejects.toThrow(/leaves a gap after the header/);
    await expect(refused({ x: floats(0, 4) }, 8)).rejects.toThrow(/"x" should end at byte \d+, but the file ends/);
    await expect(refused({ x: floats(0, 1) }, 8)).rejects.toThrow(/its tensors end at byte \d+, but the file ends/);
    await expect(refused({ x: { ...floats(0, 1), data_offsets: [0, -4] } }, 8)).rejects.toThrow(/data_offsets/);
    const vast = { dtype: 'F32', shape: [2 ** 30, 2 ** 30], data_offsets: [0, 8] };
    await expect(refused({ x: vast }, 8)).rejects.toThrow(/takes \d+ bytes, not 8/);
  });

  it('refuses a header longer than the format allows without reading it', async () => {
    const file = await temporaryFile();
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(200_000_000n);
    await writeFile(file, length);
    await truncate(file, 300_000_000);
    await expect(locateTensors(file)).rejects.toThrow(/header of 200000000 bytes is longer than the format allows/);
  });

  it('finds tensors beyond 2 and 4 GB, and reads them alone', async () => {
    const file = await temporaryFile();
    const [large, small] = [5 * 2 ** 30, 8];
    const header = Buffer.from(
      JSON.stringify({
        large: { dtype: 'U8', shape: [large], data_offsets: [0, large] },
        small: { dtype: 'F32', shape: [2], data_offsets: [large, large + small] },
      }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    await writeFile(file, Buffer.concat([length, header]));
    const handle = await open(file, 'r+');
    await handle.write(Buffer.from(Float32Array.of(1.5, -2).buffer), 0, small, 8 + header.length + large);
    await handle.close();
    const location = (await locateTensors(file)).get('small')!;
    expect([...(await readTensor('small', location)).data]).toEqual([1.5, -2]);
    await rm(file);
  });

  it('2,000 damaged headers each give an error for the user, or tensors that lie in the file without overlap', async () => {
    const file = await temporaryFile();
    await writeSafetensors(file, tensorsOf([3, 4], [5], [2, 2]), { metadata: { steps: '1' } });
    const whole = await readFile(file);
    const random = randomStream('fuzz', 1);
    for (let i = 0; i < 2000; i++) {
      const bytes = mutate(whole, random);
      const read = async (from: number, length: number) => Buffer.from(bytes.subarray(from, from + length));
      const header = await readHeader(file, { bytes: bytes.length, read }).catch((error: unknown) => {
        if (!isUserError(error)) throw error;
        return undefined;
      });
      if (header !== undefined) checkInside(header.tensors, bytes.length);
    }
  });
});

/** The file with some bytes of its first part changed, left out or doubled, or a number of its header made strange. */
function mutate(whole: Buffer, random: RandomStream): Buffer {
  const pick = (count: number) => Math.floor(random.uniform() * count);
  const headerEnd = 8 + Number(whole.readBigUInt64LE(0));
  const kind = pick(4);
  if (kind === 0) {
    const text = whole.toString('latin1', 8, headerEnd);
    const strange = ['-1', '1e400', '9007199254740993', 'null', '"F32"', '[]', '{}', '0.5', '18446744073709551615'];
    const header = Buffer.from(
      text.replaceAll(/\d+/g, (digits) => (pick(8) === 0 ? strange[pick(9)]! : digits)),
      'latin1',
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, header, whole.subarray(headerEnd)]);
  }
  const at = pick(headerEnd);
  if (kind === 1) return Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1 + pick(4))]);
  if (kind === 2) return Buffer.concat([whole.subarray(0, at), whole.subarray(Math.max(0, at - pick(9)))]);
  const changed = Buffer.from(whole);
  for (let i = 0; i <= pick(3); i++) changed[pick(headerEnd)] = pick(256);
  return changed;
}

function checkInside(tensors: ReadonlyMap<string, TensorLocation>, fileBytes: number): void {
  let end = 0;
  let isApart = true;
  for (const { offset, length } of [...tensors.values()].sort((a, b) => a.offset - b.offset || a.length - b.length)) {
    isApart &&= offset >= end;
    end = offset + length;
  }
  expect(isApart && end <= fileBytes).toBe(true);
}
