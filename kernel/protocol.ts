import type { TableRow } from '../magics/charts/table-order.ts';
import type { PageRequest } from '../magics/charts/table-pages.ts';

/**
 * The kernel's own protocol, spoken as one JSON object per line over a local socket (VS Code) and mapped to
 * Jupyter messages by the Jupyter transport. A client sends requests; the kernel answers each with a stream of
 * events that carry the request's id and end with exactly one `finished`.
 * Positions are zero-based UTF-16 offsets into the cell's own text, as the user typed it.
 */
export type Request =
  /** `stopOnError`: when the cell fails, what is queued behind it is not run. */
  | {
      id: string;
      method: 'execute';
      cellId: string;
      code: string;
      silent?: boolean;
      storeHistory?: boolean;
      stopOnError?: boolean;
      /** Overrides what the kernel was started with. */
      typeErrors?: TypeErrors;
      /**
       * The client cannot underline: type errors that do not keep the cell from running are told on stderr, before the cell
       * is finished (which waits for them then) or in the next pause.
       */
      tellTypeErrors?: 'before it is finished' | 'in a pause';
      /** Evaluated in the notebook when the cell has succeeded: name -> TypeScript. */
      userExpressions?: Record<string, string>;
    }
  | (CellQuestion & { method: 'complete'; offset: number })
  /** More about one of the completions at `offset`. */
  | (CellQuestion & { method: 'complete_detail'; offset: number; label: string })
  /** `source`: with the text of what is declared. */
  | (CellQuestion & { method: 'inspect'; offset: number; source?: boolean })
  | (CellQuestion & { method: 'signature'; offset: number })
  | (CellQuestion & { method: 'definition'; offset: number })
  /** References and renames reach all cells of the notebook that see the name's declaration. */
  | (CellQuestion & { method: 'references'; offset: number })
  | (CellQuestion & { method: 'rename'; offset: number; newName: string })
  /** Mends for the errors between `start` and `end`. */
  | (CellQuestion & { method: 'actions'; start: number; end: number })
  | (CellQuestion & { method: 'format'; tabSize: number; insertSpaces: boolean })
  | (CellQuestion & { method: 'diagnose' })
  | { id: string; method: 'is_complete'; code: string }
  /** Without a value: nobody can be asked. Has no answer of its own. */
  | { id: string; method: 'input_reply'; value?: string }
  /** A client's part of a conversation with code in cells. Has no answer of its own. */
  | { id: string; method: 'comm'; message: CommMessage }
  /** Rows of a table on screen: `source` is its name in the table's resource. Answered between two turns of a cell's code. */
  | { id: string; method: 'rows'; source: string; page: PageRequest }
  /** Stops the running cell and everything queued behind it; variables stay. */
  | { id: string; method: 'interrupt' }
  | { id: string; method: 'shutdown' };

/**
 * What a type error does: `warn` shows it while the cell is written, and keeps jobs from starting; `block` keeps every cell
 * from running; `off` does nothing.
 */
export const typeErrorModes = ['warn', 'block', 'off'] as const;
export type TypeErrors = (typeof typeErrorModes)[number];

/** A code cell of the notebook as the client has it now. */
export interface CellText {
  cellId: string;
  code: string;
}

/**
 * A question about a cell. `earlier` and `later` are the code cells above and below it, run or not: names are looked up in
 * the cells above, from the nearest on, then in whatever has run.
 */
export interface CellQuestion extends CellText {
  id: string;
  earlier?: CellText[];
  later?: CellText[];
}

export type KernelEvent =
  /** Sent once, without a parent, when cells can be run. */
  | { type: 'ready'; version: string; pid: number; node: string }
  | ({ parent: string } & (
      | { type: 'busy'; executionCount: number }
      | { type: 'stream'; name: 'stdout' | 'stderr'; text: string }
      | { type: 'display'; displayId?: string; data: Record<string, unknown>; metadata?: Record<string, unknown> }
      | { type: 'update_display'; displayId: string; data: Record<string, unknown>; metadata?: Record<string, unknown> }
      | { type: 'result'; executionCount: number; data: Record<string, unknown>; metadata?: Record<string, unknown> }
      | { type: 'clear_output'; wait: boolean }
      | { type: 'input_request'; prompt: string; password: boolean }
      /** `%load`: the client puts this text in the place of the cell's. */
      | { type: 'cell_text'; text: string }
      | ({ type: 'error' } & CellError)
      | { type: 'completions'; start: number; end: number; items: Completion[] }
      | { type: 'inspection'; start: number; end: number; markdown: string | null }
      | { type: 'signatures'; signatures: Signature[]; active: number; parameter: number }
      | { type: 'locations'; locations: Location[] }
      | { type: 'edits'; edits: CellEdit[] }
      | { type: 'actions'; actions: CellAction[] }
      | { type: 'diagnostics'; diagnostics: CellDiagnostic[] }
      | { type: 'completeness'; status: 'complete' | 'incomplete' | 'invalid' | 'unknown'; indent?: string }
      | { type: 'expressions'; values: Record<string, ExpressionValue> }
      | { type: 'comm'; message: CommMessage }
      /** Null: the table is not kept any more. */
      | { type: 'rows'; rows: readonly TableRow[] | null }
      | { type: 'finished'; status: 'ok' | 'error' | 'interrupted'; executionCount: number; durationMs: number }
    ))
  /** The main thread could not be stopped without losing state: the client should offer a restart. */
  | { type: 'unresponsive'; reason: string; request: string };

/** A message of a comm: a conversation between a cell's code and a client, as Jupyter's widgets have them. */
export interface CommMessage {
  action: 'open' | 'message' | 'close';
  commId: string;
  /** What the receiver looks up when a comm is opened. */
  target?: string;
  data: unknown;
  metadata?: Record<string, unknown>;
  buffers?: Uint8Array[];
}

/** What became of one of `userExpressions`. */
export type ExpressionValue = { data: Record<string, unknown> } | { error: CellError };

export interface CellError {
  /** Class of the error: `TypeError`, `UserError`, ... */
  name: string;
  message: string;
  /** Lines for people: a code frame in the cell's own lines, then (for unexpected errors) the stack in cell terms. */
  traceback: string[];
  /** Where in the cell, when known. */
  start?: number;
  end?: number;
  /** True for mistakes the user can mend: clients show no stack. */
  user?: boolean;
}

export interface Completion {
  label: string;
  /** Text to insert when it is not the label. */
  insert?: string;
  kind:
    | 'magic'
    | 'option'
    | 'record'
    | 'file'
    | 'variable'
    | 'function'
    | 'method'
    | 'property'
    | 'class'
    | 'interface'
    | 'module'
    | 'keyword'
    | 'text';
  detail?: string;
  documentation?: string;
}

export interface CellDiagnostic {
  start: number;
  end: number;
  severity: 'error' | 'warning' | 'suggestion';
  code: number | string;
  message: string;
}

/** One way to call a function; `documentation` is Markdown. */
export interface Signature {
  label: string;
  documentation?: string;
  parameters: { label: string; documentation?: string }[];
}

/** A place in a cell, or in a file; lines and characters (UTF-16) count from 0. */
export interface Location {
  cellId?: string;
  file?: string;
  start: Position;
  end: Position;
}

export interface Position {
  line: number;
  character: number;
}

/** A replacement in a cell, by offsets in its text. */
export interface CellEdit {
  cellId: string;
  start: number;
  end: number;
  text: string;
}

/** A mend that the client may offer. */
export interface CellAction {
  title: string;
  edits: CellEdit[];
}
