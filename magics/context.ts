/** What a cell may show: a MIME bundle, as in the Jupyter messaging protocol. */
export type MimeBundle = Record<string, unknown>;

/** One output on screen that can be replaced in place. */
export interface Display {
  /** Replaces what this output shows. Updates may be coalesced; the last one always arrives. */
  update(data: MimeBundle): void;
}

/**
 * What a magic may touch of its surroundings. The kernel makes one per session; tests and scripts make their own.
 * Magics never import the kernel or `vscode`.
 */
export interface MagicContext {
  /** The notebook's folder: relative paths start here. */
  readonly folder: string;
  /** The notebook file, when there is one. */
  readonly notebook?: string;
  /** Where built entry points lie (`dist/`): the job worker is started from here. */
  readonly distFolder: string;
  /** Shows an output in the cell that is running. */
  display(data: MimeBundle): Display;
  /** Aborted when the user interrupts the running cell. Read it when work starts: each cell has its own. */
  readonly signal: AbortSignal;
}

/** Symbol under which a value says how it is displayed: a function that returns a MimeBundle (tslab and Deno honour it too). */
export const displaySymbol: unique symbol = Symbol.for('Jupyter.display') as never;

/** Symbol under which a handle says its TypeScript type, so that later cells are checked against it. */
export const typeSymbol: unique symbol = Symbol.for('llmops.type') as never;

/** MIME types that the clients render. */
export const mime = {
  text: 'text/plain',
  html: 'text/html',
  markdown: 'text/markdown',
  svg: 'image/svg+xml',
  vegaLite: 'application/vnd.vegalite.v5+json',
  /** Tabular Data Resource: a table that clients may page and sort. */
  table: 'application/vnd.dataresource+json',
  /** `{text, fraction, job}`, for clients that show progress in a place of their own (VS Code: the cell's status bar). */
  progress: 'application/vnd.llmops.progress+json',
} as const;
