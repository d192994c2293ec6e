import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../errors.ts';
import type { Device } from '../types.ts';

/** TensorFlow.js: the functions that the engine computes with. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core');

/** TensorFlow.js on a backend that works here. */
export interface Backend {
  readonly tf: TensorFlow;
  readonly name: 'tensorflow' | 'wasm' | 'cpu';
  readonly device: Device;
}

/** The optional package that users install themselves for CUDA. */
const nativePackage = '@tensorflow/tfjs-node-gpu';

/**
 * Loads TensorFlow.js: on CUDA where `@tensorflow/tfjs-node-gpu` is installed beside the project, else on WebAssembly,
 * else in plain JavaScript. `only` names one of them, for tests. UserError for a device that it cannot use.
 */
export async function loadBackend(device: Device | 'auto' = 'auto', only?: Backend['name']): Promise<Backend> {
  if (device === 'webgpu') throw noWebGpu();
  const native = device === 'cpu' || (only ?? 'tensorflow') !== 'tensorflow' ? undefined : loadNative();
  if (native !== undefined) return { tf: native, name: 'tensorflow', device: 'cuda' };
  if (device === 'cuda') throw nativeMissing();
  const bundle = findBundle();
  const { tf, setWasmPaths } = createRequire(import.meta.url)(bundle) as typeof import('./bundle.ts');
  // Else every start prints advice to install another package.
  tf.enableProdMode();
  setWasmPaths(`${path.dirname(bundle)}${path.sep}`);
  const names = only === undefined ? (['wasm', 'cpu'] as const) : [only];
  for (const name of names) if (await tf.setBackend(name).catch(() => false)) return { tf, name, device: 'cpu' };
  throw new Error(`TensorFlow.js could not start its backend: ${names.join(', ')}.`);
}

/**
 * TensorFlow.js is a bundle of its own beside the worker's, with the WebAssembly files next to it: whoever does not ask for
 * it does not load it. Sources run from the repository find the built one.
 */
function findBundle(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const candidates = [path.join(here, '..', 'tfjs.cjs'), path.resolve('dist', 'tfjs.cjs')];
  const found = candidates.find((file) => existsSync(file));
  if (found === undefined) throw bundleMissing(candidates[0]!);
  return found;
}

/** Found as the project would find it: a worker runs in a folder of the project. */
function loadNative(): TensorFlow | undefined {
  const require = createRequire(path.join(process.cwd(), 'package.json'));
  return attempt(() => require(nativePackage) as TensorFlow);
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function bundleMissing(file: string): UserError {
  return new UserError(`The tfjs engine is not there: ${file} is missing. Build it with: npm run build`);
}

function nativeMissing(): UserError {
  return new UserError(
    `The tfjs engine runs on CUDA through ${nativePackage}, which is not installed here or does not load. Install it in the project (npm install ${nativePackage}), or leave --device out.`,
    { offending: 'cuda' },
  );
}

function noWebGpu(): UserError {
  return new UserError(
    'The tfjs engine does not run on WebGPU. Use device cpu or cuda with it, or leave --engine out.',
    { offending: 'webgpu' },
  );
}
