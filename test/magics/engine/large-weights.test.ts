import { open, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createGenerator } from '../../../magics/engine/generator.ts';
import { writeTokenizer } from './families/golden-model.ts';
import { tinyModel } from './tiny-model.ts';

/** The file with `bytes` of nothing put before its tensors, as another head's weight; a sparse file takes no room. */
async function padWeights(file: string, bytes: number): Promise<void> {
  const whole = await readFile(file);
  const end = 8 + Number(whole.readBigUInt64LE(0));
  const header = JSON.parse(whole.toString('utf8', 8, end));
  for (const entry of Object.values<{ data_offsets?: number[] }>(header)) {
    if (entry.data_offsets !== undefined) entry.data_offsets = entry.data_offsets.map((offset) => offset + bytes);
  }
  const json = Buffer.from(
    JSON.stringify({ ...header, 'v_head.weight': { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  await writeFile(file, Buffer.concat([length, json]));
  const handle = await open(file, 'r+');
  await handle.write(whole, end, whole.length - end, 8 + json.length + bytes);
  await handle.close();
}

it('weights that lie beyond 5 GB of a file decode like those of a small one, without it being read whole', async () => {
  const folder = await tinyModel();
  await writeTokenizer(folder, 13);
  const decode = async () => {
    const generator = await createGenerator({ modelFolder: folder, device: 'cpu', threads: 1 });
    const [generation] = await generator.generate([[3, 4, 5]], { maxNewTokens: 16, temperature: 0 });
    await generator.dispose();
    return generation!.tokens;
  };
  const expected = await decode();
  const file = path.join(folder, 'model.safetensors');
  await padWeights(file, 5 * 2 ** 30);
  const before = process.memoryUsage().rss;
  expect(await decode()).toEqual(expected);
  expect(process.memoryUsage().rss - before).toBeLessThan(500e6);
  await rm(folder, { recursive: true });
});
