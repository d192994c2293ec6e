import type { TableRow } from '../magics/charts/table-order.ts';
import type { PageRequest } from '../magics/charts/table-pages.ts';
import type { MimeBundle } from '../magics/context.ts';
import type { CommMessage, TypeErrors } from './protocol.ts';
import type { ImportedName } from './transform/hoist.ts';

/** Of the kernel's own threads: V8 would keep some 35 MB more by default for what the compiler drops at once. */
export const threadLimits = { maxYoungGenerationSizeMb: 12 } as const;

/** What the control thread is started with. */
export interface ControlData {
  /** Folder of the notebook: imports and relative paths start here. */
  readonly folder: string;
  readonly notebook?: string;
  readonly typeErrors: TypeErrors;
  /** Limit of the main thread's JavaScript heap. */
  readonly heapLimitBytes: number;
  readonly transport: { kind: 'socket'; path: string } | { kind: 'jupyter'; connectionFile: string };
}

/** A cell that is ready to run: the script's value is a `CellFunction`. */
export interface CompiledCell {
  /** Number of the cell in its file name `[cell N]`, which the stack frames carry. */
  readonly cell: number;
  readonly parent: string;
  readonly code: string;
  /** Names that the cell declares at its top level. */
  readonly names: readonly string[];
  /** Globals that the cell mentions and that are loaded on first use. */
  readonly uses: readonly LazyGlobal[];
  /** What its import declarations bind. */
  readonly imports: readonly ImportedName[];
  /** Local modules were edited: what earlier cells imported from them is taken anew. */
  readonly reload: boolean;
}

/** Globals that cost too much to load before a cell asks for them. */
export const lazyGlobals = ['llmops', 'aq'] as const;
export type LazyGlobal = (typeof lazyGlobals)[number];

/** Control thread -> main thread. */
export type ToMain =
  | { type: 'run'; cell: CompiledCell }
  /** The user interrupts: abort the cell's signal, then reject what its code awaits. */
  | { type: 'abort' }
  /** The cell was settled without its doing: take no more from it. */
  | { type: 'forget'; cell: number }
  /** JavaScript was ended from outside; `whileLoading`: a module was being evaluated, and Node does not do that again. */
  | { type: 'ended'; whileLoading: boolean }
  /** `timer`: answer from a timer callback, to prove that timers still work. */
  | { type: 'ping'; id: number; timer: boolean }
  | { type: 'resolved'; id: number; found: LocalImport }
  | { type: 'unresolved'; id: number; error: ThrownError }
  | { type: 'input'; value?: string }
  | { type: 'comm'; message: CommMessage }
  | { type: 'rows'; parent: string; source: string; page: PageRequest }
  | { type: 'exit' };

/** Main thread -> control thread. */
export type FromMain =
  | { type: 'stream'; parent: string; name: 'stdout' | 'stderr'; text: string }
  | { type: 'display'; parent: string; displayId?: string; data: MimeBundle; metadata?: MimeBundle }
  | { type: 'update'; parent: string; displayId: string; data: MimeBundle; metadata?: MimeBundle }
  | { type: 'clear'; parent: string; wait: boolean }
  | { type: 'input'; parent: string; prompt: string; password: boolean }
  /** `%load`: the running cell's text is to become this. */
  | { type: 'cell_text'; parent: string; text: string }
  | { type: 'comm'; parent: string; message: CommMessage }
  | { type: 'done'; cell: number; outcome: CellOutcome }
  /** Thrown after its cell had finished, by a timer or an unawaited promise. */
  | { type: 'stray'; parent: string; error: ThrownError }
  | { type: 'pong'; id: number }
  /** Rows of a table on screen; null when it is not kept any more. */
  | { type: 'rows'; parent: string; rows: readonly TableRow[] | null }
  /** Asks where a local source file lies once it has been compiled. */
  | { type: 'resolve'; id: number; specifier: string; folder: string };

export interface CellOutcome {
  readonly data?: MimeBundle;
  readonly error?: ThrownError;
  /** True when the error is the interrupt itself. */
  readonly interrupted?: boolean;
  /** TypeScript types that values declare for themselves: variable -> type text. */
  readonly types?: Readonly<Record<string, string>>;
}

/** What a path in an import leads to. */
export type LocalImport =
  /** A file that Node loads by itself, or JSON. */
  | { kind: 'file'; url: string }
  /** A TypeScript module and those that it imports, compiled. */
  | { kind: 'source'; entry: string; modules: SourceModule[] };

/** A local TypeScript module, compiled to a `ModuleFunction`. */
export interface SourceModule {
  readonly file: string;
  /** Changes with the text of the module or of anything it imports. */
  readonly version: string;
  readonly code: string;
  /** Imports of other source modules: specifier -> file. */
  readonly imports: Readonly<Record<string, string>>;
  /** All other specifiers, left to Node. */
  readonly packages: readonly string[];
}

/** A thrown value in a form that crosses threads. Positions are in generated code until the control thread maps them. */
export interface ThrownError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly user: boolean;
  readonly offending?: string;
  /** Offset in the cell's TypeScript of the `await` that the error came out of, when the stack has no frame of the cell. */
  readonly awaitedAt?: number;
  readonly cause?: ThrownError;
}

/** What a compiled cell is given: its awaits, imports and `import.meta` go through these. */
export interface CellTools {
  /** `position`: offset of the await in the cell's TypeScript. */
  wait(value: unknown, position: number): unknown;
  iterate(values: AsyncIterable<unknown> | Iterable<unknown>, position: number): AsyncIterable<unknown>;
  import(specifier: unknown, options?: unknown): Promise<unknown>;
  readonly meta: ImportMeta;
}

/** A source module: fills `exports`; `require` gives modules that are loaded already. */
export type ModuleFunction = (
  tools: CellTools,
  exports: Record<string, unknown>,
  require: (specifier: string) => unknown,
) => Promise<void>;

export type CellFunction = (tools: CellTools) => Promise<unknown>;

/** Name under which `CellTools` are passed to a cell's function. */
export const toolsName = '__cell';
