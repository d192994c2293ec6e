import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { InferenceSession } from 'onnxruntime-node';
import { UserError } from '../errors.ts';
import { Graph } from './graph.ts';
import type { Device } from './types.ts';

export interface SessionOptions {
  device: Device;
  /** Threads within an operator; absent: all cores. */
  threads?: number;
  /** Folder of the files that initializers with external data name. */
  externalDataFolder?: string;
}

/** An ONNX Runtime session for a serialized model. Release it when done: its memory is not garbage-collected. */
export function createSession(model: Uint8Array, options: SessionOptions): Promise<InferenceSession> {
  const { device, threads = availableParallelism(), externalDataFolder } = options;
  const external =
    externalDataFolder === undefined ? {} : { model_external_initializers_file_folder_path: externalDataFolder };
  return InferenceSession.create(model, {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Idle threads sleep rather than spin: on shared cores spinning is slower than waking up.
    extra: { session: { intra_op: { allow_spinning: '0' }, ...external } },
  });
}

/** The device to run on: the one asked for (UserError if it does not work here), or for 'auto' the best that works. */
export async function resolveDevice(asked: Device | 'auto' = 'auto'): Promise<Device> {
  if (asked === 'cpu') return 'cpu';
  if (asked !== 'auto') {
    const failure = await tryDevice(asked);
    if (failure !== undefined) throw deviceUnavailable(asked, failure);
    return asked;
  }
  if (!hasGraphicsDevice()) return 'cpu';
  for (const device of ['cuda', 'webgpu'] as const) {
    if ((await tryDevice(device)) === undefined) return device;
  }
  return 'cpu';
}

/** Software renderers offer WebGPU as well: on Linux a real GPU shows as a device node. */
function hasGraphicsDevice(): boolean {
  return process.platform !== 'linux' || existsSync('/dev/nvidia0') || existsSync('/dev/dri/renderD128');
}

/** Creates a tiny session on the device; answers what went wrong, or undefined. */
async function tryDevice(device: Device): Promise<unknown> {
  const graph = new Graph();
  const input = graph.input('input', [1]);
  graph.output('output', graph.node('Neg', [input], [1]));
  try {
    await (await createSession(graph.encode(), { device, threads: 1 })).release();
    return undefined;
  } catch (error) {
    return error;
  }
}

const missing: Record<Device, string> = {
  cpu: 'the processor cannot run it',
  webgpu: 'no graphics device that WebGPU can use was found',
  cuda: "ONNX Runtime's CUDA libraries, CUDA itself or an NVIDIA device are missing",
};

function deviceUnavailable(device: Device, cause: unknown): UserError {
  return new UserError(
    `The device "${device}" does not work here: ${missing[device]}. Use device "cpu", or "auto" for the best that works.`,
    { cause },
  );
}
