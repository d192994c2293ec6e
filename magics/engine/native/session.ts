import type { BoundRun, Session, SessionOptions } from '../session.ts';
import type { Feeds } from '../tensor.ts';
import { createApi, type OrtApi } from './api.ts';
import { loadRuntimeLibrary } from './library.ts';
import { createSessionOptions } from './options.ts';
import { createValues, readValue, releaseValues } from './value.ts';

let api: OrtApi | undefined;

/** Loads the C API once per process. Throws where koffi or ONNX Runtime's library cannot be loaded. */
export function openNativeApi(): OrtApi {
  api ??= createApi(loadRuntimeLibrary());
  return api;
}

/** A session through ONNX Runtime's C API: inputs and outputs stay where they are, and runs leave the event loop alone. */
export async function createNativeSession(model: Uint8Array, options: Required<SessionOptions>): Promise<Session> {
  const api = openNativeApi();
  const settings = createSessionOptions(api, options);
  const created = new BigUint64Array(1);
  try {
    await api.callAsync(
      'createSessionFromArray',
      api.env,
      api.address(model),
      model.byteLength,
      settings,
      api.address(created),
    );
  } finally {
    api.release('releaseSessionOptions', settings);
  }
  return new NativeSession(api, created[0]!);
}

class NativeSession implements Session {
  readonly route = 'native';
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  private readonly api: OrtApi;
  private pointer: bigint;
  private readonly running = new Set<Promise<unknown>>();
  private readonly bound = new Set<BoundRun>();

  constructor(api: OrtApi, pointer: bigint) {
    this.api = api;
    this.pointer = pointer;
    this.inputNames = readNames(api, pointer, 'Input');
    this.outputNames = readNames(api, pointer, 'Output');
  }

  async run(inputs: Feeds, outputNames: readonly string[] = this.outputNames): Promise<Feeds> {
    const received = new BigUint64Array(Math.max(1, outputNames.length));
    const call = prepareCall(this.api, inputs, outputNames, received);
    try {
      await this.start(call);
      return Object.fromEntries(outputNames.map((name, i) => [name, readValue(this.api, received[i]!)]));
    } finally {
      releaseValues(this.api, received);
      call.release();
    }
  }

  bind(inputs: Feeds, outputs: Feeds): BoundRun {
    const values = createValues(this.api, Object.values(outputs));
    const call = prepareCall(this.api, inputs, Object.keys(outputs), values);
    const bound: BoundRun = {
      run: () => this.start(call, outputs),
      runSync: () => this.api.call('run', this.checked(), ...call.parameters),
      release: () => {
        if (!this.bound.delete(bound)) return;
        call.release();
        releaseValues(this.api, values);
      },
    };
    this.bound.add(bound);
    return bound;
  }

  async release(): Promise<void> {
    const pointer = this.pointer;
    if (pointer === 0n) return;
    this.pointer = 0n;
    await Promise.allSettled(this.running);
    for (const bound of [...this.bound]) bound.release();
    this.api.release('releaseSession', pointer);
  }

  /** Runs on another thread. What is passed along stays referenced until it is done. */
  private async start(call: PreparedCall, outputs?: Feeds): Promise<void> {
    const run = this.api.callAsync('run', this.checked(), ...call.parameters);
    const kept = run.then(() => [call, outputs]);
    this.running.add(kept);
    try {
      await kept;
    } finally {
      this.running.delete(kept);
    }
  }

  private checked(): bigint {
    if (this.pointer === 0n) throw new Error('The session was released.');
    return this.pointer;
  }
}

interface PreparedCall {
  /** Of OrtApi.Run after the session. */
  parameters: readonly (bigint | number | null)[];
  /** Memory that the parameters point to. */
  kept: readonly unknown[];
  release(): void;
}

function prepareCall(
  api: OrtApi,
  inputs: Feeds,
  outputNames: readonly string[],
  outputs: BigUint64Array,
): PreparedCall {
  const inputValues = createValues(api, Object.values(inputs));
  const [inputTexts, outputTexts] = [cStrings(api, Object.keys(inputs)), cStrings(api, outputNames)];
  return {
    parameters: [
      null,
      api.address(inputTexts.pointers),
      api.address(inputValues),
      inputValues.length,
      api.address(outputTexts.pointers),
      outputNames.length,
      api.address(outputs),
    ],
    kept: [inputs, inputValues, inputTexts, outputTexts, outputs],
    release: () => releaseValues(api, inputValues),
  };
}

/** Texts as C has them: an array of addresses, and the bytes that they point to. */
function cStrings(api: OrtApi, texts: readonly string[]): { pointers: BigUint64Array; bytes: Uint8Array[] } {
  const bytes = texts.map((text) => new TextEncoder().encode(`${text}\0`));
  return { pointers: BigUint64Array.from(bytes, (text) => api.address(text)), bytes };
}

function readNames(api: OrtApi, session: bigint, kind: 'Input' | 'Output'): string[] {
  const allocator = api.get('defaultAllocator');
  const count = Number(api.get(`session${kind}Count`, session));
  return Array.from({ length: count }, (_, i) => {
    const address = api.get(`session${kind}Name`, session, i, allocator);
    const name = api.text(address);
    api.call('allocatorFree', allocator, address);
    return name;
  });
}
