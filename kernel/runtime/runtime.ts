import { setTimeout as later } from 'node:timers';
import { Script } from 'node:vm';
import { typeSymbol } from '../../magics/context.ts';
import type { CellFunction, CellOutcome, CompiledCell, FromMain, ToMain } from '../threads.ts';
import { installAsyncStackClearing } from './async-stack.ts';
import { createComms } from './comms.ts';
import { createDisplays, isSilent, toBundle } from './display.ts';
import { describeError } from './errors.ts';
import { refuseExit } from './exit.ts';
import { installGlobals } from './globals.ts';
import { createImporter } from './import.ts';
import { createInputs } from './input.ts';
import { createInterrupts } from './interrupts.ts';
import { createLiveImports } from './live-imports.ts';
import { captureOutput } from './output.ts';
import { createTableSources } from './table-sources.ts';

export interface RuntimeOptions {
  readonly folder: string;
  readonly notebook?: string;
  post(message: FromMain): void;
  onMessage(handle: (message: ToMain) => void): void;
  /** Ends the process. */
  exit(): void;
}

/** Runs cells on this thread, one at a time, as the control thread says. */
export function startRuntime(options: RuntimeOptions): void {
  muteExperimentalWarnings();
  refuseExit();
  installAsyncStackClearing();
  let parent = '';
  const output = captureOutput((name, text) => options.post({ type: 'stream', parent, name, text }));
  // Nothing may overtake text that was written before it.
  const post = (message: FromMain) => {
    output.flush();
    options.post(message);
  };
  const interrupts = createInterrupts();
  const importer = createImporter(options.folder, interrupts.tools, post);
  const imports = createLiveImports(importer);
  const tables = createTableSources();
  const displays = createDisplays(
    () => parent,
    (message) => {
      if (message.type === 'clear') output.clear();
      post(message);
    },
    tables,
  );
  const inputs = createInputs(() => parent, post);
  const { comms, receive } = createComms(() => parent, post);
  const globals = installGlobals({
    ...options,
    post,
    displays,
    interrupts,
    importer,
    inputs,
    comms,
    parent: () => parent,
  });

  const stray = (thrown: unknown) => {
    if (!interrupts.isInterrupt(thrown)) post({ type: 'stray', parent, error: describeError(thrown) });
  };
  process.on('uncaughtException', stray);
  process.on('unhandledRejection', stray);

  async function run(cell: CompiledCell): Promise<void> {
    output.beginCell(cell.cell);
    parent = cell.parent;
    interrupts.beginCell();
    inputs.forget();
    const outcome = await settle(cell);
    globals.endCell();
    output.endCell();
    post({ type: 'done', cell: cell.cell, outcome });
  }

  async function settle(cell: CompiledCell): Promise<CellOutcome> {
    try {
      await globals.provide(cell.uses);
      if (cell.reload) await imports.reload();
      makeAssignable(cell.names);
      const script = new Script(cell.code, { filename: `[cell ${cell.cell}]` });
      const body = script.runInThisContext() as CellFunction;
      const value = await body({ ...interrupts.tools, import: importer.import, meta: importer.meta });
      imports.remember(cell.imports);
      const data = isSilent(value) ? undefined : displays.publish(await toBundle(value));
      return { data, types: typesOf(cell.names) };
    } catch (thrown) {
      const error = describeError(thrown, interrupts.awaitedAt(thrown));
      return { error, interrupted: interrupts.isInterrupt(thrown), types: typesOf(cell.names) };
    }
  }

  async function readRows({ parent, source, page }: Extract<ToMain, { type: 'rows' }>): Promise<void> {
    const rows = await tables.read(source, page).catch(() => undefined);
    post({ type: 'rows', parent, rows: rows ?? null });
  }

  options.onMessage((message) => {
    if (message.type === 'run') inTick(() => void run(message.cell));
    else if (message.type === 'abort') interrupts.interrupt();
    else if (message.type === 'forget') {
      interrupts.endCell();
      output.endCell();
    } else if (message.type === 'ended') {
      interrupts.ended();
      importer.ended(message.whileLoading);
    } else if (message.type === 'ping') {
      const pong = () => post({ type: 'pong', id: message.id });
      if (message.timer) later(pong, 1);
      else pong();
    } else if (message.type === 'input') inputs.answer(message.value);
    else if (message.type === 'comm') receive(message.message);
    else if (message.type === 'rows') void readRows(message);
    else if (message.type === 'exit') options.exit();
    else importer.settle(message);
  });
}

/**
 * Runs it, and all microtasks that come of it, below a JavaScript function of Node's. V8 crashes when it is to pause for
 * want of memory between two microtasks with no function on the stack.
 */
function inTick(run: () => void): void {
  process.nextTick(run);
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
