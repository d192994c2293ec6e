import { elementCount } from '../graph.ts';
import { elementTypes } from '../onnx.ts';
import { arrayTypes, type HostTensor, type TensorArray } from '../tensor.ts';
import type { OrtApi } from './api.ts';

/** OrtValues over the tensors' own memory: nothing is copied. Keep the tensors as long as the values, and release these. */
export function createValues(api: OrtApi, tensors: readonly HostTensor[]): BigUint64Array {
  const values = new BigUint64Array(tensors.length);
  try {
    for (const [i, tensor] of tensors.entries()) values[i] = createValue(api, tensor);
    return values;
  } catch (error) {
    releaseValues(api, values);
    throw error;
  }
}

export function releaseValues(api: OrtApi, values: BigUint64Array): void {
  for (const value of values) api.release('releaseValue', value);
}

/** A copy of an OrtValue that ONNX Runtime allocated. */
export function readValue(api: OrtApi, value: bigint): HostTensor {
  const shape = api.get('tensorShape', value);
  try {
    const dims = readDims(api, shape);
    const number = Number(BigInt.asIntN(32, api.get('shapeElementType', shape)));
    const type = typeOf(number);
    const bytes = elementCount(dims) * arrayTypes[type].BYTES_PER_ELEMENT;
    const { buffer } = bytes === 0 ? new Uint8Array() : api.copy(api.get('tensorData', value), bytes);
    return { type, dims, data: new arrayTypes[type](buffer as ArrayBuffer) as TensorArray };
  } finally {
    api.release('releaseShape', shape);
  }
}

function createValue(api: OrtApi, { type, dims, data }: HostTensor): bigint {
  const shape = BigInt64Array.from(dims, BigInt);
  const count = elementCount(dims);
  if (data.length !== count) throw new Error(`A tensor of shape [${dims}] takes ${count} numbers, not ${data.length}.`);
  return api.get(
    'createTensor',
    api.cpuMemory,
    // An empty array has no address; ONNX Runtime wants one.
    data.length === 0 ? api.address(nothing) : api.address(data),
    data.byteLength,
    shape,
    dims.length,
    elementTypes[type],
  );
}

const nothing = new Uint8Array(64);

function readDims(api: OrtApi, shape: bigint): number[] {
  const rank = Number(api.get('shapeRank', shape));
  const dims = new BigInt64Array(rank);
  api.call('shapeDimensions', shape, dims, rank);
  return [...dims].map(Number);
}

function typeOf(number: number): HostTensor['type'] {
  const entry = Object.entries(elementTypes).find(([, value]) => value === number);
  if (entry === undefined) throw new Error(`An output has the element type ${number}, which is not supported.`);
  return entry[0] as HostTensor['type'];
}
