import type { RuntimeLibrary } from './library.ts';

/** An address; 0 and null are C's NULL. */
export type Pointer = bigint | null;

type Argument = Pointer | number | string | NodeJS.TypedArray;
type NativeFunction = ((...values: Argument[]) => Pointer) & {
  async(...values: (Argument | ((error: unknown, result: Pointer) => void))[]): void;
};

/** Version of the C API that is asked for; the library may be newer. */
const apiVersion = 18;

/** What we call of the struct OrtApi (onnxruntime_c_api.h): the place of each function in it, which never changes. */
const functions = {
  getErrorMessage: [2, 'str', 'void*'],
  createEnv: [3, 'void*', 'int, str, void*'],
  createSessionFromArray: [8, 'void*', 'void*, void*, size_t, void*, void*'],
  run: [9, 'void*', 'void*, void*, void*, void*, size_t, void*, size_t, void*'],
  createSessionOptions: [10, 'void*', 'void*'],
  disableMemoryPattern: [17, 'void*', 'void*'],
  setOptimizationLevel: [23, 'void*', 'void*, int'],
  setIntraOpThreads: [24, 'void*', 'void*, int'],
  setInterOpThreads: [25, 'void*', 'void*, int'],
  sessionInputCount: [30, 'void*', 'void*, void*'],
  sessionOutputCount: [31, 'void*', 'void*, void*'],
  sessionInputName: [36, 'void*', 'void*, size_t, void*, void*'],
  sessionOutputName: [37, 'void*', 'void*, size_t, void*, void*'],
  createTensor: [49, 'void*', 'void*, void*, size_t, void*, size_t, int, void*'],
  tensorData: [51, 'void*', 'void*, void*'],
  shapeElementType: [60, 'void*', 'void*, void*'],
  shapeRank: [61, 'void*', 'void*, void*'],
  shapeDimensions: [62, 'void*', 'void*, void*, size_t'],
  tensorShape: [65, 'void*', 'void*, void*'],
  createCpuMemoryInfo: [69, 'void*', 'int, int, void*'],
  allocatorFree: [76, 'void*', 'void*, void*'],
  defaultAllocator: [78, 'void*', 'void*'],
  releaseStatus: [93, 'void', 'void*'],
  releaseSession: [95, 'void', 'void*'],
  releaseValue: [96, 'void', 'void*'],
  releaseShape: [99, 'void', 'void*'],
  releaseSessionOptions: [100, 'void', 'void*'],
  addConfigEntry: [130, 'void*', 'void*, str, str'],
  appendCuda: [204, 'void*', 'void*, void*'],
  createCudaOptions: [205, 'void*', 'void*'],
  releaseCudaOptions: [208, 'void', 'void*'],
} as const;

type FunctionName = keyof typeof functions;
type StatusFunction = Exclude<FunctionName, 'getErrorMessage' | `release${string}`>;
type ReleaseFunction = Extract<FunctionName, `release${string}`>;

/** ONNX Runtime's C API, with errors thrown. */
export interface OrtApi {
  /** Calls a function that answers a status. */
  call(name: StatusFunction, ...values: Argument[]): void;
  /** The same on a thread of its own. Every argument must be an address whose memory stays as it is until then. */
  callAsync(name: StatusFunction, ...values: Argument[]): Promise<void>;
  /** Calls a function whose last parameter receives a pointer or a size_t, and answers that. */
  get(name: StatusFunction, ...values: Argument[]): bigint;
  release(name: ReleaseFunction, object: Pointer): void;
  /** Address of an array's first number. Whoever keeps it keeps the array. */
  address(array: NodeJS.TypedArray): bigint;
  /** A copy of the bytes at an address. */
  copy(address: bigint, bytes: number): Uint8Array;
  /** The text at an address, up to its NUL. */
  text(address: bigint): string;
  /** Kept: koffi unloads a library that nothing refers to, and its functions with it. */
  readonly library: RuntimeLibrary['library'];
  readonly env: bigint;
  readonly cpuMemory: bigint;
}

/** Fatal ones only: errors are thrown, not logged. */
const logLevel = 4;

const [arenaAllocator, defaultMemory] = [1, 0];

/** Reads the table of functions and makes the environment, which lives as long as the process. */
export function createApi({ koffi, library }: RuntimeLibrary): OrtApi {
  const base = library.func('void *OrtGetApiBase()')() as bigint;
  const getApi = koffi.decode(koffi.decode(base, 'void *') as bigint, koffi.proto('void *(uint32_t)'));
  const table = getApi(apiVersion) as Pointer;
  if (!table) throw new Error(`The ONNX Runtime library is older than version 1.${apiVersion}.`);
  const decoded = new Map<FunctionName, NativeFunction>();
  for (const [name, [place, result, parameters]] of Object.entries(functions)) {
    const address = koffi.decode(table, place * 8, 'void *') as bigint;
    const type = koffi.proto(`${result} ${name}(${parameters})`);
    decoded.set(name as FunctionName, koffi.decode(address, type) as NativeFunction);
  }
  const check = (status: Pointer): void => {
    if (!status) return;
    const message = String(decoded.get('getErrorMessage')!(status));
    decoded.get('releaseStatus')!(status);
    throw new Error(message);
  };
  const call = (name: FunctionName, ...values: Argument[]) => check(decoded.get(name)!(...values));
  const get = (name: FunctionName, ...values: Argument[]): bigint => {
    const received = new BigUint64Array(1);
    call(name, ...values, received);
    return received[0]!;
  };
  return {
    call,
    callAsync: (name, ...values) =>
      new Promise((resolve, reject) => {
        decoded.get(name)!.async(...values, (error, status) => {
          try {
            if (error) throw error;
            resolve(check(status));
          } catch (cause) {
            reject(cause);
          }
        });
      }),
    get,
    release: (name, object) => {
      decoded.get(name)!(object);
    },
    address: (array) => koffi.address(array),
    copy: (address, bytes) => new Uint8Array(koffi.view(address, bytes)).slice(),
    text: (address) => koffi.decode(address, 'char', -1) as string,
    library,
    env: get('createEnv', logLevel, 'llmops'),
    cpuMemory: get('createCpuMemoryInfo', arenaAllocator, defaultMemory),
  };
}
