import { Script } from 'node:vm';
import type { CellTools, ModuleFunction, SourceModule } from '../threads.ts';

interface Loaded {
  version: string;
  exports: Record<string, unknown>;
  ready: Promise<void>;
  isFinished: boolean;
}

type Graph = ReadonlyMap<string, SourceModule>;

export interface SourceModuleRunner {
  /** The exports of `entry`, after it and what it imports have run. */
  load(entry: string, modules: readonly SourceModule[]): Promise<Record<string, unknown>>;
  /** JavaScript was ended from outside: modules that were running never finish, and run anew when they are imported again. */
  forgetUnfinished(): void;
}

/** Runs compiled local modules, each version once. `toolsFor(file)`: the awaits and imports of that module. */
export function createSourceModules(toolsFor: (file: string) => CellTools): SourceModuleRunner {
  const loaded = new Map<string, Loaded>();

  function start(file: string, graph: Graph, importers: readonly string[]): Loaded {
    const source = graph.get(file)!;
    const known = loaded.get(file);
    if (known?.version === source.version) return known;
    const entry: Loaded = { version: source.version, exports: {}, ready: Promise.resolve(), isFinished: false };
    // Registered before it runs: modules that import each other see one another's unfinished exports.
    loaded.set(file, entry);
    entry.ready = run(source, entry.exports, graph, [...importers, file]).then(
      () => {
        entry.isFinished = true;
      },
      (error: unknown) => {
        loaded.delete(file);
        throw error;
      },
    );
    return entry;
  }

  async function run(source: SourceModule, exports: object, graph: Graph, importers: readonly string[]): Promise<void> {
    const tools = toolsFor(source.file);
    const required = new Map<string, () => unknown>();
    for (const specifier of source.packages) required.set(specifier, await outcome(tools.import(specifier)));
    for (const [specifier, file] of Object.entries(source.imports)) {
      const dependency = start(file, graph, importers);
      if (!importers.includes(file)) await dependency.ready;
      required.set(specifier, () => dependency.exports);
    }
    const body = new Script(source.code, { filename: source.file }).runInThisContext() as ModuleFunction;
    await body(tools, exports as Record<string, unknown>, (specifier) => required.get(specifier)?.());
  }

  return {
    async load(entry, modules) {
      const module = start(entry, new Map(modules.map((m) => [m.file, m])), []);
      await module.ready;
      return module.exports;
    },
    forgetUnfinished() {
      for (const [file, { isFinished }] of loaded) if (!isFinished) loaded.delete(file);
    },
  };
}

/** A failed import is an error only for code that uses it: imports of types alone are gone by then. */
async function outcome(loading: Promise<unknown>): Promise<() => unknown> {
  try {
    const value = await loading;
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
