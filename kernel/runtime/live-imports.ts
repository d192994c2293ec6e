import type { ImportedName } from '../transform/hoist.ts';
import type { Importer } from './import.ts';

/** Variables that came from local modules, kept up to date with the files. */
export interface LiveImports {
  /** A cell has run with these imports. */
  remember(imports: readonly ImportedName[]): void;
  /** Takes edited modules anew. A variable that something else was assigned to since is left alone. */
  reload(): Promise<void>;
}

/** A module that no longer loads leaves what it gave before, with a word about it in the cell that runs. */
export function createLiveImports(importer: Pick<Importer, 'import'>): LiveImports {
  const live = new Map<string, ImportedName & { value: unknown }>();

  async function reloadModule(specifier: string): Promise<void> {
    const names = [...live.values()].filter((name) => name.specifier === specifier);
    if (!names.some(isAsImported)) return;
    const module = (await importer.import(specifier)) as Record<string, unknown>;
    for (const name of names.filter(isAsImported)) {
      const value = name.imported === '*' ? module : module[name.imported];
      Reflect.set(globalThis, name.local, value);
      live.set(name.local, { ...name, value });
    }
  }

  return {
    remember(imports) {
      for (const name of imports) {
        if (/^\.{0,2}\//.test(name.specifier)) live.set(name.local, { ...name, value: current(name.local) });
      }
    },
    async reload() {
      for (const specifier of new Set([...live.values()].map((name) => name.specifier))) {
        try {
          await reloadModule(specifier);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          process.stderr.write(
            `"${specifier}" was edited and cannot be loaded: ${reason}\nWhat it gave before stays.\n`,
          );
        }
      }
    },
  };
}

function isAsImported({ local, value }: { local: string; value: unknown }): boolean {
  return current(local) === value;
}

function current(name: string): unknown {
  return Reflect.get(globalThis, name);
}
