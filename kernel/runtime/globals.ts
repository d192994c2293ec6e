import { createRequire } from 'node:module';
import path from 'node:path';
import { type Display, type MimeBundle, mime } from '../../magics/context.ts';
import { distFolder } from '../dist-folder.ts';
import type { FromMain, LazyGlobal } from '../threads.ts';
import { type Displays, isBundle, toBundle } from './display.ts';
import type { Importer } from './import.ts';
import type { Interrupts } from './interrupts.ts';
import { createShell, type Shell } from './shell.ts';
import { createTimer, type Timer } from './timer.ts';
import { resetVariables, variables } from './variables.ts';

export interface GlobalsOptions {
  readonly folder: string;
  readonly notebook?: string;
  readonly displays: Displays;
  readonly interrupts: Interrupts;
  readonly importer: Importer;
  parent(): string;
  post(message: FromMain): void;
}

export interface Globals {
  /** Loads globals that a cell is about to use. */
  provide(names: readonly LazyGlobal[]): Promise<void>;
  answerInput(value: string): void;
  /** To be called when a cell has run. */
  endCell(): void;
}

/** What rewritten magic lines call, as `__notebook`. */
interface NotebookTools extends Omit<Timer, 'endCell'> {
  shell: Shell;
  who(): void;
  reset(): void;
  show(data: MimeBundle): void;
  /** Shows a text in the client's pager where it has one. */
  page(value: unknown): void;
  init(): Promise<void>;
}

/** Puts what every cell can use on `globalThis`: `display`, `clearOutput`, `input`, `require`, `_`, and the lazy globals. */
export function installGlobals(options: GlobalsOptions): Globals {
  const { folder, displays, importer } = options;
  const waitingForInput: ((value: string) => void)[] = [];

  function display(value: unknown): Display {
    const bundle = isBundle(value) ? value : toBundle(value);
    if (!(bundle instanceof Promise)) return displays.show(bundle);
    const shown = displays.show({});
    void bundle.then((data) => shown.update(data));
    return shown;
  }

  function input(prompt = '', { password = false } = {}): Promise<string> {
    options.post({ type: 'input', parent: options.parent(), prompt, password });
    return new Promise((resolve) => waitingForInput.push(resolve));
  }

  const loaders: Record<LazyGlobal, () => Promise<unknown>> = {
    aq: () => importer.import('arquero'),
    llmops: () => loadLlmops(options),
  };

  Object.assign(globalThis, {
    require: createRequire(path.join(folder, 'notebook.js')),
    __dirname: folder,
    __filename: options.notebook ?? path.join(folder, 'notebook.ts'),
    display,
    clearOutput: (wait = false) => displays.clear(wait),
    input,
    _: undefined,
  });
  const shell = createShell(folder, options.interrupts);
  const builtIn = new Set(Object.getOwnPropertyNames(globalThis));
  const timer = createTimer();
  const notebook: NotebookTools = {
    shell,
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
    answerInput: (value) => waitingForInput.shift()?.(value),
    endCell: timer.endCell,
  };
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
