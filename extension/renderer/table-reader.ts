import type { TableRow } from '../../magics/charts/table-order.ts';
import type { PageRequest } from '../../magics/charts/table-pages.ts';
import type { TableResource } from '../../magics/charts/table-resource.ts';
import type { PageQuestion, PageReply } from './page-messages.ts';
import { sortRows } from './table-rows.ts';

/** Asks the kernel for rows of a table; null when it has gone. */
export type AskKernel = (source: string, page: PageRequest) => Promise<readonly TableRow[] | null>;

/** The rows of one table: those of the notebook, and the others while the kernel lives. */
export interface TableReader {
  /** Rows that can be turned to. */
  readonly available: number;
  /** True once the kernel turned out to have gone: only the notebook's own rows are left. */
  readonly isCut: boolean;
  read(page: PageRequest): Promise<readonly TableRow[]> | readonly TableRow[];
}

/** What a renderer has of VS Code; without messaging only the notebook's rows are shown. */
export interface Messaging {
  postMessage?(message: unknown): void;
  onDidReceiveMessage?(listen: (message: unknown) => void): unknown;
}

export function createKernelQuestions({ postMessage, onDidReceiveMessage }: Messaging): AskKernel | undefined {
  if (postMessage === undefined || onDidReceiveMessage === undefined) return undefined;
  const waiting = new Map<string, (rows: readonly TableRow[] | null) => void>();
  onDidReceiveMessage((message) => {
    const { id, rows } = message as PageReply;
    waiting.get(id)?.(rows);
    waiting.delete(id);
  });
  return (source, page) =>
    new Promise((resolve) => {
      const question: PageQuestion = { id: crypto.randomUUID(), source, page };
      waiting.set(question.id, resolve);
      postMessage(question);
    });
}

export function createTableReader({ data, rowCount, source }: TableResource, ask: AskKernel | undefined): TableReader {
  const isWhole = data.length === rowCount;
  let isCut = false;
  const own = ({ first, count, sorting }: PageRequest) => sortRows(data, sorting).slice(first, first + count);
  const reader = {
    get available() {
      return source === undefined || ask === undefined || isCut ? data.length : rowCount;
    },
    get isCut() {
      return isCut;
    },
    read(page: PageRequest) {
      const isHere = isWhole || (page.sorting === undefined && page.first + page.count <= data.length);
      if (isHere || source === undefined || ask === undefined || isCut) return own(page);
      return ask(source, page).then((rows) => {
        if (rows !== null) return rows;
        isCut = true;
        return own(page);
      });
    },
  };
  return reader;
}
