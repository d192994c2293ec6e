import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { Script } from 'node:vm';
import type typescript from 'typescript';

export type TypeScript = typeof typescript;

const require = createRequire(import.meta.url);
let loaded: { ts: TypeScript; script: Script; cacheFile: string; fresh: boolean } | undefined;

/**
 * The TypeScript compiler, loaded once per thread. V8's compiled code is kept in the user's cache folder:
 * that halves the time to load, which is most of a kernel's start.
 */
export function loadTypeScript(): TypeScript {
  loaded ??= load();
  return loaded.ts;
}

/** Writes the compiled code for the next start, when this one had none. Call it when the thread is idle. */
export function saveCompiledCode(): void {
  if (loaded === undefined || !loaded.fresh) return;
  loaded.fresh = false;
  const { script, cacheFile } = loaded;
  try {
    mkdirSync(path.dirname(cacheFile), { recursive: true, mode: 0o700 });
    const unfinished = `${cacheFile}.${process.pid}.${Date.now()}`;
    writeFileSync(unfinished, script.createCachedData(), { mode: 0o600 });
    renameSync(unfinished, cacheFile);
  } catch {
    // A read-only home folder costs start-up time, nothing else.
  }
}

function load(): NonNullable<typeof loaded> {
  const file = require.resolve('typescript');
  const cacheFile = path.join(cacheFolder(), `typescript-${process.version}-${process.arch}-${statSync(file).mtimeMs}`);
  const cachedData = readIfPresent(cacheFile);
  // The file is ASCII: as latin1 its string takes one byte a character and is not decoded.
  const script = new Script(Module.wrap(readFileSync(file, 'latin1')), { filename: file, cachedData });
  const module: { exports: TypeScript } = { exports: {} as TypeScript };
  script.runInThisContext()(module.exports, createRequire(file), module, file, path.dirname(file));
  return {
    ts: module.exports,
    script,
    cacheFile,
    fresh: cachedData === undefined || script.cachedDataRejected === true,
  };
}

function readIfPresent(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME ?? process.env.LOCALAPPDATA ?? path.join(homedir(), '.cache');
  return path.join(base, 'llmops-notebook');
}
