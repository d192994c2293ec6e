import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../../magics/engine/config.ts';
import { createDeviceMemory } from '../../../../magics/engine/decode/device-memory.ts';
import { createDeviceSession, DeviceFailed } from '../../../../magics/engine/device-session.ts';
import { Graph } from '../../../../magics/engine/graph.ts';
import type { DeviceTensor } from '../../../../magics/engine/tensor.ts';
import { isWebGpuExpected } from '../software-renderer.ts';
import { tinyConfig } from '../tiny-model.ts';

const config = parseModelConfig({ ...tinyConfig, num_hidden_layers: 1 });
const device = { device: 'webgpu', threads: 1 } as const;

describe.runIf(isWebGpuExpected)('memory of a graphics device', { timeout: 60_000 }, () => {
  it('puts rows of blocks together, cut or lengthened with zeros', async () => {
    const memory = createDeviceMemory(config, device);
    const width = config.keyValueHeads * config.headSize;
    const data = Float32Array.from({ length: 3 * 2 * width }, (_, i) => i + 1);
    const { cache } = await memory.upload({ cache: { type: 'float32', dims: [3, 2, width], data } });
    const block = { rows: 3, positions: 2, tensors: [cache!, cache!] };
    const zeros = await memory.zeros(1, 4);
    const places = [
      { block, row: 2 },
      { block, row: 0 },
      { block: zeros, row: 0 },
    ];
    const [longer, shorter] = [await memory.gather(places, 3), await memory.gather(places.slice(0, 2), 1)];
    const [empty, row] = [
      Array<number>(width).fill(0),
      (row: number) => [...data.subarray(row * width, (row + 1) * width)],
    ];
    expect(await read(longer.tensors[1]!)).toEqual(
      [row(4), row(5), empty, row(0), row(1), empty, empty, empty, empty].flat(),
    );
    expect(await read(shorter.tensors[0]!)).toEqual([...row(4), ...row(0)]);
    for (const tensor of [cache!, ...[zeros, longer, shorter].flatMap(({ tensors }) => tensors)]) tensor.dispose();
    await memory.release();
  });

  it('says which device refused memory and what to do, and goes on', async () => {
    const memory = createDeviceMemory(config, device);
    const refused = await memory.zeros(2 ** 14, 2 ** 16).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DeviceFailed);
    expect((refused as Error).message).toMatch(/^The device "webgpu" could not compute: .* --device cpu\.$/);
    const block = await memory.zeros(1, 8);
    expect(block.tensors[0]!.dims).toEqual([1, 8, config.keyValueHeads * config.headSize]);
    for (const tensor of block.tensors) tensor.dispose();
    await memory.release();
  });
});

async function read(tensor: DeviceTensor): Promise<number[]> {
  const graph = new Graph();
  graph.output('copy', graph.input('tensor', tensor.dims));
  const session = await createDeviceSession(graph.encode(), device);
  const { copy } = await session.run({ tensor }, ['copy']);
  await session.release();
  return [...(copy!.data as Float32Array)];
}
