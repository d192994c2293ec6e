import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { LibraryHandle } from 'koffi';

type Koffi = typeof import('koffi');

/** ONNX Runtime's own library, loaded through koffi. */
export interface RuntimeLibrary {
  readonly koffi: Koffi;
  readonly library: LibraryHandle;
  readonly file: string;
}

const names: Partial<Record<NodeJS.Platform, RegExp>> = {
  linux: /^libonnxruntime\.so/,
  darwin: /^libonnxruntime\..*dylib$/,
  win32: /^onnxruntime\.dll$/,
};

/** Loads the library that onnxruntime-node ships for this platform. Throws where koffi or the library is missing. */
export function loadRuntimeLibrary(): RuntimeLibrary {
  const require = createRequire(import.meta.url);
  const koffi = require('koffi') as Koffi;
  // ONNX Runtime recurses through graphs; koffi's calls on other threads get 128 KiB of stack unless told otherwise.
  koffi.config({ async_stack_size: 8 * 2 ** 20, resident_async_pools: 2 });
  const file = findLibrary(path.dirname(require.resolve('onnxruntime-node/package.json')));
  return { koffi, library: koffi.load(file), file };
}

/** bin/napi-vN/PLATFORM/ARCH of the package, whatever N is. */
function findLibrary(packageFolder: string): string {
  const bin = path.join(packageFolder, 'bin');
  const name = names[process.platform];
  for (const version of existsSync(bin) ? readdirSync(bin) : []) {
    const folder = path.join(bin, version, process.platform, process.arch);
    const file = existsSync(folder) ? readdirSync(folder).find((entry) => name?.test(entry)) : undefined;
    if (file !== undefined) return path.join(folder, file);
  }
  throw new Error(`onnxruntime-node has no library for ${process.platform} ${process.arch} in ${bin}.`);
}
