import { cellModulePrefix, localModulePrefix } from './host.ts';
import type { Unit } from './scope.ts';

/** Declarations of cells as ambient modules. */
export interface Modules {
  /** Makes a cell's declarations ahead of the first question that needs them. */
  prepare(unit: Unit): void;
  /** One line that imports what a cell takes from others. */
  importsFor(unit: Unit): string;
  /** All modules, as one declaration file. */
  text(): string;
  unitAt(offset: number): Unit | undefined;
  keep(units: Iterable<Unit>): void;
}

interface Module {
  readonly name: string;
  readonly text: string;
}

/** More modules than this, and twice as many as were left the last time, are looked through for what is needed. */
const crowd = 200;

/** `declare`: makes a cell's declarations. */
export function createModules(declare: (unit: Unit) => string): Modules {
  const modules = new Map<Unit, Module>();
  let lastNumber = 0;
  let leftLastTime = crowd;
  let text: string | undefined = '';

  function moduleOf(unit: Unit): Module {
    const known = modules.get(unit);
    if (known !== undefined) return known;
    for (const provider of unit.needs.values()) moduleOf(provider);
    const body = ambientBody(declare(unit));
    const name = `${cellModulePrefix}${++lastNumber}`;
    const typed = Object.entries(unit.types).map(([variable, type]) =>
      declareModule(`${name}:${variable}`, `export var ${variable}: ${type};`),
    );
    const module = { name, text: [declareModule(name, body), ...typed].join('\n') };
    modules.set(unit, module);
    text = undefined;
    return module;
  }

  function importsFor(unit: Unit): string {
    const bySource = new Map<string, string[]>();
    for (const [name, provider] of unit.needs) {
      const module = moduleOf(provider).name;
      const source = Object.hasOwn(provider.types, name) ? `${module}:${name}` : module;
      bySource.set(source, [...(bySource.get(source) ?? []), name]);
    }
    const lines = [...bySource].map(([from, names]) => `import { ${names.join(', ')} } from ${JSON.stringify(from)};`);
    return lines.join(' ');
  }

  function unitAt(offset: number): Unit | undefined {
    let end = 0;
    for (const [unit, module] of modules) {
      end += module.text.length + 1;
      if (offset < end) return unit;
    }
    return undefined;
  }

  function keep(units: Iterable<Unit>): void {
    if (modules.size < Math.max(crowd, 2 * leftLastTime)) return;
    const needed = new Set<Unit>();
    const waiting = [...units];
    for (let unit = waiting.pop(); unit !== undefined; unit = waiting.pop()) {
      if (needed.has(unit)) continue;
      needed.add(unit);
      waiting.push(...unit.needs.values());
    }
    for (const unit of modules.keys()) if (!needed.has(unit)) modules.delete(unit);
    leftLastTime = modules.size;
    text = undefined;
  }

  return {
    prepare: (unit) => void moduleOf(unit),
    importsFor,
    unitAt,
    keep,
    text() {
      text ??= [...modules.values()].map((module) => module.text).join('\n');
      return text;
    },
  };
}

function declareModule(name: string, body: string): string {
  return `declare module ${JSON.stringify(name)} {\n${body}\n}`;
}

/** A declaration file's text as the body of an ambient module, where relative imports are not allowed. */
function ambientBody(text: string): string {
  return text
    .replace(/^(export )?declare (?!global)/gm, '$1')
    .replace(/((?:from |import\()["'])(\.\.?\/)/g, `$1${localModulePrefix}$2`);
}
