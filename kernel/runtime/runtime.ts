import { setTimeout as later } from 'node:timers';
import { Script } from 'node:vm';
import { typeSymbol } from '../../magics/context.ts';
import type { CellFunction, CellOutcome, CompiledCell, FromMain, ToMain } from '../threads.ts';
import { createDisplays, isSilent, toBundle } from './display.ts';
import { describeError } from './errors.ts';
import { installGlobals } from './globals.ts';
import { createImporter } from './import.ts';
import { createInterrupts } from './interrupts.ts';
import { captureOutput } from './output.ts';

export interface RuntimeOptions {
  readonly folder: string;
  readonly notebook?: string;
  post(message: FromMain): void;
  onMessage(handle: (message: ToMain) => void): void;
}

/** Runs cells on this thread, one at a time, as the control thread says. */
export function startRuntime(options: RuntimeOptions): void {
  const { post } = options;
  muteExperimentalWarnings();
  let parent = '';
  const output = captureOutput((name, text) => post({ type: 'stream', parent, name, text }));
  const interrupts = createInterrupts();
  const importer = createImporter(options.folder, interrupts.tools, post);
  const displays = createDisplays(() => parent, post);
  const globals = installGlobals({ ...options, displays, interrupts, importer, parent: () => parent });

  const stray = (thrown: unknown) => {
    if (!interrupts.isInterrupt(thrown)) post({ type: 'stray', parent, error: describeError(thrown) });
  };
  process.on('uncaughtException', stray);
  process.on('unhandledRejection', stray);

  async function run(cell: CompiledCell): Promise<void> {
    parent = cell.parent;
    output.beginCell();
    interrupts.beginCell();
    const outcome = await settle(cell);
    globals.endCell();
    post({ type: 'done', cell: cell.cell, outcome });
  }

  async function settle(cell: CompiledCell): Promise<CellOutcome> {
    try {
      await globals.provide(cell.uses);
      makeAssignable(cell.names);
      const script = new Script(cell.code, { filename: `[cell ${cell.cell}]` });
      const body = script.runInThisContext() as CellFunction;
      const value = await body({ ...interrupts.tools, import: importer.import, meta: importer.meta });
      const data = isSilent(value) ? undefined : await toBundle(value);
      return { data, types: typesOf(cell.names) };
    } catch (thrown) {
      const error = describeError(thrown, interrupts.awaitedAt(thrown));
      return { error, interrupted: interrupts.isInterrupt(thrown), types: typesOf(cell.names) };
    }
  }

  options.onMessage((message) => {
    if (message.type === 'run') void run(message.cell);
    else if (message.type === 'abort') interrupts.interrupt();
    else if (message.type === 'forget') interrupts.endCell();
    else if (message.type === 'ping') {
      const pong = () => post({ type: 'pong', id: message.id });
      if (message.timer) later(pong, 1);
      else pong();
    } else if (message.type === 'input') globals.answerInput(message.value);
    else if (message.type === 'exit') process.exit(0);
    else importer.settle(message);
  });
}

/** Importing from the notebook's folder uses a part of Node that warns about itself on first use. */
function muteExperimentalWarnings(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]) => {
    if (args[1] !== 'ExperimentalWarning') emitWarning(...args);
  };
}

/** Some globals (`crypto`, `navigator`) are accessors: a cell that declares one gets a plain variable instead. */
function makeAssignable(names: readonly string[]): void {
  for (const name of names) {
    const property = Object.getOwnPropertyDescriptor(globalThis, name);
    if (property?.configurable === true && (property.get !== undefined || property.writable === false)) {
      Object.defineProperty(globalThis, name, {
        value: undefined,
        writable: true,
        configurable: true,
        enumerable: true,
      });
    }
  }
}

/** Types that the cell's values declare for themselves under `Symbol.for('llmops.type')`. */
function typesOf(names: readonly string[]): Record<string, string> {
  const types: Record<string, string> = {};
  for (const name of names) {
    const value: unknown = Reflect.get(globalThis, name);
    if (typeof value !== 'object' || value === null) continue;
    const type: unknown = Reflect.get(value, typeSymbol);
    if (typeof type === 'string') types[name] = type;
  }
  return types;
}
