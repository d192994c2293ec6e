import { realpathSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { distFolder } from '../dist-folder.ts';

/** What the main thread is at. */
export type Running =
  /** Code that can be ended: it is called anew when it is wanted again. */
  | 'code'
  /** Node's own code alone, between two callbacks: what waits there belongs to somebody. */
  | 'node'
  /** The kernel's own, called by no cell: a magic at work, that is yet to hear of the interrupt and has work to put in order. */
  | 'own code'
  /** A module that a cell imports is being evaluated. Node never does that twice: ended, it is lost to this process. */
  | 'module'
  /** The same of one of the kernel's own modules: without it the kernel is broken. */
  | 'own module';

/** A frame of the call stack: its script, and the types of its scopes as V8's inspector names them. */
export interface Frame {
  readonly url: string;
  readonly scopes: readonly string[];
}

/** Tells from a call stack what runs. `ownFolders`: URLs of the folders that hold the kernel's modules. */
export function whatRuns(frames: readonly Frame[], ownFolders = kernelFolders()): Running {
  const others = frames.filter(({ url }) => !url.startsWith('node:'));
  const isOwn = ({ url }: Frame) => ownFolders.some((folder) => url.startsWith(folder));
  if (frames.some((frame) => isModuleBody(frame) || isLoader(frame))) {
    return others.every(isOwn) ? 'own module' : 'module';
  }
  if (others.length === 0) return 'node';
  // Libraries compile functions from text, and to WebAssembly: these have the kernel's code below them.
  return others.some(isOwn) && others.every((frame) => isOwn(frame) || isCompiled(frame)) ? 'own code' : 'code';
}

/** The top level of an ES module, which has no scope of a function. */
function isModuleBody({ scopes }: Frame): boolean {
  return scopes.includes('module') && !scopes.includes('local') && !scopes.includes('closure');
}

/** A function without a file. */
function isCompiled({ url }: Frame): boolean {
  return url === '' || url.startsWith('wasm:');
}

function isLoader({ url }: Frame): boolean {
  return url.startsWith('node:internal/modules/');
}

/** The bundles, and the packages beside them. */
function kernelFolders(): string[] {
  const dist = distFolder();
  return [dist, path.join(dist, '..', 'node_modules')].map((folder) => `${pathToFileURL(real(folder)).href}/`);
}

function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
