import { elementCount } from './graph.ts';
import type { ElementType } from './onnx.ts';

/** Numbers as a session takes them: int64 as BigInt64Array, bool as bytes, 16-bit floats by their bits. */
export type TensorArray = Float32Array | Int32Array | BigInt64Array | Int8Array | Uint8Array | Uint16Array;

/** An input or output of a session: memory of the caller's, row-major. `data` may be a part of a larger buffer. */
export interface HostTensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: TensorArray;
}

/** Inputs or outputs of a graph by name. */
export type Feeds = Record<string, HostTensor>;

/** A tensor in a graphics device's memory, which stays until it is disposed of. */
export interface DeviceTensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly location: 'gpu-buffer';
  dispose(): void;
}

/** The same on the device. */
export type DeviceFeeds = Record<string, DeviceTensor>;

export const arrayTypes = {
  float32: Float32Array,
  int32: Int32Array,
  int64: BigInt64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
} as const satisfies Record<ElementType, unknown>;

type ArrayOf<Type extends ElementType> = InstanceType<(typeof arrayTypes)[Type]>;

/** A tensor whose element type is known. */
export interface TypedTensor<Type extends ElementType> extends HostTensor {
  readonly type: Type;
  readonly data: ArrayOf<Type>;
}

/** A tensor of zeros. */
export function zeros<Type extends ElementType>(type: Type, dims: readonly number[]): TypedTensor<Type> {
  return { type, dims, data: new arrayTypes[type](elementCount(dims)) as ArrayOf<Type> };
}
