import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { UserError } from '../errors.ts';
import { createBindingSession } from './binding-session.ts';
import { Graph } from './graph.ts';
import { createNativeSession, openNativeApi } from './native/session.ts';
import type { Feeds } from './tensor.ts';
import type { Device } from './types.ts';

export interface SessionOptions {
  device: Device;
  /** Threads within an operator; absent: all cores. */
  threads?: number;
  /** Folder of the files that initializers with external data name. */
  externalDataFolder?: string;
  /** Whether constants are kept in a second, rearranged copy for faster products (default); it doubles their memory. */
  packsWeights?: boolean;
  /**
   * Many operators one after the other on much memory; false by default. What is no longer needed is then given free
   * as a run goes on, instead of laying out all of a shape's memory in one piece beside what its first run took.
   */
  isTraining?: boolean;
}

/**
 * A loaded graph. Tensors are plain `{ type, dims, data }` over the caller's memory.
 *
 * Two routes lead to ONNX Runtime and compute the same: 'native', its C API, which copies no input or bound output and
 * computes on a thread of its own; and 'binding', the stock package, for WebGPU and wherever the first cannot be loaded.
 * What is to stay in a graphics device's memory goes through `device-session.ts`.
 */
export interface Session {
  readonly route: 'native' | 'binding';
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Computes the named outputs, or all, into new memory. */
  run(inputs: Feeds, outputNames?: readonly string[]): Promise<Feeds>;
  /**
   * Prepares runs that read and write the same memory each time: change the inputs' `data`, run, read the outputs'.
   * An output may be the memory of an input where its operator reads each element before it writes it: state in place.
   */
  bind(inputs: Feeds, outputs: Feeds): BoundRun;
  /** Waits for what runs, then frees the session with everything bound to it: its memory is not garbage-collected. */
  release(): Promise<void>;
}

/** Inputs and outputs of a session, prepared once. Their memory stays in use until `release`. */
export interface BoundRun {
  run(): Promise<void>;
  /** The same on this thread, for what takes less than a millisecond; only the native route has it. */
  readonly runSync?: () => void;
  release(): void;
}

/**
 * Loads a serialized model. UserError when ONNX Runtime refuses it. The environment variable LLMOPS_SESSION (native or
 * binding) forces a route.
 */
export async function createSession(model: Uint8Array, options: SessionOptions): Promise<Session> {
  const {
    device,
    threads = availableParallelism(),
    externalDataFolder = '',
    packsWeights = true,
    isTraining = false,
  } = options;
  const create = routeFor(device) === 'native' ? createNativeSession : createBindingSession;
  try {
    return await create(model, { device, threads, externalDataFolder, packsWeights, isTraining });
  } catch (cause) {
    throw modelRefused(cause);
  }
}

let isNativeLoadable: boolean | undefined;

/** The C API where it can be loaded; it knows no WebGPU. */
function routeFor(device: Device): Session['route'] {
  const forced = process.env.LLMOPS_SESSION;
  if (forced === 'binding' || device === 'webgpu') return 'binding';
  if (forced === 'native') return 'native';
  isNativeLoadable ??= canLoadNative();
  return isNativeLoadable ? 'native' : 'binding';
}

function canLoadNative(): boolean {
  try {
    openNativeApi();
    return true;
  } catch {
    return false;
  }
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

function modelRefused(cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError(
    `ONNX Runtime cannot load the model: ${reason} If its files are damaged, download or save them again.`,
    { cause },
  );
}

function deviceUnavailable(device: Device, cause: unknown): UserError {
  return new UserError(
    `The device "${device}" does not work here: ${missing[device]}. Use device "cpu", or "auto" for the best that works.`,
    { cause },
  );
}
