import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Display, type MimeBundle, mime } from '../../magics/context.ts';
import { UserError } from '../../magics/errors.ts';
import { distFolder } from '../dist-folder.ts';
import type { FromMain, LazyGlobal } from '../threads.ts';
import type { Comms } from './comms.ts';
import { type Displays, isBundle, toBundle } from './display.ts';
import type { Importer } from './import.ts';
import type { Inputs } from './input.ts';
import type { Interrupts } from './interrupts.ts';
import { createNotebookRequire } from './require.ts';
import { createRichDisplay } from './rich-display.ts';
import { createShell, type Shell } from './shell.ts';
import { createTimer, type Timer } from './timer.ts';
import { resetVariables, variables } from './variables.ts';

export interface GlobalsOptions {
  readonly folder: string;
  readonly notebook?: string;
  readonly displays: Displays;
  readonly interrupts: Interrupts;
  readonly importer: Importer;
  readonly inputs: Inputs;
  readonly comms: Comms;
  parent(): string;
  post(message: FromMain): void;
}

export interface Globals {
  /** Loads globals that a cell is about to use. */
  provide(names: readonly LazyGlobal[]): Promise<void>;
  /** To be called when a cell has run. */
  endCell(): void;
}

/** What rewritten magic lines call, as `__notebook`. */
interface NotebookTools extends Omit<Timer, 'endCell'> {
  shell: Shell['run'];
  script: Shell['script'];
  /** The value, or the text when there is no such variable. */
  either(read: () => unknown, text: string): unknown;
  /** Puts a file's text into the cell that is running. */
  load(file: string): Promise<void>;
  who(): void;
  reset(): void;
  show(data: MimeBundle): void;
  /** Shows a text in the client's pager where it has one. */
  page(value: unknown): void;
  init(): Promise<void>;
}

/** Puts what every cell can use on `globalThis`: `display`, `clearOutput`, `input`, `comms`, `require`, `_`, and the lazy globals. */
export function installGlobals(options: GlobalsOptions): Globals {
  const { folder, displays, importer } = options;

  function display(value: unknown): Display {
    const bundle = isBundle(value) ? value : toBundle(value);
    if (!(bundle instanceof Promise)) return displays.show(bundle);
    const shown = displays.show({});
    bundle.then(
      (data) => shown.update(data),
      (error: unknown) => shown.update({ [mime.text]: `This value cannot be shown. ${String(error)}` }),
    );
    return shown;
  }

  const loaders: Record<LazyGlobal, () => Promise<unknown>> = {
    aq: () => importer.import('arquero'),
    llmops: () => loadLlmops(options),
  };

  Object.assign(globalThis, {
    require: createNotebookRequire(folder),
    __dirname: folder,
    __filename: options.notebook ?? path.join(folder, 'notebook.ts'),
    display: Object.assign(
      display,
      createRichDisplay((type, data) => void displays.show({ [type]: data })),
    ),
    clearOutput: (wait = false) => displays.clear(wait),
    input: options.inputs.ask,
    comms: options.comms,
    _: undefined,
  });
  const shell = createShell(folder, options.interrupts);
  const builtIn = new Set(Object.getOwnPropertyNames(globalThis));
  const timer = createTimer();
  const notebook: NotebookTools = {
    ...{ shell: shell.run, script: shell.script },
    either,
    load: async (file) =>
      options.post({ type: 'cell_text', parent: options.parent(), text: await readSource(folder, file) }),
    who: () => void displays.show(variables(builtIn)),
    reset: () => resetVariables(builtIn),
    show: (data) => void displays.show(data),
    page: (value) => void displays.show({ [mime.text]: String(value) }, { metadata: { pager: true } }),
    init: () => initialize(folder),
    ...timer,
  };
  Object.defineProperty(globalThis, '__notebook', { value: notebook });
  builtIn.add('__notebook');
  for (const name of Object.keys(loaders)) builtIn.add(name);
  shareDisplay(displays);

  return {
    async provide(names) {
      for (const name of names) {
        if (!(name in globalThis)) Object.assign(globalThis, { [name]: await loaders[name]() });
      }
    },
    endCell: timer.endCell,
  };
}

function either(read: () => unknown, text: string): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof ReferenceError) return text;
    throw error;
  }
}

async function readSource(folder: string, file: string): Promise<string> {
  try {
    return await readFile(path.resolve(folder, file), 'utf8');
  } catch (cause) {
    throw new UserError(`${file} cannot be loaded: ${(cause as Error).message}`, { cause, offending: file });
  }
}

async function initialize(folder: string): Promise<void> {
  const { initRepository } = await import('../../magics/governance/init.ts');
  const repository = await initRepository(folder);
  console.log(
    `${repository.created ? 'Made a git repository' : 'There is a git repository already'}: ${repository.folder}`,
  );
}

async function loadLlmops({ folder, notebook, displays, interrupts }: GlobalsOptions): Promise<unknown> {
  const [{ createLlmops }, { magics }] = await Promise.all([
    import('../../magics/llmops.ts'),
    import('../../magics/index.ts'),
  ]);
  const context = {
    folder,
    notebook,
    distFolder: distFolder(),
    display: (data: MimeBundle) => displays.show(data),
    get signal() {
      return interrupts.signal;
    },
  };
  return createLlmops(magics, context, (work) => interrupts.track(work));
}

/** Lets `import 'tslab'` find the session's displays. */
function shareDisplay(displays: Displays): void {
  Object.defineProperty(globalThis, Symbol.for('llmops.displays'), { value: displays });
}
