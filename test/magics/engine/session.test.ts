import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Graph } from '../../../magics/engine/graph.ts';
import { openNativeApi } from '../../../magics/engine/native/session.ts';
import { add, multiply } from '../../../magics/engine/ops/arithmetic.ts';
import { gemm } from '../../../magics/engine/ops/matmul.ts';
import { createSession, resolveDevice, type Session } from '../../../magics/engine/session.ts';
import { type HostTensor, zeros } from '../../../magics/engine/tensor.ts';

afterEach(() => vi.unstubAllEnvs());

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

const routes = ['native', 'binding'] as const;

function open(route: Session['route'], model: Uint8Array, externalDataFolder?: string): Promise<Session> {
  vi.stubEnv('LLMOPS_SESSION', route);
  return createSession(model, { device: 'cpu', threads: 1, externalDataFolder });
}

function float32(dims: readonly number[], ...values: number[]): HostTensor {
  return { type: 'float32', dims, data: Float32Array.from(values) };
}

/** y = x W^T + 1 for x of any number of rows, with W in a file of its own; count = rows of x. */
async function linearModel(): Promise<{ model: Uint8Array; folder: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'session-'));
  await writeFile(path.join(folder, 'weights.bin'), Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer));
  const graph = new Graph();
  const x = graph.input('x', ['rows', 2]);
  const weights = graph.initializer('weights', [3, 2], { location: 'weights.bin', offset: 0, length: 24 });
  graph.output('y', add(graph, gemm(graph, x, weights, { transposeB: true }), graph.scalar(1)));
  graph.output('shape', graph.node('Shape', [x], [2], { type: 'int64' }));
  return { model: graph.encode(), folder };
}

/** total' = total + step; the same values under both names of `updated`. */
function counterModel(): Uint8Array {
  const graph = new Graph();
  graph.output('updated', add(graph, graph.input('total', [4]), graph.input('step', [4])));
  return graph.encode();
}

describe('sessions', () => {
  it('take the native route where nothing forces the other one', async () => {
    const session = await createSession(counterModel(), { device: 'cpu' });
    expect([session.route, session.inputNames, session.outputNames]).toEqual([
      'native',
      ['total', 'step'],
      ['updated'],
    ]);
    await session.release();
  });

  it.each(routes)(
    '%s: run a graph of free sizes on weights from a file, without touching its inputs',
    async (route) => {
      const { model, folder } = await linearModel();
      const session = await open(route, model, folder);
      expect(session.route).toBe(route);
      const x = float32([2, 2], 1, 1, 0, 2);
      const { y, shape } = await session.run({ x });
      expect([y!.dims, [...y!.data]]).toEqual([
        [2, 3],
        [4, 8, 12, 5, 9, 13],
      ]);
      expect([shape!.type, [...shape!.data]]).toEqual(['int64', [2n, 2n]]);
      expect([...x.data]).toEqual([1, 1, 0, 2]);
      expect(Object.keys(await session.run({ x }, ['shape']))).toEqual(['shape']);
      expect((await session.run({ x: zeros('float32', [0, 2]) })).y!.dims).toEqual([0, 3]);
      await session.release();
    },
  );

  it.each(routes)('%s: a bound run reads and writes the same memory each time', async (route) => {
    const { model, folder } = await linearModel();
    const session = await open(route, model, folder);
    const [x, y] = [zeros('float32', [1, 2]), zeros('float32', [1, 3])];
    const bound = session.bind({ x }, { y });
    for (const value of [1, 2]) {
      x.data.fill(value);
      await bound.run();
      expect([...y.data]).toEqual([3 * value + 1, 7 * value + 1, 11 * value + 1]);
    }
    bound.release();
    await session.release();
  });

  it.each(routes)('%s: an output in the memory of an input is state that stays in place', async (route) => {
    const session = await open(route, counterModel());
    const total = zeros('float32', [4]);
    const bound = session.bind({ total, step: float32([4], 1, 2, 3, 4) }, { updated: total });
    for (let i = 0; i < 3; i++) await bound.run();
    expect([...total.data]).toEqual([3, 6, 9, 12]);
    await session.release();
  });

  it('a part of a larger buffer is an input or output like any other', async () => {
    const session = await open('native', counterModel());
    const all = Float32Array.from({ length: 12 }, (_, i) => i);
    const part = (from: number): HostTensor => ({ type: 'float32', dims: [4], data: all.subarray(from, from + 4) });
    const bound = session.bind({ total: part(0), step: part(4) }, { updated: part(8) });
    bound.runSync!();
    expect([...all]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 4, 6, 8, 10]);
    await session.release();
  });

  it('the event loop gets its turns while the native route computes', async () => {
    const graph = new Graph();
    let x = graph.input('x', [256, 256]);
    for (let i = 0; i < 50; i++) x = multiply(graph, gemm(graph, x, x), graph.scalar(0.001));
    graph.output('y', x);
    const session = await open('native', graph.encode());
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const runs = Array.from({ length: 4 }, () => session.run({ x: zeros('float32', [256, 256]) }));
    await Promise.all(runs);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
    await session.release();
  });

  it.each(routes)('%s: releasing waits for what runs, frees the memory and may be repeated', async (route) => {
    const { model, folder } = await linearModel();
    const session = await open(route, model, folder);
    const running = session.run({ x: float32([1, 2], 1, 1) });
    await session.release();
    expect([...(await running).y!.data]).toEqual([4, 8, 12]);
    await session.release();
    await expect(session.run({ x: float32([1, 2], 1, 1) })).rejects.toThrow(/was released/);
  });

  it('many sessions and runs later the process is no larger', async () => {
    const graph = new Graph();
    const weights = graph.initializer('weights', [512, 512], new Float32Array(512 * 512));
    graph.output('y', gemm(graph, graph.input('x', [512, 512]), weights));
    const model = graph.encode();
    const cycle = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const session = await open('native', model);
        const bound = session.bind({ x: zeros('float32', [512, 512]) }, { y: zeros('float32', [512, 512]) });
        await bound.run();
        await session.run({ x: zeros('float32', [512, 512]) });
        await session.release();
      }
    };
    await cycle(10);
    const before = process.memoryUsage().rss;
    await cycle(60);
    // Each cycle holds 1 MB of weights and five matrices of 1 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 2 ** 20);
  });

  it.each(routes)('%s: a truncated model, missing weights or a wrong input is named', async (route) => {
    const { model, folder } = await linearModel();
    await expect(open(route, model.subarray(0, 100), folder)).rejects.toThrow(
      /^ONNX Runtime cannot load the model: .*download or save them again/s,
    );
    await writeFile(path.join(folder, 'weights.bin'), Buffer.alloc(8));
    await expect(open(route, model, folder)).rejects.toThrow(/cannot load the model/);
    const session = await open(route, counterModel());
    await expect(session.run({ total: zeros('float32', [4]) })).rejects.toThrow(/step/);
    await expect(session.run({ total: zeros('float32', [3]), step: zeros('float32', [4]) })).rejects.toThrow(/total/);
    await session.release();
  });

  it('a tensor whose numbers do not fill its shape is refused before native code sees it', async () => {
    const session = await open('native', counterModel());
    const short: HostTensor = { type: 'float32', dims: [4], data: new Float32Array(3) };
    await expect(session.run({ total: short, step: short })).rejects.toThrow(/\[4\] takes 4 numbers, not 3/);
    expect(openNativeApi()).toBe(openNativeApi());
    await session.release();
  });
});
