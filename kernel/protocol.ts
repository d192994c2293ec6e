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
    }
  | { id: string; method: 'complete'; cellId: string; code: string; offset: number }
  | { id: string; method: 'inspect'; cellId: string; code: string; offset: number }
  /** `earlier`: the code cells above, run or not. A name that one of them declares is not unknown. */
  | { id: string; method: 'diagnose'; cellId: string; code: string; earlier?: string[] }
  | { id: string; method: 'is_complete'; code: string }
  | { id: string; method: 'input_reply'; value: string }
  /** Stops the running cell and everything queued behind it; variables stay. */
  | { id: string; method: 'interrupt' }
  | { id: string; method: 'shutdown' };

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
      | ({ type: 'error' } & CellError)
      | { type: 'completions'; start: number; end: number; items: Completion[] }
      | { type: 'inspection'; start: number; end: number; markdown: string | null }
      | { type: 'diagnostics'; diagnostics: CellDiagnostic[] }
      | { type: 'completeness'; status: 'complete' | 'incomplete' | 'invalid' | 'unknown'; indent?: string }
      | { type: 'finished'; status: 'ok' | 'error' | 'interrupted'; executionCount: number; durationMs: number }
    ))
  /** The main thread could not be stopped without losing state: the client should offer a restart. */
  | { type: 'unresponsive'; reason: string };

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
