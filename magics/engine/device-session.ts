import { availableParallelism } from 'node:os';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { UserError } from '../errors.ts';
import type { SessionOptions } from './session.ts';
import type { DeviceFeeds, DeviceTensor, Feeds, HostTensor } from './tensor.ts';

/** A loaded graph on a graphics device, whose inputs and outputs may stay in the device's memory. One run at a time. */
export interface DeviceSession {
  readonly inputNames: readonly string[];
  /** Computes the named outputs into the host's memory, and those of `inPlace` into these tensors, which may be inputs too. */
  run(inputs: Inputs, outputNames: readonly string[], inPlace?: DeviceFeeds): Promise<Feeds>;
  release(): Promise<void>;
}

/** A loaded graph all of whose outputs stay in the device's memory. */
export interface DeviceFunction {
  run(inputs: Inputs): Promise<DeviceFeeds>;
  release(): Promise<void>;
}

/** A graphics device was lost, or refused memory: no fault of what it was asked to compute. */
export class DeviceFailed extends UserError {}

/** Inputs in the memory of the host or of the device. */
export type Inputs = Record<string, HostTensor | DeviceTensor>;

export type DeviceOptions = Pick<SessionOptions, 'device' | 'threads'>;

/** Loads a serialized model through onnxruntime-node, which can hold tensors of WebGPU. UserError when it is refused. */
export async function createDeviceSession(model: Uint8Array, options: DeviceOptions): Promise<DeviceSession> {
  const { session, toOrt } = await load(model, options, {});
  return {
    inputNames: session.inputNames,
    async run(inputs, outputNames, inPlace = {}) {
      const fetches = { ...Object.fromEntries(outputNames.map((name) => [name, null])), ...(inPlace as Tensors) };
      const results = await runOn(options, () => session.run(toOrt(inputs), fetches));
      return Object.fromEntries(outputNames.map((name) => [name, results[name] as unknown as HostTensor]));
    },
    release: () => session.release(),
  };
}

/** The same for a model that makes or changes tensors on the device. */
export async function createDeviceFunction(model: Uint8Array, options: DeviceOptions): Promise<DeviceFunction> {
  const { session, toOrt } = await load(model, options, { preferredOutputLocation: 'gpu-buffer' });
  return {
    run: async (inputs) => {
      const results = await runOn(options, () => session.run(toOrt(inputs)));
      return results as unknown as DeviceFeeds;
    },
    release: () => session.release(),
  };
}

type Tensors = Record<string, OrtTensor>;

async function load(
  model: Uint8Array,
  options: DeviceOptions,
  outputs: Pick<InferenceSession.SessionOptions, 'preferredOutputLocation'>,
) {
  const { device, threads = availableParallelism() } = options;
  const ort = await import('onnxruntime-node');
  const session = await runOn(options, () =>
    ort.InferenceSession.create(model, {
      executionProviders: [device, 'cpu'],
      intraOpNumThreads: threads,
      graphOptimizationLevel: 'all',
      // Fatal ones only: errors are thrown, not logged.
      logSeverityLevel: 4,
      ...outputs,
    }),
  );
  const toOrt = (feeds: Inputs): Tensors => {
    const convert = (tensor: HostTensor | DeviceTensor) =>
      isOnDevice(tensor)
        ? (tensor as unknown as OrtTensor)
        : new ort.Tensor(tensor.type as 'float32', tensor.data as Float32Array, tensor.dims);
    return Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, convert(tensor)]));
  };
  return { session, toOrt };
}

function isOnDevice(tensor: HostTensor | DeviceTensor): tensor is DeviceTensor {
  return 'location' in tensor && tensor.location === 'gpu-buffer';
}

/** Does work on a device; a DeviceFailed that names it when that fails. */
export async function runOn<T>({ device }: DeviceOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw deviceFailed(device, cause);
  }
}

/** What a device answered, as one sentence with what to do. */
export function deviceFailed(device: string, cause: unknown): DeviceFailed {
  const message = cause instanceof Error ? cause.message : String(cause);
  // What follows is a place in ONNX Runtime's source.
  const [reason] = message.trim().split(/\n| Name:'/);
  return new DeviceFailed(
    `The device "${device}" could not compute: ${reason} It may be lost or short of memory. Close what else uses it, or run on the processor: --device cpu.`,
    { cause },
  );
}
