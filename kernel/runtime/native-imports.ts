import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../magics/errors.ts';

/** Node's imports, of which it evaluates each module once: one that is ended half-way never settles, and cannot be repeated. */
export interface NativeImports {
  /** Passes on what `start` resolves to. Throws when `file`'s import of `specifier` was lost. */
  load(specifier: string, file: string, start: () => Promise<unknown>): Promise<unknown>;
  /** Modules were being evaluated, and were ended. Those that were required are forgotten: Node would give them out half done. */
  lose(): void;
}

export function createNativeImports(): NativeImports {
  const underWay = new Set<{ key: string }>();
  const lost = new Set<string>();
  let hasLost = false;
  return {
    async load(specifier, file, start) {
      const key = `${file} ${specifier}`;
      if (lost.has(key)) throw moduleLost(specifier);
      const load = { key };
      underWay.add(load);
      try {
        return await start();
      } catch (error) {
        // What V8 says of a module that was ended.
        throw error === null && hasLost ? moduleLost(specifier) : error;
      } finally {
        underWay.delete(load);
        lost.delete(key);
      }
    },
    lose() {
      hasLost = true;
      for (const { key } of underWay) lost.add(key);
      forgetHalfRequired();
    },
  };
}

function forgetHalfRequired(): void {
  const { cache } = createRequire(import.meta.url);
  for (const [file, module] of Object.entries(cache)) if (module?.loaded === false) delete cache[file];
}

function moduleLost(specifier: string): UserError {
  const name = specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;
  return new UserError(
    `"${name}" was interrupted while it was being loaded, and Node loads a module only once. Restart the kernel to import it.`,
    { offending: specifier },
  );
}
