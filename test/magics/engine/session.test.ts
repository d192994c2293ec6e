import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../magics/engine/graph.ts';
import { add } from '../../../magics/engine/ops/arithmetic.ts';
import { createSession, resolveDevice } from '../../../magics/engine/session.ts';

describe('devices', () => {
  it.each(['webgpu', 'cuda'] as const)('%s works here, or is refused with what to do instead', async (device) => {
    const outcome = await resolveDevice(device).catch((error: Error) => error.message);
    expect(outcome).toMatch(new RegExp(`^${device}$|The device "${device}" does not work here: .* Use device "cpu"`));
  });

  it('auto answers with a device that works', async () => {
    const device = await resolveDevice();
    expect(await resolveDevice(device)).toBe(device);
  });
});

describe('sessions', () => {
  it('run a graph whose sizes are known only when it runs', async () => {
    const graph = new Graph();
    const x = graph.input('x', ['rows', 2]);
    graph.output('y', add(graph, x, graph.scalar(1)));
    const session = await createSession(graph.encode(), { device: 'cpu', threads: 1 });
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]) });
    expect([y!.dims, [...(y!.data as Float32Array)]]).toEqual([
      [2, 2],
      [2, 3, 4, 5],
    ]);
    await session.release();
  });
});
