import { mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  locateTensors,
  readMetadata,
  readSafetensors,
  type Tensor,
  writeSafetensors,
} from '../../../magics/engine/safetensors.ts';
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
    await expect(fileOf({ x: { ...entry, shape: 'two' } }, 4).then(readSafetensors)).rejects.toThrow(/no shape/);
    await expect(fileOf({ x: { ...entry, dtype: 'Q4' } }, 4).then(readSafetensors)).rejects.toThrow(/has type Q4/);
    const integers = { x: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } };
    await expect(fileOf(integers, 8).then(readSafetensors)).rejects.toThrow(/type I64; weights can be read as F32/);
    await expect(readSafetensors('/nowhere/model.safetensors')).rejects.toThrow(/Cannot open the weights/);
  });
});
